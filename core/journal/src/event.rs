use serde::{Deserialize, Serialize};
use switchover_protocol::{Level, Map};

use crate::{Recap, TaskResult};

/// Something that happened in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Counts from 1, without gaps.
    pub seq: u64,
    /// Seconds since 1970 by the controller's clock.
    pub at: f64,
    #[serde(flatten)]
    pub kind: EventKind,
}

/// A place in a file of the author's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

/// What is said of a task once, when it starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskInfo {
    /// Counts from 1 in a run; later events carry this number.
    pub id: u32,
    /// With the role in front: `role : name`.
    pub name: String,
    /// What the author calls it, where `name` has a role in front of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
    pub module: String,
    pub place: Place,
    pub handler: bool,
    #[serde(default)]
    pub check_mode: bool,
    /// Its arguments as they are written, when titles are to show them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Map>,
}

/// The kinds of events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    RunStarted {
        run: String,
        playbooks: Vec<String>,
        check_mode: bool,
    },
    /// A run goes on after an interruption; the steps on record are not told again.
    Resumed {
        run: String,
        /// How many steps are on record.
        steps: usize,
        /// Where it goes on.
        task: String,
        host: String,
        place: Place,
        /// Clean-ups (`always`) of the blocks it is in.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        cleanups: Vec<String>,
    },
    PlaybookStarted {
        path: String,
        /// With those of the playbooks that it imports.
        plays: usize,
    },
    PlayStarted {
        name: String,
        hosts: Vec<String>,
        check_mode: bool,
    },
    /// A play's pattern matched no host.
    NoHosts {
        play: String,
        /// Nothing matched because of `--limit`, or nothing was there.
        matched: bool,
    },
    TaskStarted(TaskInfo),
    /// A host begins to work on a task.
    HostStarted {
        task: u32,
        host: String,
    },
    /// A destroying or changing step is about to be applied on a host.
    Applying {
        task: u32,
        host: String,
        /// What is lost, when it destroys.
        destroys: Option<String>,
        approved_by: Option<String>,
    },
    /// One item of a loop is done.
    ItemFinished {
        task: u32,
        host: String,
        label: String,
        result: TaskResult,
    },
    /// An attempt of `until` was not yet it.
    Retrying {
        task: u32,
        host: String,
        left: u32,
        result: TaskResult,
    },
    HostFinished {
        task: u32,
        host: String,
        result: TaskResult,
        /// The task was a loop; its items were told apart.
        looped: bool,
        /// It failed, and a `rescue` section takes over.
        rescued: bool,
    },
    /// The run stopped before a step had ended, which is neither done nor failed: a resumed run goes on inside it.
    CutShort {
        task: u32,
        host: String,
        /// Such as `3 of 6 items are done`.
        how_far: String,
    },
    /// A `meta` task's condition did not hold.
    MetaSkipped {
        task: u32,
        host: String,
        /// What does not happen, in Ansible's words.
        #[serde(default)]
        reason: String,
    },
    /// A task waits, and says for what, in Ansible's words.
    Waiting {
        task: u32,
        host: String,
        text: String,
    },
    /// A `meta` task did its work.
    MetaDone {
        task: u32,
        /// What happened, in Ansible's words.
        text: String,
    },
    /// A file of tasks, or a role, was included for these hosts.
    Included {
        #[serde(default)]
        task: u32,
        file: String,
        hosts: Vec<String>,
        label: Option<String>,
    },
    /// A task notified; the name may reach several handlers.
    HandlerNotified {
        handler: String,
        host: String,
    },
    /// A host comes to its handlers, and these were notified.
    HandlersDue {
        /// The `meta` task that brought it there; 0 at the end of a section.
        task: u32,
        host: String,
        handlers: Vec<String>,
    },
    /// How far a long step is.
    Progress {
        task: u32,
        host: String,
        done: u64,
        total: Option<u64>,
        unit: String,
        note: String,
    },
    /// Live output of a long step.
    Output {
        task: u32,
        host: String,
        text: String,
        stderr: bool,
    },
    Log {
        task: u32,
        host: String,
        level: Level,
        text: String,
    },
    /// A host's connection is being mended, or is mended.
    Contact {
        host: String,
        text: String,
    },
    Warning {
        text: String,
    },
    /// No host is left to go on with.
    NoHostsLeft,
    RunFinished {
        recap: Recap,
        /// Seconds.
        took: f64,
        /// A mistake of the author's ended it before its time.
        #[serde(default)]
        broken: bool,
    },
    /// The run ended before its end: what was not done, in lines for people, and the one next command.
    LeftOff {
        /// Somebody asked it to stop.
        stopped: bool,
        left: String,
        next: String,
    },
}

impl EventKind {
    /// Returns the number of the task that it is about.
    pub fn task(&self) -> Option<u32> {
        match self {
            Self::TaskStarted(info) => Some(info.id),
            Self::HostStarted { task, .. }
            | Self::Applying { task, .. }
            | Self::ItemFinished { task, .. }
            | Self::Retrying { task, .. }
            | Self::HostFinished { task, .. }
            | Self::MetaSkipped { task, .. }
            | Self::Waiting { task, .. }
            | Self::CutShort { task, .. }
            | Self::Included { task, .. }
            | Self::MetaDone { task, .. }
            | Self::Progress { task, .. }
            | Self::Output { task, .. }
            | Self::Log { task, .. } => Some(*task),
            _ => None,
        }
    }
}
