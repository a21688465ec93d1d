//! What the classic mistakes look like, and what to do about them.
//!
//! The parser says where it stopped; these functions look at the text around that place for the mistake that people
//! make there.

use std::sync::Arc;

use granit_parser::{ErrorKind, ScanError};

use super::entries::Duplicate;
use super::indent::tab_error;
use super::line::{Line, indentation_of};
use crate::{Diagnostic, Node, Source, Span};

/// Returns the parser's error in the words of someone who has seen it before.
pub(super) fn scan_error(source: &Arc<Source>, error: &ScanError) -> Diagnostic {
    let marker = error.marker();
    let at = marker.byte_offset().unwrap_or(source.text.len()).min(source.text.len());
    let place = Place { source, at };
    tab(&place, error.kind())
        .or_else(|| template(&place, error.kind()))
        .or_else(|| by_kind(&place, error.kind()))
        .unwrap_or_else(|| Diagnostic::error("yaml::syntax", generic(error.kind()), &place.here(1)))
}

/// Returns the error for a list or mapping that stands where a key is expected.
pub(super) fn complex_key(key: &Node) -> Diagnostic {
    let source = &key.span.source;
    let place = Place { source, at: key.span.start as usize };
    if let Some(template) = place.template() {
        return unquoted_template(&template);
    }
    Diagnostic::error(
        "yaml::complex-key",
        format!("a key must be text or a number, not {}", key.describe()),
        &key.span,
    )
    .help("quote the key if the bracket is part of it")
}

/// Returns the warning for a key that is there twice.
pub(super) fn duplicate_key(found: &Duplicate) -> Diagnostic {
    let name = found.second.as_str().unwrap_or("this");
    Diagnostic::warning(
        "yaml::duplicate-key",
        format!("Found duplicate mapping key '{name}': the last one wins"),
        &found.second.span,
    )
    .and(&found.first.span, "the value here is lost")
    .help("remove one of the two")
}

#[derive(Clone, Copy)]
struct Place<'a> {
    source: &'a Arc<Source>,
    at: usize,
}

impl<'a> Place<'a> {
    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start as u32, end.max(start) as u32)
    }

    /// Returns the place itself, `bytes` long but not beyond the line and never within a character.
    fn here(&self, bytes: usize) -> Span {
        let rest = self.source.text[self.at..].split(['\n', '\r']).next().unwrap_or("");
        let len = rest
            .char_indices()
            .map(|(i, c)| i + c.len_utf8())
            .find(|end| *end >= bytes)
            .unwrap_or(rest.len());
        self.span(self.at, self.at + len)
    }

    fn starts_with(&self, c: char) -> bool {
        self.source.text[self.at..].starts_with(c)
    }

    /// Returns the template that begins here or one character before, to the end of the value.
    fn template(&self) -> Option<Span> {
        let text = &self.source.text;
        let start = if text[..self.at].ends_with('{') { self.at - 1 } else { self.at };
        let close = match text.get(start..start + 2)? {
            "{{" => "}}",
            "{%" => "%}",
            _ => return None,
        };
        let line = Line::around(text, start);
        let rest = &line.text[start - line.start..];
        let end = if line.value_start() == Some(start - line.start) {
            rest.find(" #").map_or(rest, |comment| &rest[..comment]).trim_end().len()
        } else {
            rest.find(close).map_or(rest.len(), |at| at + 2)
        };
        Some(self.span(start, start + end))
    }

    fn line(&self) -> Line<'a> {
        Line::around(&self.source.text, self.at)
    }
}

fn tab(place: &Place<'_>, kind: &ErrorKind) -> Option<Diagnostic> {
    let about_tabs = matches!(
        kind,
        ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabNotAllowed
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::UnexpectedCharacter { character: '\t' }
    );
    if !about_tabs {
        return None;
    }
    let mut line = place.line();
    loop {
        if let Some(tab) = indentation_of(line.text).find('\t') {
            let start = line.start + tab;
            return Some(tab_error(&place.span(start, start + 1)));
        }
        line = line.next(&place.source.text)?;
    }
}

/// `key: {{ x }}/y` stops the parser at `/`; `{{ x }}` alone is found as a key that is a mapping.
fn template(place: &Place<'_>, kind: &ErrorKind) -> Option<Diagnostic> {
    let relevant = matches!(
        kind,
        ErrorKind::ExpectedBlockMappingKey
            | ErrorKind::ExpectedBlockSequenceEntry
            | ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::ExpectedFlowSequenceSeparator
            | ErrorKind::ExpectedNodeContent
            | ErrorKind::UnclosedFlowCollection { .. }
            | ErrorKind::MismatchedFlowCollectionEnd { .. }
            | ErrorKind::UnexpectedEofFlowMapping
            | ErrorKind::UnexpectedEofImplicitFlowMapping
            | ErrorKind::MappingValueNotAllowed
            | ErrorKind::FlowMappingValueAdjacentCollection
            | ErrorKind::InvalidColonPlacement
            | ErrorKind::UnexpectedCharacter { character: '%' }
    );
    if !relevant {
        return None;
    }
    let line = place.line();
    let content = line.content_start();
    if line.text[content..].starts_with("{%") {
        let start = line.start + content;
        return Some(
            Diagnostic::error(
                "yaml::template-block",
                "a template's `{% %}` cannot stand around YAML",
                &place.span(start, start + 2),
            )
            .help("use `when` or `loop`, or put the block into a quoted value"),
        );
    }
    let value = line.start + line.value_start()?;
    (Place { at: value, ..*place }).template().map(|span| unquoted_template(&span))
}

fn unquoted_template(span: &Span) -> Diagnostic {
    let written = span.source.text.get(span.start as usize..span.end as usize).unwrap_or("{{ ... }}");
    let quoted = if written.contains('"') { format!("'{written}'") } else { format!("\"{written}\"") };
    Diagnostic::error("yaml::unquoted-template", "a value that begins with `{{` needs quotes", span)
        .label("YAML reads this `{` as a mapping")
        .help(format!("write {quoted}, with quotes around the whole value"))
}

fn by_kind(place: &Place<'_>, kind: &ErrorKind) -> Option<Diagnostic> {
    use ErrorKind as K;
    match kind {
        K::UnexpectedCharacter { character } => Some(character_error(place, *character)),
        K::MappingValueNotAllowed | K::InvalidColonPlacement => colon(place),
        K::BlockSequenceEntryNotAllowed => Some(list_on_key_line(place)),
        K::InvalidTrailingSingleQuotedScalar | K::InvalidTrailingDoubleQuotedScalar => {
            Some(after_quotes(place))
        }
        K::SimpleKeyExpected | K::InvalidSimpleKey => {
            missing_space(place).or_else(|| partly_quoted(place)).or_else(|| no_colon(place))
        }
        K::ExpectedBlockMappingKey | K::ExpectedBlockSequenceEntry | K::InvalidIndentation => {
            partly_quoted(place).or_else(|| missing_space(place)).or_else(|| indentation(place, kind))
        }
        K::ExpectedDocumentStart => missing_space(place),
        K::MisplacedFlowCollectionEnd => Some(bracket(place)),
        K::UnexpectedEofBlockMapping if place.starts_with(',') => Some(character_error(place, ',')),
        K::UnclosedQuotedScalar => Some(
            Diagnostic::error("yaml::unclosed", "this quote is never closed", &place.here(1))
                .help("close it, or double a quote that belongs to the text"),
        ),
        K::UnclosedFlowCollection { open } => Some(
            Diagnostic::error("yaml::unclosed", format!("this `{open}` is never closed"), &place.here(1))
                .help("close it, or quote the value if the bracket belongs to the text"),
        ),
        K::MismatchedFlowCollectionEnd { open, close } => Some(Diagnostic::error(
            "yaml::unclosed",
            format!("this `{open}` is closed by `{close}`"),
            &place.here(1),
        )),
        K::UnknownQuotedScalarEscape => Some(escape(place)),
        K::RecursionLimitExceeded => {
            Some(Diagnostic::error("yaml::too-deep", "nested deeper than 200 levels", &place.here(1)))
        }
        _ => None,
    }
}

fn bracket(place: &Place<'_>) -> Diagnostic {
    let line = place.line();
    if line.value_start() == Some(place.at - line.start) {
        let character = place.source.text[place.at..].chars().next().unwrap_or('}');
        return character_error(place, character);
    }
    Diagnostic::error("yaml::unclosed", "this bracket closes nothing", &place.here(1))
        .help("remove it, or quote the value if the bracket belongs to the text")
}

fn character_error(place: &Place<'_>, character: char) -> Diagnostic {
    if character.is_control() {
        // The parser names the beginning of the text; the character is somewhere after it.
        let at = place.source.text[place.at..].find(character).map_or(place.at, |i| place.at + i);
        let span = place.span(at, at + character.len_utf8());
        let text = format!("the control character U+{:04X} is not allowed", u32::from(character));
        return Diagnostic::error("yaml::character", text, &span)
            .help("remove it, or write it as an escape in double quotes");
    }
    let line = place.line();
    let value = line.text[place.at - line.start..].trim_end();
    let text = match character {
        '`' => "a value cannot begin with a backtick".to_owned(),
        _ => format!("a value cannot begin with `{character}`"),
    };
    Diagnostic::error("yaml::character", text, &place.here(1))
        .help(format!("put the value in quotes: {}", quoted(value)))
}

/// A second `: ` on a line, a missing space in the line before, or a key that is indented below a finished value.
fn colon(place: &Place<'_>) -> Option<Diagnostic> {
    let line = place.line();
    if let Some(value) = line.value_start()
        && place.at > line.start + value
    {
        let text = line.text[value..].trim_end();
        return Some(
            Diagnostic::error("yaml::colon", "a value without quotes cannot contain `: `", &place.here(1))
                .label("YAML reads this as another key")
                .help(format!("put the value in quotes: {}", quoted(text))),
        );
    }
    let previous = line.previous(&place.source.text)?;
    if previous.value_start().is_none()
        && let Some(found) = missing_space_in(place, &previous)
    {
        return Some(found);
    }
    if let Some(open) = unclosed_in(place, &previous) {
        return Some(open);
    }
    let Some(key) = previous.key() else {
        return no_colon(&Place { at: previous.start, ..*place });
    };
    let start = line.start + line.content_start();
    Some(
        Diagnostic::error(
            "yaml::indentation",
            "this key is indented deeper than the one above it",
            &place.span(start, place.at),
        )
        .and(
            &place.span(previous.start + key.start, previous.start + key.end),
            "this key has a value already",
        )
        .help(format!("begin both in column {}", previous.column(key.start))),
    )
}

/// `key: [1` with the next key below.
fn unclosed_in(place: &Place<'_>, line: &Line<'_>) -> Option<Diagnostic> {
    let value = line.value_start()?;
    let text = &line.text[value..];
    let (open, close) = if text.starts_with('[') { ('[', ']') } else { ('{', '}') };
    if !text.starts_with(open) || text.matches(open).count() <= text.matches(close).count() {
        return None;
    }
    let at = Place { at: line.start + value, ..*place };
    Some(
        Diagnostic::error("yaml::unclosed", format!("this `{open}` is never closed"), &at.here(1))
            .help("close it, or quote the value if the bracket belongs to the text"),
    )
}

fn list_on_key_line(place: &Place<'_>) -> Diagnostic {
    Diagnostic::error("yaml::list", "a list cannot begin on the line of its key", &place.here(1)).help(
        "put each `- ` on a line of its own below the key, or quote the value if the `-` belongs to the text",
    )
}

fn after_quotes(place: &Place<'_>) -> Diagnostic {
    partly_quoted(place).unwrap_or_else(|| {
        Diagnostic::error("yaml::quotes", "text after the closing quote", &place.here(1)).help(QUOTE_ALL)
    })
}

const QUOTE_ALL: &str = "put quotes around the whole value, of the kind that it does not contain";

/// `path: "{{ dir }}"/file`
fn partly_quoted(place: &Place<'_>) -> Option<Diagnostic> {
    let line = place.line();
    let value = line.value_start()?;
    let text = line.text[value..].trim_end();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let close = 1 + text[1..].find(quote)?;
    let rest = text[close + 1..].trim_start();
    if rest.is_empty() || rest.starts_with(['#', ',', ']', '}', ':']) {
        return None;
    }
    let start = line.start + value + close + 1;
    Some(
        Diagnostic::error(
            "yaml::quotes",
            "text after the closing quote",
            &place.span(start, line.start + value + text.len()),
        )
        .and(&place.span(line.start + value, start), "the value ends here")
        .help(QUOTE_ALL),
    )
}

fn missing_space(place: &Place<'_>) -> Option<Diagnostic> {
    let line = place.line();
    missing_space_in(place, &line)
        .or_else(|| line.previous(&place.source.text).and_then(|previous| missing_space_in(place, &previous)))
}

/// `key:value` or `-item`.
fn missing_space_in(place: &Place<'_>, line: &Line<'_>) -> Option<Diagnostic> {
    if line.value_start().is_some() {
        return None;
    }
    let content = line.content_start();
    let text = line.text[content..].trim_end();
    if let Some(item) = text.strip_prefix('-')
        && item.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '\'' | '{'))
    {
        let start = line.start + content;
        return Some(
            Diagnostic::error(
                "yaml::space",
                "a list item needs a space after `-`",
                &place.span(start, start + 1),
            )
            .help(format!("write `- {item}`")),
        );
    }
    let (key, value) = text.split_once(':')?;
    if key.is_empty()
        || value.is_empty()
        || value.starts_with("//")
        || key.trim_matches(['"', '\'']).contains([' ', '"', '\'', '{', '['])
    {
        return None;
    }
    let at = line.start + content + key.len();
    Some(
        Diagnostic::error("yaml::space", "a key needs a space after its `:`", &place.span(at, at + 1))
            .help(format!("write `{key}: {value}`")),
    )
}

fn no_colon(place: &Place<'_>) -> Option<Diagnostic> {
    let line = place.line();
    let start = line.start + line.content_start();
    let end = line.start + line.text.trim_end().len();
    (start < end).then(|| {
        Diagnostic::error(
            "yaml::syntax",
            "expected `key: value`, found text without a `:`",
            &place.span(start, end),
        )
        .help("add the `: `, or quote the text above if this line belongs to it")
    })
}

fn indentation(place: &Place<'_>, kind: &ErrorKind) -> Option<Diagnostic> {
    let line = place.line();
    let content = line.content_start();
    if line.start + content != place.at {
        return None;
    }
    let wanted = if *kind == ErrorKind::ExpectedBlockSequenceEntry { "a list item" } else { "a key" };
    let mut found = Diagnostic::error(
        "yaml::indentation",
        format!("expected {wanted} here: the indentation fits nothing above"),
        &place.here(1),
    );
    let mut previous = line.previous(&place.source.text);
    let mut columns = Vec::new();
    while let Some(above) = previous {
        let column = above.column(above.content_start());
        if columns.last().is_none_or(|last| column < *last) {
            columns.push(column);
        }
        previous = if column == 1 { None } else { above.previous(&place.source.text) };
    }
    let own = line.column(content);
    if let Some(nearest) = columns.iter().min_by_key(|c| c.abs_diff(own)).filter(|c| **c != own) {
        found = found.help(format!(
            "this line begins in column {own}; the nearest one above begins in column {nearest}"
        ));
    } else {
        found = found.help("a list and a mapping cannot stand side by side: indent one of the two");
    }
    Some(found)
}

fn escape(place: &Place<'_>) -> Diagnostic {
    let text = &place.source.text;
    let mut chars = text[place.at..].char_indices().skip(1).peekable();
    while let Some((offset, c)) = chars.next() {
        if c != '\\' {
            continue;
        }
        let Some((_, escaped)) = chars.next() else { break };
        if !"0abt\tnvfre \"/\\N_LPxuU\n\r".contains(escaped) {
            let start = place.at + offset;
            return Diagnostic::error(
                "yaml::escape",
                format!("`\\{escaped}` means nothing in double quotes"),
                &place.span(start, start + 1 + escaped.len_utf8()),
            )
            .help("use single quotes, where `\\` is an ordinary character, or write `\\\\`");
        }
    }
    Diagnostic::error("yaml::escape", "an unknown escape in double quotes", &place.here(1))
}

fn generic(kind: &ErrorKind) -> String {
    kind.to_string()
}

fn quoted(value: &str) -> String {
    if value.contains('"') || value.contains('\\') {
        format!("'{}'", value.replace('\'', "''"))
    } else {
        format!("\"{value}\"")
    }
}
