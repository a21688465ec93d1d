use crate::{Diagnostic, Span};

/// Returns an error when the indentation before this place holds a tab, which the parser lets pass in some places.
pub(super) fn tab_before(place: &Span) -> Option<Diagnostic> {
    let text = &place.source.text;
    let before = text.get(..place.start as usize)?;
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let indentation = &before[line..];
    let tab = indentation.find('\t')?;
    if !indentation.bytes().all(|b| b == b' ' || b == b'\t') {
        return None;
    }
    let start = (line + tab) as u32;
    Some(tab_error(&Span::new(&place.source, start, start + 1)))
}

/// Returns the error for a tab that stands where only spaces may.
pub(super) fn tab_error(tab: &Span) -> Diagnostic {
    Diagnostic::error("yaml::tab", "a tab in the indentation", tab)
        .label("this is a tab")
        .help("indent with spaces: YAML does not allow tabs")
}
