use switchover_syntax::{Node, NodeKind, Tag};
use switchover_values::{Stored, to_json};

/// A value to be printed: what the author wrote, before any template is rendered.
pub(super) enum Shown {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    /// A text that is never a template: only JSON marks it.
    Unsafe(String),
    List(Vec<Self>),
    Map(Vec<(Self, Self)>),
}

impl Shown {
    pub(super) fn of(stored: &Stored) -> Self {
        match stored {
            Stored::Author(node) => Self::node(node),
            Stored::Data(value) => Self::json(&to_json(value)),
        }
    }

    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(super) fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        Self::List(texts.map(Self::text).collect())
    }

    fn node(node: &Node) -> Self {
        match &node.kind {
            NodeKind::Null => Self::Null,
            NodeKind::Bool(value) => Self::Bool(*value),
            NodeKind::Int(value) => Self::Int(i128::from(*value)),
            NodeKind::Float(value) => Self::Float(*value),
            NodeKind::String { text, .. } => match node.tag {
                Tag::None => Self::text(text),
                Tag::Unsafe => Self::Unsafe(text.to_string()),
                Tag::Vault => Self::Map(vec![(Self::text("__ansible_vault"), Self::text(text))]),
            },
            NodeKind::Sequence(items) => Self::List(items.iter().map(Self::node).collect()),
            NodeKind::Mapping(mapping) => Self::Map(
                mapping.entries.iter().map(|e| (Self::node(&e.key), Self::node(&e.value))).collect(),
            ),
        }
    }

    /// Returns the value as JSON; keys that are no text become text.
    pub(super) fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Int(value) => i64::try_from(*value).map_or_else(|_| value.to_string().into(), Value::from),
            Self::Float(value) => (*value).into(),
            Self::Text(text) | Self::Unsafe(text) => text.as_str().into(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(entries) => {
                let key = |key: &Self| match key.to_json() {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                Value::Object(entries.iter().map(|(k, v)| (key(k), v.to_json())).collect())
            }
        }
    }

    fn json(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(value), _) => Self::Int(i128::from(value)),
                (None, Some(value)) => Self::Int(i128::from(value)),
                (None, None) => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => Self::text(text),
            Value::Array(items) => Self::List(items.iter().map(Self::json).collect()),
            Value::Object(map) => {
                Self::Map(map.iter().map(|(k, v)| (Self::text(k), Self::json(v))).collect())
            }
        }
    }
}
