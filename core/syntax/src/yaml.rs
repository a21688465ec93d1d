//! Text to [`Node`]s: events from the parser, meaning from YAML 1.1 as PyYAML and so Ansible read it.
//!
//! Dates stay text, aliases share what they name, and a file that would unfold without end is refused.
//! Templates and encrypted values are only carried.

mod composer;
mod duplicates;
mod entries;
mod explain;
mod indent;
mod line;
mod number;
mod resolve;
mod tag;

use std::sync::Arc;

use crate::{Diagnostic, Node, NodeKind, Source, Span, Tag};
use composer::{Composer, Schema};

pub use duplicates::DuplicateKeys;
pub use resolve::is_plain_text;

/// What a text holds: its documents in order, and what is odd about it but allowed.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    pub documents: Vec<Node>,
    pub warnings: Vec<Diagnostic>,
}

/// Returns all documents of a text, or everything that is wrong with it.
///
/// An empty text has no documents. Errors of grammar end the reading, so there is one of these at most.
pub fn parse(source: &Arc<Source>) -> Result<Parsed, Vec<Diagnostic>> {
    compose(source, Schema::Yaml)
}

fn compose(source: &Arc<Source>, schema: Schema) -> Result<Parsed, Vec<Diagnostic>> {
    if u32::try_from(source.text.len()).is_err() {
        let start = Span::new(source, 0, 0);
        return Err(vec![Diagnostic::error("yaml::too-large", "the file is larger than 4 GiB", &start)]);
    }
    Composer::new(source, schema).documents()
}

/// Returns the one document of a text and its warnings; an empty text is null.
///
/// More than one document is an error, as for playbooks and variable files.
pub fn parse_one(source: &Arc<Source>) -> Result<(Node, Vec<Diagnostic>), Vec<Diagnostic>> {
    one(source, parse(source)?)
}

/// Returns the one document of a JSON text, and warnings about keys that are there twice.
pub fn parse_json(source: &Arc<Source>) -> Result<(Node, Vec<Diagnostic>), Vec<Diagnostic>> {
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&source.text) {
        let start = source.line_start(error.line() as u32) as usize + error.column().saturating_sub(1);
        let at = source.text.floor_char_boundary(start.min(source.text.len())) as u32;
        let text = error.to_string();
        let text = text.split(" at line ").next().unwrap_or_default().to_owned();
        return Err(vec![Diagnostic::error("json::syntax", text, &Span::new(source, at, at))]);
    }
    one(source, compose(source, Schema::Json)?)
}

/// Returns the one document of a text that is JSON or YAML: what reads as JSON is JSON, as in Ansible.
pub fn parse_data(source: &Arc<Source>) -> Result<(Node, Vec<Diagnostic>), Vec<Diagnostic>> {
    let json = source.text.trim_start().starts_with(['{', '[']);
    if json && serde_json::from_str::<serde::de::IgnoredAny>(&source.text).is_ok() {
        return one(source, compose(source, Schema::Json)?);
    }
    parse_one(source)
}

fn one(source: &Arc<Source>, parsed: Parsed) -> Result<(Node, Vec<Diagnostic>), Vec<Diagnostic>> {
    let Parsed { documents, warnings } = parsed;
    let mut documents = documents.into_iter();
    let first = documents.next().unwrap_or_else(|| Node {
        span: Span::new(source, 0, 0),
        tag: Tag::None,
        kind: NodeKind::Null,
    });
    match documents.next() {
        None => Ok((first, warnings)),
        Some(second) => Err(vec![
            Diagnostic::error(
                "yaml::several-documents",
                "expected one document, found another",
                &second.span,
            )
            .label("the second document")
            .and(&first.span, "the first document")
            .help("remove the `---` between them, or put the second into a file of its own"),
        ]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_as_json_is_json() {
        let number = |text: &str| {
            let root = parse_data(&Source::new("x", text)).unwrap().0;
            root.as_mapping().and_then(|m| m.get("a")).unwrap().kind.clone()
        };
        assert!(matches!(number("{\"a\": 1e3}"), NodeKind::Float(v) if v == 1000.0));
        assert!(matches!(number("{a: 1e3}"), NodeKind::String { .. }));
        assert!(
            matches!(number("{\"a\":\t\"\\ud83d\\ude00\"}"), NodeKind::String { text, .. } if &*text == "😀")
        );
        let key = "k".repeat(3000);
        let text = format!("{{\"{key}\":1,\"a\":2}}");
        assert!(matches!(number(&text), NodeKind::Int(2)));
    }

    #[test]
    fn names_the_place_in_json() {
        let errors = parse_json(&Source::new("x", "{\n  \"a\": 1 2\n}")).unwrap_err();
        assert_eq!((errors[0].code, errors[0].labels[0].span.position().line), ("json::syntax", 2));
    }
}
