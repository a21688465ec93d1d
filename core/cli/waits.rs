//! What a run waits for, beside the words that are given: so that others see it and give the right one.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use switchover_journal::{RunFolder, digest};

/// A human's word that is wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    /// The name under which it is given.
    pub step: String,
    /// What else it may be called: the task, its module.
    pub names: Vec<String>,
    /// Where; a question is about no host.
    pub host: Option<String>,
    /// What is lost, or the question.
    pub what: String,
    /// Seconds since 1970.
    pub since: f64,
    /// Until then somebody listens; after it the run has stopped.
    pub until: f64,
}

impl Wait {
    /// Returns whether a word for this step is meant, on whatever host.
    pub fn is_called(&self, step: &str) -> bool {
        self.step == step || self.names.iter().any(|name| name == step)
    }

    /// Returns whether a word for this host, or for all, is meant.
    pub fn is_on(&self, host: Option<&str>) -> bool {
        host.is_none() || self.host.as_deref() == host
    }

    /// Returns the step and its host, as people read it.
    pub fn place(&self) -> String {
        self.host.as_ref().map_or_else(|| self.step.clone(), |host| format!("{} on {host}", self.step))
    }

    /// Returns what is lost or asked, in a sentence.
    pub fn loss(&self) -> String {
        match &self.host {
            Some(_) => format!("{} destroys: {}", self.place(), self.what),
            None => format!("{} asks: {}", self.step, self.what),
        }
    }

    /// Returns the task, when it is not called as the step is.
    pub fn task(&self) -> String {
        match self.names.first() {
            Some(task) if *task != self.step => format!("{task}: "),
            _ => String::new(),
        }
    }

    /// Returns the words of the command that gives it.
    pub fn command(&self, run: &str) -> String {
        let words = ["switchover", "approve", run, &self.step].map(str::to_owned).into_iter();
        let host = self.host.iter().flat_map(|host| ["--host".to_owned(), host.clone()]);
        crate::next::typed(words.chain(host))
    }

    /// Writes it down. Without it others see less, which is no reason to stop.
    pub fn put(&self, folder: &Path) {
        let (path, new) = (self.path(folder), self.path(folder).with_extension("new"));
        let mut options = std::fs::OpenOptions::new();
        let Ok(file) = options.write(true).create(true).truncate(true).mode(0o600).open(&new) else { return };
        if serde_json::to_writer(&file, self).is_ok() {
            drop(std::fs::rename(&new, &path));
        }
    }

    /// Takes it back: the word was given.
    pub fn remove(&self, folder: &Path) {
        drop(std::fs::remove_file(self.path(folder)));
    }

    fn path(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.waits", digest(self.place().as_bytes())))
    }
}

/// Returns what a run waits for, the longest first.
pub fn all(folder: &RunFolder) -> Vec<Wait> {
    let read = |path: PathBuf| serde_json::from_slice::<Wait>(&std::fs::read(path).ok()?).ok();
    let mut all: Vec<Wait> = paths(&folder.approvals()).into_iter().filter_map(read).collect();
    all.sort_by(|one, other| one.since.total_cmp(&other.since).then_with(|| one.host.cmp(&other.host)));
    all
}

/// Forgets what an earlier part of the run waited for.
pub fn clear(folder: &RunFolder) {
    paths(&folder.approvals()).into_iter().for_each(|path| drop(std::fs::remove_file(path)));
}

fn paths(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|ending| ending == "waits")).collect()
}
