use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Bytes, FileStat, Job, JobChunk, JobOrigin, JobRecord, LockAct, LockSeen, Value};

/// Everything a module may ask of its host, and of the controller.
///
/// While a module only *checks*, the engine refuses every call for which [`HostCall::writes`] is true.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostCall {
    /// Runs a program and waits for its end. Answered by [`HostReply::Exec`].
    Exec(Exec),
    /// Looks at a path. Answered by [`HostReply::Stat`]; a missing path is `None`, not an error.
    Stat {
        path: String,
        #[serde(default)]
        follow: bool,
        /// Also computes this checksum when the path is a regular file that can be read.
        #[serde(default)]
        checksum: Option<Algorithm>,
    },
    /// Reads a whole file, at most `limit` bytes (error when it is larger). Answered by [`HostReply::Content`].
    Read {
        path: String,
        #[serde(default = "default_read_limit")]
        limit: u64,
    },
    /// Replaces a file atomically: a temporary file beside it, attributes, validation, backup, rename.
    /// Answered by [`HostReply::Written`].
    Write(WriteFile),
    /// Sets mode, owner and group of an existing path. Answered by [`HostReply::Done`].
    SetAttributes {
        path: String,
        attributes: Attributes,
        #[serde(default)]
        recursive: bool,
        #[serde(default)]
        follow: bool,
    },
    /// Removes a file, link, or (when `recursive`) a folder. A missing path is no error. Answered by [`HostReply::Done`].
    Remove {
        path: String,
        #[serde(default)]
        recursive: bool,
    },
    /// Makes a folder and its missing parents; `attributes` go to each folder that was made. Answered by [`HostReply::Done`].
    Mkdir {
        path: String,
        #[serde(default)]
        attributes: Attributes,
    },
    /// Makes a symbolic link at `path` (replacing a link or file that is there when `force`). Answered by [`HostReply::Done`].
    Symlink {
        target: String,
        path: String,
        #[serde(default)]
        force: bool,
    },
    /// Makes a hard link at `path`. Answered by [`HostReply::Done`].
    Hardlink {
        target: String,
        path: String,
        #[serde(default)]
        force: bool,
    },
    /// Renames within one file system. Answered by [`HostReply::Done`].
    Rename { from: String, to: String },
    /// Lists a folder, without `.` and `..`, sorted by path. Answered by [`HostReply::List`].
    List {
        path: String,
        #[serde(default)]
        recursive: bool,
    },
    /// Computes a checksum of a file, as lowercase hex. Answered by [`HostReply::Checksum`]; `None` when missing.
    Checksum { path: String, algorithm: Algorithm },
    /// Copies a file from the host to the controller, atomically. `to` must lie where the engine allows.
    /// Answered by [`HostReply::Done`].
    Fetch { path: String, to: String },
    /// Runs several calls in one round trip; stops at the first that fails. Answered by [`HostReply::Many`].
    Many(Vec<HostCall>),
    /// Starts a program in its own session on the host, keyed so that a second start attaches to the first.
    /// Answered by [`HostReply::Job`].
    JobStart {
        key: String,
        exec: Exec,
        /// Whose job it is; the engine fills it in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<JobOrigin>,
    },
    /// Looks at a job: new output from these offsets on, and its state; waits at most `wait_ms` for news.
    /// Answered by [`HostReply::JobChunk`].
    JobPoll { key: String, stdout_from: u64, stderr_from: u64, wait_ms: u64 },
    /// Looks a job up without starting anything. Answered by [`HostReply::Job`]; state `Absent` when unknown.
    JobStatus { key: String },
    /// Ends a job and all its processes. Answered by [`HostReply::Job`].
    JobKill { key: String },
    /// Removes the record of a finished job. Answered by [`HostReply::Done`].
    JobForget { key: String },
    /// Lists all jobs of this user on the host. Answered by [`HostReply::JobList`].
    JobList,
    /// Takes, gives back or looks at the lock of the host. For the engine only: a module is refused.
    /// Answered by [`HostReply::Lock`].
    Lock(LockAct),
    /// Reads new bytes of a growing file, for following a log; a missing file gives no bytes.
    /// Answered by [`HostReply::Content`].
    ReadFrom { path: String, offset: u64, limit: u64 },
    /// Says something to the operator. Answered by [`HostReply::Done`].
    Log { level: Level, text: String },
    /// Tells how far a long step is. `total` may be unknown. Answered by [`HostReply::Done`].
    Progress { done: u64, total: Option<u64>, unit: String, note: String },
    /// Renders a template with the variables of this task. Answered by [`HostReply::Value`].
    Render { text: String, name: String, options: BTreeMap<String, Value> },
    /// Looks at a file of the controller, searched as Ansible searches (`files/`, `templates/` of the role,
    /// the play's folder) when `search` is given. Answered by [`HostReply::ControllerFile`].
    ControllerFile { path: String, search: Option<String> },
    /// Reads a file of the controller by its absolute path. Answered by [`HostReply::Content`].
    ControllerRead {
        path: String,
        /// Returns the plain content of a file that is encrypted with a vault.
        #[serde(default)]
        decrypt: bool,
    },
    /// Lists a folder of the controller by its absolute path, recursively, as paths relative to it.
    /// Answered by [`HostReply::List`].
    ControllerList { path: String },
}

fn default_read_limit() -> u64 {
    16 * 1024 * 1024
}

impl HostCall {
    /// Returns whether the call may change the host, so that it is refused while a module only checks.
    pub fn writes(&self) -> bool {
        match self {
            Self::Exec(exec) => !exec.reads,
            Self::Write(_)
            | Self::SetAttributes { .. }
            | Self::Remove { .. }
            | Self::Mkdir { .. }
            | Self::Symlink { .. }
            | Self::Hardlink { .. }
            | Self::Rename { .. }
            | Self::JobStart { .. }
            | Self::JobKill { .. }
            | Self::JobForget { .. } => true,
            Self::Lock(act) => act.writes(),
            Self::Many(calls) => calls.iter().any(Self::writes),
            Self::Stat { .. }
            | Self::Read { .. }
            | Self::List { .. }
            | Self::Checksum { .. }
            | Self::Fetch { .. }
            | Self::JobPoll { .. }
            | Self::JobStatus { .. }
            | Self::JobList
            | Self::ReadFrom { .. }
            | Self::Log { .. }
            | Self::Progress { .. }
            | Self::Render { .. }
            | Self::ControllerFile { .. }
            | Self::ControllerRead { .. }
            | Self::ControllerList { .. } => false,
        }
    }

    /// Returns whether the engine answers the call itself, without asking the host.
    pub fn is_for_controller(&self) -> bool {
        matches!(
            self,
            Self::Log { .. }
                | Self::Progress { .. }
                | Self::Render { .. }
                | Self::ControllerFile { .. }
                | Self::ControllerRead { .. }
                | Self::ControllerList { .. }
        )
    }
}

/// The answer to a [`HostCall`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostReply {
    Exec(ExecOutput),
    Stat(Option<Box<FileStat>>),
    Content(Bytes),
    Written(Written),
    Done,
    List(Vec<Entry>),
    Checksum(Option<String>),
    /// The answers so far; when a call failed, the last one is an `Error` and later calls were not run.
    Many(Vec<HostReply>),
    Job(Job),
    JobChunk(JobChunk),
    JobList(Vec<JobRecord>),
    /// The lock as it stands after the call; `None` when nobody holds it.
    Lock(Option<LockSeen>),
    Value(Value),
    ControllerFile {
        path: String,
        size: u64,
        is_dir: bool,
        checksum: Option<String>,
    },
    Error(HostError),
}

/// A program to run on a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Exec {
    pub program: Program,
    /// Given on standard input; without it the program gets the null device, never a terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdin: Option<Bytes>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// Seconds after which the program and its children are ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// The author's word that this program changes nothing, so that it may run during a check.
    #[serde(default)]
    pub reads: bool,
    /// The output is shown live as it comes (`-v`), not only after the end.
    #[serde(default)]
    pub live: bool,
}

/// What to run: a program with arguments (nothing is interpreted), or text for a shell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Program {
    Argv(Vec<String>),
    /// Text for `sh -c` (or for `executable -c`).
    Shell {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        executable: Option<String>,
    },
}

impl Default for Program {
    fn default() -> Self {
        Self::Argv(Vec::new())
    }
}

/// How a program ended and what it wrote.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExecOutput {
    /// The exit code; 128 + N when signal N ended it, 127 when the program was not found.
    pub rc: i32,
    pub stdout: Bytes,
    pub stderr: Bytes,
    /// The time limit ended it.
    #[serde(default)]
    pub timed_out: bool,
    /// Microseconds for which it waited behind other programs before it was started.
    #[serde(default)]
    pub waited_us: u64,
}

/// A file to be put on the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WriteFile {
    pub path: String,
    pub content: Content,
    #[serde(default)]
    pub attributes: Attributes,
    /// Keeps the old file as `PATH.PID.DATE@TIME~`.
    #[serde(default)]
    pub backup: bool,
    /// A command that must succeed before the file goes into place; `%s` stands for the temporary file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validate: Option<String>,
    /// Follows a symbolic link at `path` instead of replacing it.
    #[serde(default)]
    pub follow: bool,
}

/// Where the content of a file comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    Inline(Bytes),
    /// A file of the controller, streamed; memory stays flat.
    Controller(String),
    /// A file of the host itself, copied there.
    Host(String),
}

/// Who may do what with a path. What is absent stays as it is (a new file: 0666 less the umask, see `Write`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Attributes {
    /// Octal digits (`0644`) or chmod's symbolic form (`u=rw,g-w`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Name or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// A file that cannot be replaced is written over, which others may see half done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_place: bool,
}

impl Attributes {
    /// Returns whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.mode.is_none() && self.owner.is_none() && self.group.is_none()
    }
}

/// What a [`HostCall::Write`] did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Written {
    /// The copy of the old file, when one was asked for and there was an old file.
    #[serde(default)]
    pub backup: Option<String>,
}

/// One path of a [`HostCall::List`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub path: String,
    pub stat: FileStat,
}

/// Checksums that every host can compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// How loud a [`HostCall::Log`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Debug,
    Info,
    Warning,
    Deprecated,
}

/// Why a host call was not done. (`Exec` of a program that fails is not an error: see [`ExecOutput::rc`].)
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HostError {
    /// The module may only look now (check mode), and this call would write.
    RefusedDuringCheck { call: String },
    /// The host answered with an error, e.g. "Permission denied".
    Failed { what: String, rc: i32, stderr: String },
    /// A file is larger than the limit.
    TooLarge { path: String, size: u64, limit: u64 },
    /// The host cannot be reached; nothing was sent.
    Unreachable { reason: String },
    /// The connection broke while the call was under way: it may or may not have happened.
    Lost { what: String, reason: String },
    /// The run is being stopped.
    Cancelled,
    /// The call makes no sense, or cannot be answered: a template with a mistake. `reason` is the whole message.
    Invalid { reason: String },
}

impl std::fmt::Display for HostError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RefusedDuringCheck { call } => write!(f, "{call} is not allowed while only checking"),
            Self::Failed { what, rc, stderr } => {
                write!(f, "{what} failed with exit code {rc}: {}", stderr.trim_end())
            }
            Self::TooLarge { path, size, limit } => {
                write!(f, "{path} has {size} bytes, more than the limit of {limit}")
            }
            Self::Unreachable { reason } => write!(f, "host unreachable: {reason}"),
            Self::Lost { what, reason } => {
                write!(f, "connection lost during {what}, which may or may not have happened: {reason}")
            }
            Self::Cancelled => f.write_str("the run is being stopped"),
            Self::Invalid { reason } => f.write_str(reason),
        }
    }
}

impl std::error::Error for HostError {}
