use serde::{Deserialize, Serialize};

use crate::{Map, Value};

/// What the engine asks of a module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The full name of the module.
    pub module: String,
    pub operation: Operation,
    /// The arguments after templating, under their main names.
    pub params: Map,
    /// The task runs in check mode: nothing will be changed.
    pub check_mode: bool,
    /// A before and after is wanted.
    pub diff: bool,
    /// How much the operator wants to know, 0 to 4 (`-v`).
    pub verbosity: u8,
    /// Facts about the run that a module may use: `inventory_hostname`, `remote_user`, `role_path`...
    #[serde(default)]
    pub about: Map,
}

/// The two questions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// "What would change?" Nothing may be written.
    Check,
    /// "Change it": what `Check` found is handed back.
    Apply { delta: Delta },
}

/// What a module would change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "delta", rename_all = "snake_case")]
pub enum Delta {
    /// It is already so. `result` holds the module's return keys.
    None {
        #[serde(default)]
        result: Map,
    },
    /// These would change. `result` holds the return keys that are known before the change; `state` is
    /// the module's own memory, handed to `apply` unread.
    Some {
        changes: Vec<Change>,
        #[serde(default)]
        result: Map,
        #[serde(default)]
        state: Value,
    },
    /// Only doing it can tell.
    Unknown {
        #[serde(default)]
        state: Value,
    },
}

/// One difference, as `--diff` shows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What it is about: a path, a key.
    pub what: String,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub before: Value,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub after: Value,
    /// Headers of a diff of texts, when they differ from `what`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_header: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_header: Option<String>,
}

/// What a module did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub changed: bool,
    /// The module's return keys, as `register` stores them.
    #[serde(default)]
    pub result: Map,
    /// What really changed, when it differs from the delta.
    #[serde(default)]
    pub changes: Vec<Change>,
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Facts about the host that later tasks see.
    #[serde(default)]
    pub facts: Map,
}

/// Why a module did not do its work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    /// What went wrong, in words an operator understands.
    pub msg: String,
    /// What to do next.
    #[serde(default)]
    pub remedy: Option<String>,
    /// The module's return keys, such as `rc` and `stderr`.
    #[serde(default)]
    pub result: Map,
}

/// How sure we are of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// It did not work.
    Failed,
    /// The arguments make no sense.
    Arguments,
    /// The host does not answer.
    Unreachable,
    /// It was started, and how it ended cannot be told.
    Unknown,
    /// The plugin broke: a bug in it.
    Panicked,
    Cancelled,
}

/// The answer to a [`Request`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    Delta(Delta),
    Outcome(Outcome),
    Failure(Failure),
}

impl Delta {
    /// It is already so.
    pub fn none() -> Self {
        Self::None { result: Map::new() }
    }

    /// It is already so; `result` (an object) holds the return keys.
    pub fn none_with(result: Value) -> Self {
        Self::None { result: into_map(result) }
    }

    /// Only doing it can tell.
    pub fn unknown() -> Self {
        Self::Unknown { state: Value::Null }
    }

    /// One thing would change.
    pub fn change(what: impl Into<String>, before: impl Into<Value>, after: impl Into<Value>) -> Self {
        let change =
            Change { what: what.into(), before: before.into(), after: after.into(), ..Change::default() };
        Self::changes(vec![change])
    }

    /// These would change.
    pub fn changes(changes: Vec<Change>) -> Self {
        Self::Some { changes, result: Map::new(), state: Value::Null }
    }

    /// Adds return keys (an object).
    pub fn with_result(mut self, more: Value) -> Self {
        if let Self::None { result } | Self::Some { result, .. } = &mut self {
            result.extend(into_map(more));
        }
        self
    }

    /// Adds what `apply` wants to find again.
    pub fn with_state(mut self, value: Value) -> Self {
        if let Self::Some { state, .. } | Self::Unknown { state } = &mut self {
            *state = value;
        }
        self
    }

    /// Returns what `check` left for `apply`; null when nothing.
    pub fn state(&self) -> &Value {
        match self {
            Self::Some { state, .. } | Self::Unknown { state } => state,
            Self::None { .. } => &Value::Null,
        }
    }
}

impl Outcome {
    /// Something changed; `result` (an object) holds the return keys.
    pub fn changed(result: Value) -> Self {
        Self { changed: true, result: into_map(result), ..Self::default() }
    }

    /// Nothing changed; `result` (an object) holds the return keys.
    pub fn unchanged(result: Value) -> Self {
        Self { changed: false, result: into_map(result), ..Self::default() }
    }
}

impl Failure {
    /// It did not work; `msg` tells an operator why.
    pub fn new(msg: impl Into<String>) -> Self {
        Self { kind: FailureKind::Failed, msg: msg.into(), remedy: None, result: Map::new() }
    }

    /// The arguments make no sense.
    pub fn arguments(msg: impl Into<String>) -> Self {
        Self { kind: FailureKind::Arguments, ..Self::new(msg) }
    }

    /// It was started, and how it ended cannot be told: the run stops for a human.
    pub fn unknown(msg: impl Into<String>) -> Self {
        Self { kind: FailureKind::Unknown, ..Self::new(msg) }
    }

    /// Says what to do next.
    pub fn remedy(mut self, text: impl Into<String>) -> Self {
        self.remedy = Some(text.into());
        self
    }

    /// Adds a return key.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.result.insert(key.to_owned(), value.into());
        self
    }

    /// Adds return keys.
    pub fn with_result(mut self, result: Map) -> Self {
        self.result.extend(result);
        self
    }
}

fn into_map(value: Value) -> Map {
    match value {
        Value::Object(map) => map,
        Value::Null => Map::new(),
        other => Map::from_iter([("value".to_owned(), other)]),
    }
}
