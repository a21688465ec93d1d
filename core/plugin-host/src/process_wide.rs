//! What a process has only one of, and a plugin that runs in it must leave alone: the working directory and the
//! standard streams. A change is put back and told.
//!
//! Signal handlers, the environment and what a plugin prints are not looked at; README.md says so.

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::OnceLock;

use rustix::fs::{CWD, Mode, OFlags, fstat, openat, stat};
use rustix::io::fcntl_dupfd_cloexec;
use rustix::stdio;

static KEPT: OnceLock<Option<ProcessWide>> = OnceLock::new();

/// Everything as it was before the first plugin was loaded.
struct ProcessWide {
    folder: OwnedFd,
    streams: [OwnedFd; 3],
}

/// Remembers what is so now; only the first call counts.
pub(crate) fn remember() {
    KEPT.get_or_init(|| ProcessWide::now().ok());
}

/// Puts back what is no longer as remembered, and says what it was.
pub(crate) fn put_back() -> Option<&'static str> {
    let kept = KEPT.get()?.as_ref()?;
    let mut changed = None;
    if !kept.is_here() {
        changed = Some("it changed the working directory of the run");
        // When the folder has gone there is nowhere to go back to.
        let _ = rustix::process::fchdir(&kept.folder);
    }
    let [input, output, error] = &kept.streams;
    if !is_same(stdio::stdin(), input) {
        changed = Some("it closed the standard input of the run");
        let _ = stdio::dup2_stdin(input);
    }
    if !is_same(stdio::stdout(), output) {
        changed = Some("it closed the standard output of the run");
        let _ = stdio::dup2_stdout(output);
    }
    if !is_same(stdio::stderr(), error) {
        changed = Some("it closed the standard error of the run");
        let _ = stdio::dup2_stderr(error);
    }
    changed
}

impl ProcessWide {
    fn now() -> rustix::io::Result<Self> {
        let folder = openat(CWD, ".", OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
        let streams = [stdio::stdin(), stdio::stdout(), stdio::stderr()].map(|stream| {
            // Above the numbers that a careless loop closes.
            fcntl_dupfd_cloexec(stream, 512)
        });
        let [input, output, error] = streams;
        Ok(Self { folder, streams: [input?, output?, error?] })
    }

    fn is_here(&self) -> bool {
        match (stat("."), fstat(&self.folder)) {
            (Ok(here), Ok(kept)) => (here.st_dev, here.st_ino) == (kept.st_dev, kept.st_ino),
            _ => false,
        }
    }
}

fn is_same(stream: BorrowedFd<'_>, kept: &OwnedFd) -> bool {
    match (fstat(stream), fstat(kept.as_fd())) {
        (Ok(now), Ok(before)) => (now.st_dev, now.st_ino) == (before.st_dev, before.st_ino),
        _ => false,
    }
}
