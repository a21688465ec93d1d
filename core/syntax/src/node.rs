use std::sync::Arc;

use crate::Span;

/// A YAML value that knows where it stands. Cheap to clone: collections are shared.
#[derive(Clone, Debug)]
pub struct Node {
    pub span: Span,
    pub tag: Tag,
    pub kind: NodeKind,
}

/// What a node holds, after YAML 1.1's rules for plain scalars (`yes`, `0644`, `12:30:45`).
#[derive(Clone, Debug)]
pub enum NodeKind {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    String { text: Arc<str>, style: Style },
    Sequence(Arc<[Node]>),
    Mapping(Arc<Mapping>),
}

/// The tags that mean something here; others are errors at load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tag {
    #[default]
    None,
    /// `!unsafe`: never a template.
    Unsafe,
    /// `!vault` and `!vault-encrypted`: the text is an encrypted value.
    Vault,
}

/// How a string was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    Quoted,
    Block,
}

/// One `key: value` of a mapping. Keys of playbooks are strings, those of data may be anything scalar.
#[derive(Clone, Debug)]
pub struct Entry {
    pub key: Node,
    pub value: Node,
}

/// A mapping in the order in which it was written, without duplicate keys (the last one wins, with a warning).
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    pub entries: Vec<Entry>,
}

impl Mapping {
    /// Returns the value of a string key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Returns key and value of a string key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key.as_str() == Some(key))
    }
}

impl Node {
    /// Returns the text when this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::String { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Returns the items when this is a sequence.
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.kind {
            NodeKind::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the mapping when this is one.
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.kind {
            NodeKind::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// Returns whether this is null or was left empty.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, NodeKind::Null)
    }

    /// Returns what it is, for messages: "a list", "a mapping", "text", "a number"...
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            NodeKind::Null => "nothing",
            NodeKind::Bool(_) => "a boolean",
            NodeKind::Int(_) | NodeKind::Float(_) => "a number",
            NodeKind::String { .. } => "text",
            NodeKind::Sequence(_) => "a list",
            NodeKind::Mapping(_) => "a mapping",
        }
    }

    /// Returns a string node with the span of `self`, for values that are made from others.
    pub fn with_text(&self, text: &str) -> Self {
        Self {
            span: self.span.clone(),
            tag: Tag::None,
            kind: NodeKind::String { text: text.into(), style: Style::Quoted },
        }
    }
}
