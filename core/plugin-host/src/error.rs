use std::error::Error;
use std::path::{Path, PathBuf};

use crate::{Distrust, SpecFault};

/// The most that is shown of a message, in letters.
const LONGEST: usize = 4000;

/// Why a plugin file, or a folder of them, is not used. Every variant names the file.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    #[error("cannot read {}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{} is not trusted", file.display())]
    Untrusted { file: PathBuf, source: Distrust },
    #[error("{} is not a shared library: {why}", file.display())]
    NotALibrary { file: PathBuf, why: &'static str },
    #[error("{} is built for {built_for}, this machine is {here}", file.display())]
    WrongCpu { file: PathBuf, built_for: String, here: String },
    #[error("{} is cut off: it has {size} bytes and says that it needs {needed}", file.display())]
    Truncated { file: PathBuf, size: u64, needed: u64 },
    #[error("{} cannot be loaded", file.display())]
    Open { file: PathBuf, source: libloading::Error },
    #[error("{} is no plugin: it does not export `{symbol}`", file.display())]
    NoSymbol { file: PathBuf, symbol: &'static str, source: libloading::Error },
    #[error("{} has no usable table of functions: {why}", file.display())]
    NoTable { file: PathBuf, why: &'static str },
    #[error("{} speaks version {got} of the plugin interface, this program speaks {want}", file.display())]
    WrongAbi { file: PathBuf, want: u32, got: u32 },
    #[error("{} has a table of {got} bytes, version 1 of the plugin interface has {want}", file.display())]
    TableTooSmall { file: PathBuf, want: u32, got: u32 },
    #[error("{} has no function `{function}` in its table", file.display())]
    NoFunction { file: PathBuf, function: &'static str },
    #[error("{} failed to describe its modules", file.display())]
    Describe { file: PathBuf, source: AnswerError },
    #[error("{} describes its modules in JSON that cannot be read", file.display())]
    DescribeNotReadable { file: PathBuf, source: serde_json::Error },
    #[error("{} describes its modules wrongly", file.display())]
    Spec { file: PathBuf, source: SpecFault },
    /// With what the plugin's own process said, which names the file.
    #[error("{text}")]
    Refused { file: PathBuf, text: String, remedy: Option<String> },
    #[error("no process can be started for {}", file.display())]
    NoProcess { file: PathBuf, source: std::io::Error },
    #[error("{} did not describe its modules: {how}", file.display())]
    Died { file: PathBuf, how: String },
    #[error("{} did not describe its modules within {seconds} s", file.display())]
    Hangs { file: PathBuf, seconds: u64 },
    #[error("{} did not describe its modules when it was asked last, and is not asked again", file.display())]
    Hung { file: PathBuf },
    #[error("{} is not loaded: {what}, which was put back", file.display())]
    Spoils { file: PathBuf, what: &'static str },
    #[error("{} is no longer the file that described its modules", file.display())]
    Replaced { file: PathBuf },
    #[error("{}, line {line} is not `NAME VERSION sha256:SUM`", file.display())]
    LockLine { file: PathBuf, line: usize },
    #[error("{} is not in {}", file.display(), lock.display())]
    NotLocked { file: PathBuf, lock: PathBuf },
    #[error(
        "{} is not the file of {}, which has version {version} with SHA-256 {want}…; this one has {got}…",
        file.display(), lock.display()
    )]
    LockedOtherwise { file: PathBuf, lock: PathBuf, version: String, want: String, got: String },
    #[error("two plugins offer `{name}`: {} and {}", first.display(), second.display())]
    Duplicate { name: String, first: PathBuf, second: PathBuf },
    #[error("{} offers `{name}`, {of}", file.display())]
    Reserved { file: PathBuf, name: String, of: String },
}

impl PluginError {
    /// Returns the file or folder that this is about; of two, the second.
    pub fn path(&self) -> &Path {
        match self {
            Self::Unreadable { path, .. } => path,
            Self::Untrusted { file, .. }
            | Self::NotALibrary { file, .. }
            | Self::WrongCpu { file, .. }
            | Self::Truncated { file, .. }
            | Self::Open { file, .. }
            | Self::NoSymbol { file, .. }
            | Self::NoTable { file, .. }
            | Self::WrongAbi { file, .. }
            | Self::TableTooSmall { file, .. }
            | Self::NoFunction { file, .. }
            | Self::Describe { file, .. }
            | Self::DescribeNotReadable { file, .. }
            | Self::Spec { file, .. }
            | Self::Refused { file, .. }
            | Self::NoProcess { file, .. }
            | Self::Died { file, .. }
            | Self::Hangs { file, .. }
            | Self::Hung { file }
            | Self::Spoils { file, .. }
            | Self::Reserved { file, .. }
            | Self::Replaced { file }
            | Self::LockLine { file, .. }
            | Self::NotLocked { file, .. }
            | Self::LockedOtherwise { file, .. }
            | Self::Duplicate { second: file, .. } => file,
        }
    }

    /// Returns the message with all its causes in one line, without what would reach the terminal as a command; the cause is often the only telling part.
    pub fn explain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        printable(&text)
    }
}

/// Why a plugin's function gave no usable bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    #[error("it answered with code {code} and said {said:?}")]
    Code { code: i32, said: String },
    #[error("it answered with code {code} and no explanation")]
    SilentCode { code: i32 },
    #[error("it answered with {len} bytes, more than the limit of {limit}")]
    TooLarge { len: usize, limit: usize },
    #[error("it answered with {len} bytes at a null address")]
    NullData { len: usize },
    /// In a process of its own: how that ended.
    #[error("{how}")]
    Died { how: String },
    #[error("it went on for {seconds} s after it was told to stop, so its process was ended")]
    Deaf { seconds: u64 },
    /// In a process of its own: what that said.
    #[error("{how}")]
    Told { how: String },
    #[error("{what}, which was put back")]
    Spoilt { what: &'static str },
    #[error("{how}")]
    NotThere { how: String },
}

/// Shows control characters, which come from a plugin, a host, or the loader that read a file, instead of passing them to the terminal.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars().take(LONGEST) {
        match letter {
            letter if letter.is_control() => shown.extend(letter.escape_default()),
            letter => shown.push(letter),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_a_terminal_would_obey() {
        let text = "unknown field `\u{1b}[2J`\nPLAY RECAP".to_owned();
        let problem = PluginError::Refused { file: "/x".into(), text, remedy: None };
        assert_eq!(problem.explain(), "unknown field `\\u{1b}[2J`\\nPLAY RECAP");
    }
}
