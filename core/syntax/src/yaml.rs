//! Text to [`Node`]s: events from the parser, meaning from YAML 1.1 as PyYAML and so Ansible read it.
//!
//! Dates stay text, aliases share what they name, and a file that would unfold without end is refused.
//! Templates and encrypted values are only carried.

mod composer;
mod entries;
mod explain;
mod indent;
mod line;
mod number;
mod resolve;
mod tag;

use std::sync::Arc;

use crate::{Diagnostic, Node, NodeKind, Source, Span, Tag};
use composer::Composer;

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
    if u32::try_from(source.text.len()).is_err() {
        let start = Span::new(source, 0, 0);
        return Err(vec![Diagnostic::error("yaml::too-large", "the file is larger than 4 GiB", &start)]);
    }
    Composer::new(source).documents()
}

/// Returns the one document of a text and its warnings; an empty text is null.
///
/// More than one document is an error, as for playbooks and variable files.
pub fn parse_one(source: &Arc<Source>) -> Result<(Node, Vec<Diagnostic>), Vec<Diagnostic>> {
    let Parsed { documents, warnings } = parse(source)?;
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
