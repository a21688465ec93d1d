//! Text with positions: YAML as a tree of [`Node`]s that know where they stand, and [`Diagnostic`]s that show it.

mod diagnostic;
mod node;
mod source;
mod yaml;

pub use diagnostic::{Diagnostic, Label, Severity};
pub use node::{Entry, Mapping, Node, NodeKind, Style, Tag};
pub use source::{Position, Source, Span};
pub use yaml::{Parsed, is_plain_text, parse, parse_one};
