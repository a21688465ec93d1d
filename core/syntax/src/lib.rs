//! Text with positions: YAML as a tree of [`Node`]s that know where they stand, and [`Diagnostic`]s that show it.

mod diagnostic;
mod discreet;
mod harmless;
mod nearest;
mod node;
mod origin;
mod picture;
mod source;
mod text;
mod to_value;
mod yaml;

pub use diagnostic::{Diagnostic, Label, Severity};
pub use harmless::harmless;
pub use nearest::nearest;
pub use node::{Entry, Mapping, Node, NodeKind, Style, Tag};
pub use origin::origin;
pub use source::{Position, Source, Span};
pub use text::Text;
pub use to_value::to_value;
pub use yaml::{DuplicateKeys, Parsed, is_plain_text, parse, parse_data, parse_json, parse_one};
