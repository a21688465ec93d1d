use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::Broken;

/// The folder of all runs of a user.
#[derive(Clone, Debug)]
pub struct Runs {
    pub folder: PathBuf,
}

/// The folder of one run: the journal, its key, its lock, and approvals that were given from outside.
#[derive(Clone, Debug)]
pub struct RunFolder {
    pub run: String,
    pub path: PathBuf,
}

/// The hold on a run: nobody else goes on with it meanwhile. Ends with the process.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

impl Runs {
    /// Returns the runs below a state folder.
    pub fn below(state: &Path) -> Self {
        Self { folder: state.join("runs") }
    }

    /// Returns the names of all runs, the newest last.
    pub fn names(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let named = |entry: fs::DirEntry| entry.file_name().into_string().ok();
        let mut names: Vec<String> =
            entries.flatten().filter(|entry| entry.path().join("lock").exists()).filter_map(named).collect();
        names.sort();
        names
    }

    /// Returns the folder of a run that is there; `last` is the newest.
    pub fn find(&self, run: &str) -> Result<RunFolder, Broken> {
        let names = self.names();
        let found = match run {
            "last" => names.last(),
            name => names.iter().find(|known| *known == name),
        };
        match found {
            Some(name) => Ok(self.of(name)),
            None => Err(Broken::NoRun { run: run.to_owned(), folder: self.folder.clone() }),
        }
    }

    /// Makes the folder of a new run; only its owner can look into it.
    pub fn create(&self, run: &str) -> Result<RunFolder, Broken> {
        let folder = self.of(run);
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(folder.approvals()).map_err(|error| Broken::write(&folder.path, error))?;
        Ok(folder)
    }

    fn of(&self, run: &str) -> RunFolder {
        RunFolder { run: run.to_owned(), path: self.folder.join(run) }
    }
}

impl RunFolder {
    /// Returns the database.
    pub fn journal(&self) -> PathBuf {
        self.path.join("journal.db")
    }

    /// Returns the file of the key that opens what is sealed.
    pub fn key(&self) -> PathBuf {
        self.path.join("key")
    }

    /// Returns the file that tells how far the journal had come at least.
    pub fn head(&self) -> PathBuf {
        self.path.join("head")
    }

    /// Returns the folder of approvals that were given from another terminal.
    pub fn approvals(&self) -> PathBuf {
        self.path.join("approvals")
    }

    /// Takes the run for this process; `who` is told to others who try.
    pub fn lock(&self, who: &str) -> Result<RunLock, Broken> {
        let path = self.path.join("lock");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&path).map_err(|error| Broken::write(&path, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The holder is only told; without it the answer is the same.
                drop(file.read_to_string(&mut holder));
                let by = if holder.is_empty() { holder } else { format!(": {holder}") };
                return Err(Broken::Locked { run: self.run.clone(), by });
            }
            Err(TryLockError::Error(error)) => return Err(Broken::write(&path, error)),
        }
        let written =
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(who.as_bytes()));
        written.map_err(|error| Broken::write(&path, error))?;
        Ok(RunLock { _file: file })
    }

    /// Removes the folder of a run that nobody else works on.
    pub fn remove(self, lock: RunLock) -> Result<(), Broken> {
        // Without its lock it is no run any more, even when the rest is not removed for some reason.
        let removed = fs::remove_file(self.path.join("lock")).and_then(|()| fs::remove_dir_all(&self.path));
        drop(lock);
        removed.map_err(|error| Broken::write(&self.path, error))
    }

    /// Returns whether a process is at work on the run.
    pub fn is_live(&self) -> bool {
        let file = File::open(self.path.join("lock"));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}
