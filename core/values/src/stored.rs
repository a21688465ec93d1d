use minijinja::Value;
use switchover_syntax::{Node, Span};

/// What is kept under a variable's name.
#[derive(Clone, Debug)]
pub enum Stored {
    /// Text the author wrote: strings in it are templates, unless tagged `!unsafe`.
    Author(Node),
    /// What a host, a command or a file answered: never a template, at any depth.
    Data(Value),
}

impl Stored {
    /// Returns where the author wrote this; data has no place.
    pub fn span(&self) -> Option<&Span> {
        match self {
            Self::Author(node) => Some(&node.span),
            Self::Data(_) => None,
        }
    }
}

impl From<Node> for Stored {
    fn from(node: Node) -> Self {
        Self::Author(node)
    }
}

impl From<Value> for Stored {
    fn from(value: Value) -> Self {
        Self::Data(value)
    }
}
