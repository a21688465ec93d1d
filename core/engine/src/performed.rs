use switchover_journal::Status;
use switchover_protocol::{Change, Failure, FailureKind, Map, Outcome, Value};
use switchover_values::TemplateError;

use crate::state_change::StateChange;

/// What one attempt at a task gave, before `changed_when`, `failed_when` and `ignore_errors`.
#[derive(Debug)]
pub struct Performed {
    pub status: Status,
    pub result: Map,
    pub changes: Vec<Change>,
    pub warnings: Vec<String>,
    pub remedy: Option<String>,
    /// What the engine has to remember or do.
    pub effects: Vec<StateChange>,
    pub delegated: Option<String>,
}

impl Performed {
    /// Returns a result with this status and these keys.
    pub fn new(status: Status, result: Map) -> Self {
        Self {
            status,
            result,
            changes: Vec::new(),
            warnings: Vec::new(),
            remedy: None,
            effects: Vec::new(),
            delegated: None,
        }
    }

    /// Returns a failure with a message.
    pub fn failed(msg: impl Into<String>) -> Self {
        Self::new(Status::Failed, Map::from_iter([("msg".to_owned(), Value::String(msg.into()))]))
    }

    /// Returns a task that was passed over, with the reason.
    pub fn skipped(reason: impl Into<String>) -> Self {
        let reason = Value::String(reason.into());
        Self::new(Status::Skipped, Map::from_iter([("skip_reason".to_owned(), reason)]))
    }

    /// Adds something for the engine to do.
    pub fn with_effect(mut self, effect: StateChange) -> Self {
        self.effects.push(effect);
        self
    }

    /// Adds a return key.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.result.insert(key.to_owned(), value.into());
        self
    }

    /// Adds the remedy.
    pub fn remedy(mut self, text: impl Into<String>) -> Self {
        self.remedy = Some(text.into());
        self
    }
}

impl From<TemplateError> for Performed {
    fn from(error: TemplateError) -> Self {
        let place = error.span.as_ref().map(|span| format!(" ({span})")).unwrap_or_default();
        let performed = Self::failed(format!("{error}{place}"));
        match error.help {
            Some(help) => performed.remedy(help),
            None => performed,
        }
    }
}

impl From<Failure> for Performed {
    fn from(failure: Failure) -> Self {
        let status = match failure.kind {
            FailureKind::Failed | FailureKind::Arguments | FailureKind::Panicked | FailureKind::Cancelled => {
                Status::Failed
            }
            FailureKind::Unreachable => Status::Unreachable,
            FailureKind::Unknown => Status::Unknown,
        };
        let mut result = failure.result;
        result.insert("msg".to_owned(), Value::String(failure.msg));
        Self { remedy: failure.remedy, ..Self::new(status, result) }
    }
}

impl From<Outcome> for Performed {
    fn from(outcome: Outcome) -> Self {
        let status = if outcome.changed { Status::Changed } else { Status::Ok };
        let mut performed = Self::new(status, outcome.result);
        performed.changes = outcome.changes;
        performed.warnings = outcome.warnings;
        if !outcome.facts.is_empty() {
            performed.result.insert("ansible_facts".to_owned(), Value::Object(outcome.facts.clone()));
            performed.effects.push(StateChange::Facts(outcome.facts));
        }
        performed
    }
}
