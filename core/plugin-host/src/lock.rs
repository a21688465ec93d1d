//! `plugins.lock`: which plugins a project uses, by name, version and the SHA-256 of the file.
//!
//! One plugin a line, as text that a review can read: `NAME VERSION sha256:SUM`, and `isolated` after it for one
//! that runs in a process of its own. A name may have several lines, one for each build (of two processors).

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::PluginError;

/// The file's name, in the project's folder or in a folder of plugins.
pub const LOCK_FILE: &str = "plugins.lock";

/// No lock is that long.
const LONGEST: u64 = 16 * 1024 * 1024;

/// A lock that was read, or is to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    pub file: PathBuf,
    pub entries: Vec<Locked>,
}

/// One build of one plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// What the file's name says: `hello` for `libswitchover_hello.so`.
    pub name: String,
    pub version: String,
    pub sha256: String,
    /// Runs in a process of its own.
    pub isolated: bool,
}

impl Lock {
    /// Reads the lock of a folder; `None` when it has none.
    pub fn read(folder: &Path) -> Result<Option<Self>, PluginError> {
        let file = folder.join(LOCK_FILE);
        let text = match read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(PluginError::Unreadable { path: file, source }),
        };
        let mut entries = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let entry =
                entry(line).ok_or_else(|| PluginError::LockLine { file: file.clone(), line: index + 1 })?;
            entries.push(entry);
        }
        Ok(Some(Self { file, entries }))
    }

    /// Returns the text of the file.
    pub fn text(&self) -> String {
        let mut text = String::from(
            "# The plugins that run here, and no others. Written by `switchover plugin lock`; look at what changed\n\
             # before you write it again.\n",
        );
        for Locked { name, version, sha256, isolated } in &self.entries {
            let isolated = if *isolated { " isolated" } else { "" };
            writeln!(text, "{name} {version} sha256:{sha256}{isolated}").expect("a text takes everything");
        }
        text
    }

    /// Returns the line of this file, or why it must not be used.
    pub(crate) fn find(&self, plugin: &Path, name: &str, sha256: &str) -> Result<&Locked, PluginError> {
        let mut named = self.entries.iter().filter(|entry| entry.name == name).peekable();
        let Some(first) = named.peek().copied() else {
            return Err(PluginError::NotLocked { file: plugin.to_owned(), lock: self.file.clone() });
        };
        named.find(|entry| entry.sha256 == sha256).ok_or_else(|| PluginError::LockedOtherwise {
            file: plugin.to_owned(),
            lock: self.file.clone(),
            version: first.version.clone(),
            want: short(&first.sha256),
            got: short(sha256),
        })
    }
}

/// Reads a file that may be a pipe or a device, which would block or never end.
fn read(file: &Path) -> std::io::Result<String> {
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(std::io::Error::other("it is not a regular file"));
    }
    if metadata.len() > LONGEST {
        return Err(std::io::Error::other(format!("it is larger than {LONGEST} bytes")));
    }
    std::fs::read_to_string(file)
}

fn entry(line: &str) -> Option<Locked> {
    let mut words = line.split_whitespace();
    let (name, version) = (words.next()?.to_owned(), words.next()?.to_owned());
    let sha256 = words.next()?.strip_prefix("sha256:")?.to_lowercase();
    let is_sum = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    let isolated = match words.next() {
        None => false,
        Some("isolated") => true,
        Some(_) => return None,
    };
    (is_sum && words.next().is_none()).then_some(Locked { name, version, sha256, isolated })
}

fn short(sum: &str) -> String {
    sum.get(..12).unwrap_or(sum).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(letter: &str) -> String {
        letter.repeat(64)
    }

    fn lock() -> Lock {
        let entry =
            |sha256, isolated| Locked { name: "hello".into(), version: "1.0".into(), sha256, isolated };
        Lock { file: "/p/plugins.lock".into(), entries: vec![entry(sum("a"), true), entry(sum("b"), false)] }
    }

    #[test]
    fn reads_what_it_writes() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Lock::read(folder.path()).unwrap(), None);
        let file = folder.path().join(LOCK_FILE);
        std::fs::write(&file, lock().text()).unwrap();
        let read = Lock::read(folder.path()).unwrap().unwrap();
        assert_eq!(read, Lock { file, ..lock() });
    }

    #[test]
    fn names_the_line_that_it_cannot_read() {
        let folder = tempfile::tempdir().unwrap();
        let good = format!("hello 1.0 sha256:{}", sum("a"));
        for bad in
            ["hello 1.0", "hello 1.0 sha256:12", &format!("{good} apart"), &format!("{good} isolated x")]
        {
            std::fs::write(folder.path().join(LOCK_FILE), format!("# head\n{good}\n{bad}\n")).unwrap();
            let error = Lock::read(folder.path()).unwrap_err().explain();
            assert!(error.contains("plugins.lock, line 3"), "{error}");
        }
    }

    #[test]
    fn finds_any_build_of_a_name_and_refuses_all_others() {
        let (lock, plugin) = (lock(), Path::new("/p/libswitchover_hello.so"));
        assert!(lock.find(plugin, "hello", &sum("a")).unwrap().isolated);
        assert!(!lock.find(plugin, "hello", &sum("b")).unwrap().isolated);
        assert_eq!(
            lock.find(plugin, "hello", &sum("c")).unwrap_err().explain(),
            "/p/libswitchover_hello.so is not the file of /p/plugins.lock, which has hello 1.0 with SHA-256 \
             aaaaaaaaaaaa…; this one has cccccccccccc…"
                .replace("hello 1.0", "version 1.0")
        );
        assert_eq!(
            lock.find(plugin, "other", &sum("a")).unwrap_err().explain(),
            "/p/libswitchover_hello.so is not in /p/plugins.lock"
        );
    }
}
