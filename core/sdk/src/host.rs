use switchover_protocol::{
    Algorithm, Attributes, Bytes, Content, Entry, ExecOutput, Failure, FileStat, HostCall, HostReply, Level,
    Map, Value, WriteFile, Written,
};

use crate::Command;
use crate::failure::from_host;

/// The one way to touch a host. Every call may fail with a [`Failure`] that is ready to be returned with `?`.
pub struct Host<'a> {
    caller: &'a dyn Fn(&HostCall) -> HostReply,
    cancelled: &'a dyn Fn() -> bool,
    pub about: About,
}

/// What a module may know of the task it works for.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub check_mode: bool,
    pub diff: bool,
    /// 0 to 4 (`-v`).
    pub verbosity: u8,
    /// `inventory_hostname`, `playbook_dir`, `run_id`, `delegate_to` and `python`.
    pub facts: Map,
}

impl About {
    /// Returns the Python that the playbook wants used on the host, where `ansible_python_interpreter` names one.
    pub fn python(&self) -> Option<&str> {
        self.facts.get("python").and_then(Value::as_str)
    }
}

macro_rules! expect_reply {
    ($self:ident, $call:expr, $pattern:pat => $value:expr) => {
        match $self.call($call)? {
            $pattern => Ok($value),
            other => Err(wrong_reply(&other)),
        }
    };
}

impl<'a> Host<'a> {
    /// Returns a host that is answered by `caller`; the export macro and tests make these.
    pub fn new(
        caller: &'a dyn Fn(&HostCall) -> HostReply,
        cancelled: &'a dyn Fn() -> bool,
        about: About,
    ) -> Self {
        Self { caller, cancelled, about }
    }

    /// Makes any call; the error replies become failures.
    pub fn call(&self, call: HostCall) -> Result<HostReply, Failure> {
        match self.ask(&call) {
            HostReply::Error(error) => Err(from_host(error)),
            reply => Ok(reply),
        }
    }

    pub(crate) fn ask(&self, call: &HostCall) -> HostReply {
        (self.caller)(call)
    }

    /// Returns whether the run is being stopped; long loops should ask.
    pub fn cancelled(&self) -> bool {
        (self.cancelled)()
    }

    /// Runs a program and returns how it ended, whatever its exit code.
    pub fn exec(&self, command: &Command) -> Result<ExecOutput, Failure> {
        expect_reply!(self, HostCall::Exec(command.exec.clone()), HostReply::Exec(output) => output)
    }

    /// Runs a program and returns its standard output as text; an exit code other than 0 is a failure.
    pub fn output(&self, command: &Command) -> Result<String, Failure> {
        let output = self.exec(command)?;
        if output.rc == 0 { Ok(output.stdout.to_text()) } else { Err(command.failure(&output)) }
    }

    /// Looks at a path itself (a link is not followed); `None` when there is nothing.
    pub fn stat(&self, path: &str) -> Result<Option<FileStat>, Failure> {
        self.stat_with(path, false, None)
    }

    /// Looks at a path, with a choice to follow links and to compute a checksum in the same round trip.
    pub fn stat_with(
        &self,
        path: &str,
        follow: bool,
        checksum: Option<Algorithm>,
    ) -> Result<Option<FileStat>, Failure> {
        let call = HostCall::Stat { path: path.to_owned(), follow, checksum };
        expect_reply!(self, call, HostReply::Stat(stat) => stat.map(|stat| *stat))
    }

    /// Reads a whole file of at most 16 MiB.
    pub fn read(&self, path: &str) -> Result<Bytes, Failure> {
        let call = HostCall::Read { path: path.to_owned(), limit: 16 * 1024 * 1024 };
        expect_reply!(self, call, HostReply::Content(bytes) => bytes)
    }

    /// Replaces a file's content atomically; mode and owner stay as they are.
    pub fn write(&self, path: &str, content: impl Into<Bytes>) -> Result<Written, Failure> {
        self.write_file(WriteFile {
            path: path.to_owned(),
            content: Content::Inline(content.into()),
            attributes: Attributes::default(),
            backup: false,
            validate: None,
            follow: true,
        })
    }

    /// Replaces a file atomically, with attributes, validation and backup as asked.
    pub fn write_file(&self, file: WriteFile) -> Result<Written, Failure> {
        expect_reply!(self, HostCall::Write(file), HostReply::Written(written) => written)
    }

    /// Makes several calls in one round trip; stops at the first that fails, which is the failure returned.
    pub fn many(&self, calls: Vec<HostCall>) -> Result<Vec<HostReply>, Failure> {
        let asked = calls.len();
        let replies = expect_reply!(self, HostCall::Many(calls), HostReply::Many(replies) => replies)?;
        if let Some(HostReply::Error(error)) = replies.last() {
            return Err(from_host(error.clone()));
        }
        if replies.len() == asked {
            Ok(replies)
        } else {
            Err(Failure::new(format!("the host answered {} of {asked} calls", replies.len())))
        }
    }

    /// Turns the answer of a call that failed into the failure to return; for modules that look at the answers of
    /// [`HostCall::Many`] themselves.
    pub fn fail_with<T>(&self, reply: Option<HostReply>) -> Result<T, Failure> {
        match reply {
            Some(HostReply::Error(error)) => Err(from_host(error)),
            Some(other) => Err(wrong_reply(&other)),
            None => Err(Failure::new("the host gave no answer")),
        }
    }

    /// Makes a call that is answered by [`HostReply::Done`].
    pub fn done(&self, call: HostCall) -> Result<(), Failure> {
        expect_reply!(self, call, HostReply::Done => ())
    }

    /// Sets mode, owner and group.
    pub fn set_attributes(&self, path: &str, attributes: Attributes) -> Result<(), Failure> {
        self.done(HostCall::SetAttributes {
            path: path.to_owned(),
            attributes,
            recursive: false,
            follow: true,
        })
    }

    /// Removes a path; a folder only when `recursive`.
    pub fn remove(&self, path: &str, recursive: bool) -> Result<(), Failure> {
        self.done(HostCall::Remove { path: path.to_owned(), recursive })
    }

    /// Makes a folder and its missing parents.
    pub fn mkdir(&self, path: &str, attributes: Attributes) -> Result<(), Failure> {
        self.done(HostCall::Mkdir { path: path.to_owned(), attributes })
    }

    /// Lists a folder.
    pub fn list(&self, path: &str, recursive: bool) -> Result<Vec<Entry>, Failure> {
        let call = HostCall::List { path: path.to_owned(), recursive };
        expect_reply!(self, call, HostReply::List(entries) => entries)
    }

    /// Computes a file's checksum; `None` when there is no file.
    pub fn checksum(&self, path: &str, algorithm: Algorithm) -> Result<Option<String>, Failure> {
        let call = HostCall::Checksum { path: path.to_owned(), algorithm };
        expect_reply!(self, call, HostReply::Checksum(sum) => sum)
    }

    /// Renders text with the variables of the task; only text that the playbook's author wrote may be given.
    pub fn render(&self, text: &str, name: &str) -> Result<String, Failure> {
        let call =
            HostCall::Render { text: text.to_owned(), name: name.to_owned(), options: Default::default() };
        expect_reply!(self, call, HostReply::Value(value) => match value {
            Value::String(text) => text,
            other => other.to_string(),
        })
    }

    /// Returns a variable of the task; `Null` when it is not defined. `name` is one that the module's documentation names.
    pub fn variable(&self, name: &str) -> Result<Value, Failure> {
        let text = format!("{{{{ {name} | default(none) }}}}");
        let call = HostCall::Render { text, name: name.to_owned(), options: Default::default() };
        let value = expect_reply!(self, call, HostReply::Value(value) => value)?;
        // A template that is nothing but text shows nothing as no letters.
        Ok(if value == "" { Value::Null } else { value })
    }

    /// Tells the operator something worth a line.
    pub fn log(&self, level: Level, text: impl Into<String>) -> Result<(), Failure> {
        self.done(HostCall::Log { level, text: text.into() })
    }

    /// Tells how far a long step is; `unit` is `bytes`, `steps` or a word of yours.
    pub fn progress(&self, done: u64, total: Option<u64>, unit: &str, note: &str) -> Result<(), Failure> {
        self.done(HostCall::Progress { done, total, unit: unit.to_owned(), note: note.to_owned() })
    }
}

pub(crate) fn wrong_reply(reply: &HostReply) -> Failure {
    let text = format!("{reply:?}");
    Failure::new(format!("the host side gave an answer of the wrong kind: {}", &text[..text.len().min(60)]))
}
