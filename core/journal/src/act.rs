use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Place, Status};

/// A step of a run, under a name to which a resumed run comes again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StepKey {
    /// Which play of the run, from 0.
    pub play: u32,
    pub host: String,
    /// Which of the host's steps in the play, from 1.
    pub ordinal: u32,
}

/// A step, or one item of its loop.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Act {
    #[serde(flatten)]
    pub step: StepKey,
    /// Which item, from 0.
    pub item: Option<u32>,
}

/// What is written down before a step acts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    #[serde(flatten)]
    pub act: Act,
    /// Of the task's own text.
    pub digest: String,
    /// The task as people read it, masked.
    pub task: String,
    pub place: Place,
    /// What is lost, when it destroys.
    pub destroys: Option<String>,
    /// A job on the host does it, where any run finds out how it ended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub detached: bool,
    /// The item of its loop as people read it, masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The name that its result gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registers: Option<String>,
}

impl Intent {
    /// Says which step it is, as people read it: the task, the item of its loop, the host.
    pub fn whole_title(&self) -> String {
        let item = self.label.as_ref().map(|label| format!(" (item={label})")).unwrap_or_default();
        format!("{}{item} on {}", self.task, self.act.step.host)
    }
}

/// How a step ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// The host that did the work, and those that take over its result.
    pub keys: Vec<StepKey>,
    pub digest: String,
    /// The task as people read it, masked.
    pub task: String,
    pub place: Place,
    pub status: Status,
    /// The host goes on behind it; a step that is not settled is done again by a resumed run.
    pub settled: bool,
    /// It had acted, or could have.
    pub acted: bool,
    /// What the engine has to know of it later. It may hold secrets, and is kept sealed.
    pub body: Value,
}

/// How one item of a loop ended.
#[derive(Clone, Debug)]
pub struct EndedItem {
    pub act: Act,
    pub status: Status,
    /// It need not be done again.
    pub settled: bool,
    pub acted: bool,
    /// As in [`Ended`].
    pub body: Value,
}

/// A human's word for a step: who gave it, when, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    pub host: String,
    pub task: String,
    /// The name under which the step is approved, or the question that was answered.
    pub step: String,
    /// What is lost, when it destroys.
    pub destroys: Option<String>,
    pub by: String,
    /// How it was given: `--approve`, `terminal`, `switchover approve`, `plan`.
    pub how: String,
    #[serde(default)]
    pub why: Option<String>,
    /// Seconds since 1970.
    pub at: f64,
}

/// A step that the journal holds the end of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OnRecord {
    /// Orders what is on record as it happened.
    pub seq: u64,
    pub digest: String,
    pub task: String,
    pub place: Place,
}

/// What the journal knows of a step that has to be done, or done again.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// How often it has ended before without being settled.
    pub tries: u32,
    /// Items of its loop that need not be done again, by number.
    pub items: Vec<(u32, Value)>,
    /// What was begun and is not known to have ended, with the numbers people call it by.
    pub unfinished: Vec<(u64, Intent)>,
    /// Of that, what had a job that was seen on its host.
    pub began: Vec<Act>,
}
