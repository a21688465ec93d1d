use switchover_syntax::{Node, NodeKind};

/// What the value of a keyword must look like. A template is accepted wherever a value can be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Whatever YAML can hold; the reader of the keyword looks closer.
    Any,
    /// A boolean, or text that Ansible reads as one.
    Bool,
    /// A number, also as text or with a percent sign.
    Number,
    /// A scalar that is used as text.
    Text,
    /// A text, or a list of texts.
    Texts,
    /// Texts separated by commas, or a list of texts.
    Tags,
    /// A list.
    List,
    /// A mapping.
    Mapping,
    /// A mapping, or a list of mappings.
    Mappings,
    /// An expression, a boolean, or a list of those.
    Conditions,
    /// A list of tasks, or nothing.
    Tasks,
    /// The name of a variable.
    Variable,
}

/// What Ansible reads as a boolean when it stands in quotes.
const BOOLEAN_TEXTS: [&str; 14] =
    ["y", "yes", "on", "1", "true", "t", "1.0", "n", "no", "off", "0", "false", "f", "0.0"];

impl Shape {
    /// Returns what is expected, for "expected ..., found ...".
    pub fn describe(self) -> &'static str {
        match self {
            Self::Any => "a value",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::Text => "text",
            Self::Texts | Self::Tags => "text or a list of texts",
            Self::List => "a list",
            Self::Mapping => "a mapping",
            Self::Mappings => "a mapping or a list of mappings",
            Self::Conditions => "a condition or a list of conditions",
            Self::Tasks => "a list of tasks",
            Self::Variable => "the name of a variable",
        }
    }

    /// Returns the first node in the value that does not fit, if one does not.
    pub fn misfit(self, node: &Node) -> Option<&Node> {
        match self {
            Self::Texts | Self::Tags | Self::Conditions => match node.as_sequence() {
                Some(items) => items.iter().find(|item| !is_scalar(item)),
                None => (!is_scalar(node) && !self.accepts_null(node)).then_some(node),
            },
            Self::Mappings => match node.as_sequence() {
                Some(items) => items.iter().find(|item| item.as_mapping().is_none() && !is_template(item)),
                None => (!self.accepts(node)).then_some(node),
            },
            _ => (!self.accepts(node)).then_some(node),
        }
    }

    fn accepts(self, node: &Node) -> bool {
        use NodeKind as K;
        if is_template(node) {
            return !matches!(self, Self::Tasks | Self::Variable);
        }
        match (self, &node.kind) {
            (Self::Any, _) | (Self::Bool, K::Bool(_)) | (Self::Number, K::Int(_) | K::Float(_)) => true,
            (Self::Bool, K::Int(0 | 1)) => true,
            (Self::Bool, K::String { text, .. }) => {
                BOOLEAN_TEXTS.contains(&text.trim().to_ascii_lowercase().as_str())
            }
            (Self::Number, K::String { text, .. }) => {
                text.trim().trim_end_matches('%').parse::<f64>().is_ok()
            }
            (Self::Text, K::String { .. } | K::Int(_) | K::Float(_) | K::Bool(_)) => true,
            (Self::Variable, K::String { .. }) => true,
            (Self::List | Self::Tasks, K::Sequence(_)) => true,
            (Self::Mapping | Self::Mappings, K::Mapping(_)) => true,
            (_, K::Null) => self.accepts_null(node),
            _ => false,
        }
    }

    /// Ansible takes a keyword that was left empty as one that is not there, except for tags and names.
    fn accepts_null(self, node: &Node) -> bool {
        node.is_null() && !matches!(self, Self::Tags | Self::Variable)
    }
}

/// Returns whether this is text that holds a template.
pub(crate) fn is_template(node: &Node) -> bool {
    node.as_str().is_some_and(|text| text.contains("{{") || text.contains("{%"))
}

fn is_scalar(node: &Node) -> bool {
    use NodeKind as K;
    matches!(node.kind, K::Bool(_) | K::Int(_) | K::Float(_) | K::String { .. })
}
