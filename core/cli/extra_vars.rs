use std::sync::Arc;

use switchover_model::{Pair, split_key_values};
use switchover_syntax::{Diagnostic, Entry, Mapping, Node, NodeKind, Source, Span, Style, Tag, parse_data};

use crate::config::expanded;
use crate::session::Decrypting;

/// Reads `-e` options in their order; later ones win.
pub fn read(options: &[String], files: &Decrypting) -> Result<Arc<Mapping>, Vec<Diagnostic>> {
    let mut all = Mapping::default();
    for option in options {
        for entry in read_one(option, files)? {
            match all.entries.iter_mut().find(|known| known.key.as_str() == entry.key.as_str()) {
                Some(known) => *known = entry,
                None => all.entries.push(entry),
            }
        }
    }
    Ok(Arc::new(all))
}

fn read_one(option: &str, files: &Decrypting) -> Result<Vec<Entry>, Vec<Diagnostic>> {
    if let Some(path) = option.strip_prefix('@') {
        let file = expanded(path);
        let text = files.read(&file).map_err(|error| vec![unreadable(option, path, &error)])?;
        return mapping(&Source::new(file, text));
    }
    let source = Source::new("<extra vars>", option);
    if option.trim_start().starts_with(['{', '[']) || option.starts_with("---") {
        return mapping(&source);
    }
    key_values(&source, option)
}

fn key_values(source: &Arc<Source>, option: &str) -> Result<Vec<Entry>, Vec<Diagnostic>> {
    let node = |text: &str, start: usize, end: usize| Node {
        span: Span::new(source, start as u32, end as u32),
        tag: Tag::None,
        kind: NodeKind::String { text: text.into(), style: Style::Quoted },
    };
    let wrong = |message: String| {
        let span = Span::new(source, 0, option.len() as u32);
        let help = "write name=value, JSON or YAML in braces, or @FILE";
        vec![Diagnostic::error("options::extra-vars", message, &span).help(help)]
    };
    let split = split_key_values(option, false).map_err(|error| wrong(error.to_string()))?;
    if !split.rest.trim().is_empty() {
        return Err(wrong(format!("`{}` is no `name=value`", split.rest.trim())));
    }
    let entry = |pair: Pair| Entry {
        key: node(&pair.key, pair.range.start, pair.range.start + pair.key.len()),
        value: node(&pair.value, pair.range.start, pair.range.end),
    };
    Ok(split.pairs.into_iter().map(entry).collect())
}

fn mapping(source: &Arc<Source>) -> Result<Vec<Entry>, Vec<Diagnostic>> {
    let (node, _) = parse_data(source)?;
    match &node.kind {
        NodeKind::Mapping(mapping) => Ok(mapping.entries.clone()),
        NodeKind::Null => Ok(Vec::new()),
        _ => {
            let message = format!("extra variables must be a mapping, not {}", node.describe());
            Err(vec![Diagnostic::error("options::extra-vars", message, &node.span)])
        }
    }
}

fn unreadable(option: &str, path: &str, error: &std::io::Error) -> Diagnostic {
    let source = Source::new("<extra vars>", option);
    let span = Span::new(&source, 1, u32::try_from(option.len()).unwrap_or(u32::MAX));
    let code = match error.kind() {
        std::io::ErrorKind::NotFound => "options::no-such-file",
        _ => "options::extra-vars",
    };
    Diagnostic::error(code, format!("cannot read {path}: {error}"), &span)
}
