use std::io::Read;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ChildStderr, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};

/// How much is kept of what a process wrote to its standard error.
const KEPT: usize = 2048;

/// The last words of a process, read all the time so that it never waits for a reader.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastWords(Arc<Mutex<Vec<u8>>>);

impl LastWords {
    /// Reads on a thread of its own until the process closes its end.
    pub(crate) fn listen(mut stderr: ChildStderr) -> (Self, std::thread::JoinHandle<()>) {
        let words = Self::default();
        let kept = words.clone();
        let thread = std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(got @ 1..) = stderr.read(&mut piece) {
                let mut kept = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend(&piece[..got]);
                let surplus = kept.len().saturating_sub(KEPT);
                kept.drain(..surplus);
            }
        });
        (words, thread)
    }

    /// Returns the last line that says something.
    pub(crate) fn last_line(&self) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&kept);
        let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
        Some(line.chars().filter(|letter| !letter.is_control()).take(300).collect())
    }
}

/// Says how a process ended, in words.
pub(crate) fn ending(status: ExitStatus, last_line: Option<&str>) -> String {
    let how = match (status.signal(), status.code()) {
        (Some(number), _) => format!("its process was ended by signal {number}{}", signal_name(number)),
        (None, Some(code)) => format!("its process called exit({code})"),
        (None, None) => "its process ended".to_owned(),
    };
    match last_line {
        Some(line) => format!("{how}; its last words: {line}"),
        None => how,
    }
}

/// Says what a signal means that a plugin may end with; begins with a blank.
pub(crate) fn signal_name(number: i32) -> &'static str {
    match number {
        4 => " (illegal instruction)",
        6 => " (it aborted)",
        7 => " (bus error)",
        8 => " (arithmetic error)",
        9 => " (killed)",
        11 => " (segmentation fault or stack overflow)",
        _ => "",
    }
}
