use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A process has one, as it has one standard output.
static LOG: OnceLock<Log> = OnceLock::new();

struct Log {
    file: Mutex<File>,
    /// Who writes: process, user and name, in the form of Ansible's log.
    head: String,
}

/// Writes all that is printed from now on into a file as well, behind what is there, without colours.
///
/// A new file is for its owner only: results of hosts stand in it.
pub fn log_to(path: &Path, user: &str, tool: &str) -> std::io::Result<()> {
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    let head = format!("p={} u={user} n={tool}", std::process::id());
    // A second one in the same process has nothing to add.
    drop(LOG.set(Log { file: Mutex::new(file), head }));
    Ok(())
}

/// Takes a printed text into the log, when there is one.
pub fn note(text: &str) {
    let text = plain(text);
    let text = text.trim_start_matches('\n');
    let (Some(log), false) = (LOG.get(), text.trim().is_empty()) else { return };
    let level = match text {
        _ if text.starts_with("[ERROR]") => "ERROR",
        _ if text.starts_with("[WARNING]") || text.starts_with("[DEPRECATION") => "WARNING",
        _ => "INFO",
    };
    let now = jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S,%3f").to_string();
    let mut file = log.file.lock().unwrap_or_else(PoisonError::into_inner);
    // A log on a full disk stops no run: the journal is what a run lives by.
    drop(writeln!(file, "{now} {} {level}| {text}", log.head));
}

/// Returns a text without the colours that `Paint` gives.
fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains('\x1b') {
        return Cow::Borrowed(text);
    }
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once('m').map_or(part, |(_, behind)| behind));
    Cow::Owned(rest.fold(first, |text, part| text + part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_do_not_reach_the_log() {
        assert_eq!(plain("\x1b[0;33mchanged: [a]\x1b[0m"), "changed: [a]");
        assert_eq!(plain("as it is"), "as it is");
    }
}
