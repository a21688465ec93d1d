use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use switchover_protocol::{Failure, HostCall, HostReply, Value};
use switchover_scratch::{Programs, ScratchHost};

use super::asking::{self, Asked};
use crate::{About, Delta, Module, Outcome};

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// A folder of this machine that plays the host: real files below it, real programs that start in it.
///
/// A path below the folder is itself, every other path is taken as below it. Programs see the whole machine, so tests
/// give modules the paths that [`LocalHost::file`] and [`LocalHost::path`] return. The folder is removed in the end.
pub struct LocalHost {
    folder: PathBuf,
    host: ScratchHost,
}

impl LocalHost {
    /// Makes an empty folder.
    ///
    /// # Panics
    /// When the folder cannot be made.
    #[expect(clippy::new_without_default, reason = "it makes a folder, which a default should not")]
    pub fn new() -> Self {
        let name = format!("switchover-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        let made = std::fs::DirBuilder::new().mode(0o700).create(&folder);
        made.expect("a folder for a test can be made");
        let host = ScratchHost::new(&folder, Programs::Run).expect("the folder is there");
        Self { folder: host.folder().to_owned(), host }
    }

    /// Writes a file, with the folders above it, and returns its path.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.join(name.trim_start_matches('/'));
        std::fs::create_dir_all(path.parent().unwrap_or(&self.folder)).expect("a folder can be made");
        std::fs::write(&path, content).expect("a file can be written");
        path.display().to_string()
    }

    /// Returns the path of what is called so on the host.
    pub fn path(&self, name: &str) -> String {
        self.folder.join(name.trim_start_matches('/')).display().to_string()
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Asks a module what would change; every write is refused meanwhile.
    pub fn check<M: Module>(&self, arguments: Value) -> Result<Delta, Failure> {
        asking::check::<M>(self, arguments)
    }

    /// Runs a module as the engine does: `check`, then `apply` unless there is nothing to change.
    pub fn run<M: Module>(&self, arguments: Value) -> Result<Outcome, Failure> {
        asking::run::<M>(self, arguments)
    }
}

impl Asked for LocalHost {
    fn answer(&self, call: &HostCall) -> HostReply {
        self.host.answer(call)
    }

    fn fence(&self, checking: bool) {
        self.host.fence(checking);
    }

    fn about(&self) -> About {
        About { diff: true, ..About::default() }
    }
}

impl Drop for LocalHost {
    fn drop(&mut self) {
        // What cannot be removed stays in the folder for temporary files.
        drop(std::fs::remove_dir_all(&self.folder));
    }
}
