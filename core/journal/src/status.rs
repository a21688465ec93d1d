use serde::{Deserialize, Serialize};
use switchover_protocol::{Change, Map};

use crate::Place;

/// How a task ended on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Ok,
    Changed,
    Failed,
    /// The host did not answer; nothing is known to have been done.
    Unreachable,
    Skipped,
    /// Something was started and how it ended cannot be told. Never tried again by itself.
    Unknown,
    /// A destroying step that nobody approved: it was not started.
    Refused,
}

impl Status {
    /// Returns whether the host goes on with the next task.
    pub fn is_fine(self) -> bool {
        matches!(self, Self::Ok | Self::Changed | Self::Skipped)
    }
}

/// A task's result on a host, or a loop item's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskResult {
    pub status: Status,
    /// The failure was ignored (`ignore_errors`).
    #[serde(default)]
    pub ignored: bool,
    /// Return keys, as `register` stores them.
    pub result: Map,
    /// What changed or would change, for `--diff`.
    #[serde(default)]
    pub changes: Vec<Change>,
    #[serde(default)]
    pub warnings: Vec<String>,
    /// What the author wrote that could not be used, when that is why it failed.
    #[serde(default)]
    pub cause: Option<Cause>,
    /// What to do next, after a failure.
    #[serde(default)]
    pub remedy: Option<String>,
    /// Another host did the work.
    #[serde(default)]
    pub delegated: Option<String>,
    /// `no_log`: the result is not to be shown.
    #[serde(default)]
    pub censored: bool,
    /// The whole result is always shown.
    #[serde(default)]
    pub loud: bool,
    /// The arguments that the module got, with its defaults, for who wants to see that much (`-vvv`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Map>,
    /// How often it was tried (`until`); 1 when once.
    pub attempts: u32,
    /// Seconds.
    pub took: f64,
}

impl TaskResult {
    /// Returns a result with this status and these keys, and nothing else to tell.
    pub fn new(status: Status, result: Map) -> Self {
        Self {
            status,
            ignored: false,
            result,
            changes: Vec::new(),
            warnings: Vec::new(),
            cause: None,
            remedy: None,
            delegated: None,
            censored: false,
            loud: false,
            arguments: None,
            attempts: 1,
            took: 0.0,
        }
    }
}

/// A template or condition that gave no value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    /// What was being done, such as `Finalization of task args for 'x' failed`; empty for loops and conditions.
    pub stage: String,
    /// What is wrong.
    pub text: String,
    pub place: Option<Place>,
}
