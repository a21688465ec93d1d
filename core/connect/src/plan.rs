//! What a host call becomes: lines for the shell, the bytes that follow them, and what the answer means.

use std::path::PathBuf;

use switchover_protocol::{HostError, HostReply};

/// One framed command and the way to read its answer.
pub(crate) struct Part {
    /// One line of shell.
    pub script: Vec<u8>,
    /// Functions that the script uses.
    pub libraries: &'static [Library],
    /// Goes to the shell's standard input right after the line.
    pub feed: Option<Feed>,
    /// Has read all of its feed when it ends with 0, so that the feed of another part may follow.
    pub drains: bool,
    /// Standard output goes into this file of the controller instead of memory.
    pub spool: Option<PathBuf>,
    /// A program of the user: its output is shown as it comes, and an exit code other than 0 is no failure.
    pub program: bool,
    /// A program after which nothing more of its line runs when its exit code is not 0.
    pub halts: bool,
    /// Seconds.
    pub timeout: Option<u64>,
    pub parse: Parse,
}

/// Reads an answer.
pub(crate) type Parse = Box<dyn FnOnce(Raw) -> Result<HostReply, HostError> + Send + Sync>;

/// What came back for a [`Part`].
#[derive(Debug, Default)]
pub(crate) struct Raw {
    pub rc: i32,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub timed_out: bool,
}

/// Bytes for the host that are not part of a line.
pub(crate) enum Feed {
    Bytes(Vec<u8>),
    File { path: PathBuf, size: u64 },
}

/// Shell functions that are sent to a shell before they are first used there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Library {
    Files,
    Common,
    Write,
    Processes,
    Jobs,
    Locks,
}

impl Library {
    /// Returns the shell text; comments and indentation are left out of what travels.
    pub(crate) fn text(self) -> Vec<u8> {
        let lean = |text: &str| -> String {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
            lines.collect::<Vec<_>>().join("\n")
        };
        let text = match self {
            Self::Files => lean(include_str!("sh/files.sh")),
            Self::Common => lean(include_str!("sh/common.sh")),
            Self::Write => lean(include_str!("sh/write.sh")),
            Self::Processes => lean(include_str!("sh/processes.sh")),
            Self::Locks => lean(include_str!("sh/locks.sh")),
            Self::Jobs => {
                let wrapper = lean(include_str!("sh/wrapper.sh"));
                let quoted = crate::quote::quote(wrapper.as_bytes());
                let quoted = String::from_utf8(quoted).expect("the wrapper is text");
                format!("{}\nsw_wrapper={quoted}", lean(include_str!("sh/jobs.sh")))
            }
        };
        text.into_bytes()
    }
}

impl Part {
    /// Makes a part that fails when the script's exit code is not 0; `what` names it then: "stat /etc/hosts".
    pub(crate) fn new(
        what: String,
        script: Vec<u8>,
        libraries: &'static [Library],
        parse: impl FnOnce(&Raw) -> Option<HostReply> + Send + Sync + 'static,
    ) -> Self {
        let subject = what.clone();
        let parse = move |raw: Raw| {
            if raw.rc != 0 {
                return Err(failed(subject, &raw));
            }
            parse(&raw).ok_or_else(|| HostError::Failed {
                what: subject,
                rc: 0,
                stderr: format!(
                    "the host gave an answer that makes no sense: {:.200}",
                    String::from_utf8_lossy(&raw.stdout)
                ),
            })
        };
        let parse = Box::new(parse);
        Self {
            script,
            libraries,
            feed: None,
            drains: false,
            spool: None,
            program: false,
            halts: false,
            timeout: None,
            parse,
        }
    }

    /// Returns whether nothing after the part runs when its exit code is not 0.
    pub(crate) fn stops_line(&self) -> bool {
        !self.program || self.halts
    }

    /// Returns whether the part needs a line of its own.
    pub(crate) fn is_alone(&self) -> bool {
        (self.feed.is_some() && !self.drains) || self.spool.is_some() || self.timeout.is_some()
    }
}

/// Returns the error for a script that ended with a code other than 0.
pub(crate) fn failed(what: String, raw: &Raw) -> HostError {
    HostError::Failed { what, rc: raw.rc, stderr: String::from_utf8_lossy(&raw.stderr).into_owned() }
}

/// Puts words with blanks between them into a script.
pub(crate) fn words(words: &[&[u8]]) -> Vec<u8> {
    words.join(&b' ')
}
