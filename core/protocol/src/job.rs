use serde::{Deserialize, Serialize};

use crate::Bytes;

/// What a host knows of a detached job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    pub key: String,
    pub state: JobState,
    /// True when a [`JobStart`](crate::HostCall::JobStart) found the job already there and started nothing.
    #[serde(default)]
    pub attached: bool,
    /// Seconds since 1970 by the host's clock; 0 when absent.
    #[serde(default)]
    pub started: i64,
    /// Seconds since 1970 by the host's clock, once it has ended.
    #[serde(default)]
    pub ended: Option<i64>,
    /// The folder on the host that holds its output.
    #[serde(default)]
    pub folder: String,
    /// Its program has ended, and the host's disk has no room for how.
    #[serde(default)]
    pub no_room: bool,
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Absent,
    Running,
    /// Ended by itself or by a signal (128 + N).
    Exited {
        rc: i32,
    },
    /// It was running when the host restarted, or its process vanished without a word: it may have done
    /// all, some or none of its work.
    Vanished {
        rebooted: bool,
    },
}

/// New output of a job, and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobChunk {
    pub job: Job,
    pub stdout: Bytes,
    pub stderr: Bytes,
}

/// Whose job it is, as its folder on the host tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobOrigin {
    /// The run that started it.
    pub run: String,
    /// Who started the run: `user@machine`.
    pub owner: String,
    /// The name of the task.
    pub task: String,
}

/// A job of a host's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRecord {
    pub job: Job,
    /// Empty texts where the folder does not tell.
    pub origin: JobOrigin,
}
