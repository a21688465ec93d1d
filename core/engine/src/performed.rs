use switchover_journal::{Cause, Status};
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
    pub cause: Option<Cause>,
    pub remedy: Option<String>,
    /// What the engine has to remember or do.
    pub effects: Vec<StateChange>,
    pub delegated: Option<String>,
    /// The whole result is always shown, as `debug` wants it.
    pub loud: bool,
    /// The arguments that the module got, when they are to be shown.
    pub arguments: Option<Map>,
    /// It broke off, by a mistake of the author's or at its time limit: there is no result that `failed_when`,
    /// `changed_when` or `until` could be about.
    pub broken_off: bool,
}

impl Performed {
    /// Returns a result with this status and these keys.
    pub fn new(status: Status, result: Map) -> Self {
        Self {
            status,
            result,
            changes: Vec::new(),
            warnings: Vec::new(),
            cause: None,
            remedy: None,
            effects: Vec::new(),
            delegated: None,
            loud: false,
            arguments: None,
            broken_off: false,
        }
    }

    /// Returns a failure with a message.
    pub fn failed(msg: impl Into<String>) -> Self {
        Self::new(Status::Failed, Map::from_iter([("msg".to_owned(), Value::String(msg.into()))]))
    }

    /// Returns the failure of something that the author wrote. `stage` says in Ansible's words what was being
    /// done, `about` begins the sentence that the error ends.
    pub fn at_stage(stage: &str, about: &str, error: TemplateError) -> Self {
        let colon = |words: &str| if words.is_empty() { String::new() } else { format!("{words}: ") };
        let text = format!("{}{error}", colon(about));
        let performed = Self::failed(format!("Task failed: {}{text}", colon(stage)));
        let place = error.span.as_ref().map(crate::events::place);
        let cause = Some(Cause { stage: stage.to_owned(), text, place });
        Self { cause, remedy: error.help.map(String::from), broken_off: true, ..performed }
    }

    /// Returns the failure of an action that could not begin with what it was given.
    pub fn refused(msg: impl Into<String>) -> Self {
        let text = msg.into();
        let cause = Some(Cause { stage: String::new(), text: text.clone(), place: None });
        Self { cause, broken_off: true, ..Self::failed(text) }
    }

    /// Returns the failure of a loop itself, in Ansible's words without what was being done.
    pub fn plainly(error: TemplateError) -> Self {
        let text = error.to_string();
        let place = error.span.as_ref().map(crate::events::place);
        let cause = Some(Cause { stage: String::new(), text: text.clone(), place });
        Self { cause, remedy: error.help.map(String::from), broken_off: true, ..Self::failed(text) }
    }

    /// Returns whether this is the failure of a loop itself: it never came to the task.
    pub fn is_plain(&self) -> bool {
        let msg = self.result.get("msg").and_then(Value::as_str);
        self.cause.as_ref().is_some_and(|cause| cause.place.is_some() && msg == Some(&cause.text))
    }

    /// Returns the failure of a condition that cannot be told.
    pub fn of_condition(error: TemplateError) -> Self {
        Self::at_stage("", about_condition(&error), error)
    }

    /// Notes that a condition on the result, `changed_when` or `failed_when`, cannot be told: the task has failed, and
    /// keeps what it gave. One that had failed by itself keeps its own cause, and the condition is the advice.
    pub fn misjudge(&mut self, key: &str, error: TemplateError) {
        let told = Self::of_condition(error);
        let cause = told.cause.as_ref().map(|cause| cause.text.as_str()).unwrap_or_default();
        self.result.insert(key.to_owned(), cause.into());
        self.result.entry("msg").or_insert_with(|| crate::step::UNKNOWN.into());
        if self.status == Status::Failed {
            let keyword = key.trim_end_matches("_result");
            self.remedy = Some(format!("mend the task's `{keyword}` too: {cause}"));
            return;
        }
        self.status = Status::Failed;
        (self.cause, self.remedy) = (told.cause, told.remedy);
    }

    /// Returns a task that was passed over, with the reason.
    pub fn skipped(reason: impl Into<String>) -> Self {
        let flags = [("changed".to_owned(), false.into()), ("skipped".to_owned(), true.into())];
        Self::new(Status::Skipped, Map::from_iter(flags)).with("skip_reason", reason.into())
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

/// Begins the sentence on a condition that went wrong; one that gave no boolean was evaluated well.
fn about_condition(error: &TemplateError) -> &'static str {
    if error.message.starts_with("Conditional result") { "" } else { "Error while evaluating conditional" }
}

impl From<TemplateError> for Performed {
    fn from(error: TemplateError) -> Self {
        Self::at_stage("", "", error)
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
        let msg = match failure.msg.strip_prefix("host unreachable: ") {
            Some(reason) => format!("Task failed: Failed to connect to the host via ssh: {reason}"),
            None => failure.msg,
        };
        result.insert("msg".to_owned(), Value::String(msg));
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
