use serde::{Deserialize, Serialize};

/// Something that was run on a host; a line of its `events.log`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Unix time in seconds.
    pub time: f64,
    /// Simulated time in seconds.
    pub sim: f64,
    pub host: String,
    /// The simulated user.
    pub user: String,
    /// What was done in one word or two: `cluster_add_slaves`, `rpm -Uvh`, `update`.
    pub command: String,
    pub argv: Vec<String>,
    pub phase: Phase,
    /// The exit code, once finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rc: Option<i32>,
    /// What a reader should know: why it was refused, what it destroyed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Whether it begins or has ended. A command that replaces itself, such as sudo, only begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Started,
    Finished,
}
