use std::path::{Path, PathBuf};

/// Why a journal cannot be kept, or not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("cannot write the journal {path}: {reason}")]
    Write { path: PathBuf, reason: String },
    #[error("cannot read the journal {path}: {reason}")]
    Read { path: PathBuf, reason: String },
    #[error("the journal {path} is damaged: {what}")]
    Damaged { path: PathBuf, what: String },
    #[error("{path} is not there or cannot be used, and without it the journal cannot be opened: {reason}")]
    Key { path: PathBuf, reason: String },
    #[error("the journal {path} was written by a newer version (format {format})")]
    Newer { path: PathBuf, format: u32 },
    #[error("run {run} is under way{by}")]
    Locked { run: String, by: String },
    #[error("there is no run {run} in {folder}")]
    NoRun { run: String, folder: PathBuf },
}

impl Broken {
    /// Returns the error of a write that did not succeed.
    pub fn write(path: &Path, reason: impl ToString) -> Self {
        Self::Write { path: path.to_owned(), reason: reason.to_string() }
    }

    /// Returns the error of a read that did not succeed.
    pub fn read(path: &Path, reason: impl ToString) -> Self {
        Self::Read { path: path.to_owned(), reason: reason.to_string() }
    }

    /// Returns the error of content that cannot be right.
    pub fn damaged(path: &Path, what: impl ToString) -> Self {
        Self::Damaged { path: path.to_owned(), what: what.to_string() }
    }
}
