use switchover_protocol::{Failure, FailureKind, Map, ParamKind, ParamSpec, Value};

/// The arguments of a module, declared once. Use `#[derive(Params)]`.
pub trait Params: Sized {
    /// Returns every parameter with its documentation.
    fn specs() -> Vec<ParamSpec>;

    /// Reads the arguments of a task.
    fn parse(arguments: &Map) -> Result<Self, ArgumentError>;
}

/// A type that a parameter may have. Values are read as leniently as Ansible does.
pub trait ParamType: Sized {
    /// Whether a task must give it when there is no default.
    const REQUIRED: bool = true;

    /// Returns the type in Ansible's words.
    fn kind() -> ParamKind;

    /// Returns the only words allowed; empty when free.
    fn choices() -> &'static [&'static str] {
        &[]
    }

    /// Reads a value, or says what it must be ("must be a number").
    fn from_value(value: &Value) -> Result<Self, String>;

    /// Returns the value of an argument that was not given, if that is allowed.
    fn absent() -> Option<Self> {
        None
    }
}

/// An argument that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentError {
    pub name: String,
    pub problem: String,
}

impl std::fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "argument `{}` {}", self.name, self.problem)
    }
}

impl std::error::Error for ArgumentError {}

impl From<ArgumentError> for Failure {
    fn from(error: ArgumentError) -> Self {
        Self { kind: FailureKind::Arguments, ..Self::new(error.to_string()) }
    }
}

/// Reads one argument by its name or an alias; the derived code calls this.
pub fn argument<T: ParamType>(
    arguments: &Map,
    name: &str,
    aliases: &[&str],
    default: Option<Value>,
) -> Result<T, ArgumentError> {
    let given = std::iter::once(&name)
        .chain(aliases)
        .find_map(|name| arguments.get(*name))
        .filter(|value| !value.is_null())
        .cloned();
    let error = |problem: String| ArgumentError { name: name.to_owned(), problem };
    match given.or(default) {
        Some(value) => T::from_value(&value).map_err(error),
        None => T::absent().ok_or_else(|| error("is required".to_owned())),
    }
}
