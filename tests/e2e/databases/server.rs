#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a test says why it is skipped")]

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A server that a test started; it ends with the test.
pub struct Server {
    pub folder: TempDir,
    process: Child,
}

/// Who runs a server when the test is root, which servers refuse to be.
const NOBODY: u32 = 65534;

impl Server {
    /// Returns a folder that the server's user owns.
    pub fn folder() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        if is_root() {
            std::os::unix::fs::chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        folder
    }

    /// Starts a program in the folder and waits until `is_up` says so.
    pub fn start(folder: TempDir, program: &Path, arguments: &[&str], is_up: impl Fn() -> bool) -> Self {
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let mut program = command(program, folder.path());
        let process = program.args(arguments).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let server = Self { process, folder };
        let began = Instant::now();
        while !is_up() {
            let log = || std::fs::read_to_string(server.folder.path().join("log")).unwrap_or_default();
            assert!(began.elapsed() < Duration::from_secs(60), "the server does not come up:\n{}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// Returns a path in its folder, as text.
    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let ended = Command::new("kill").arg(self.process.id().to_string()).status();
        if ended.is_err() || self.process.wait().is_err() {
            eprintln!("a server of a test may still run: {}", self.process.id());
        }
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
}

/// Returns a program that runs in a folder, as a user who is not root.
pub fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env("HOME", folder).stdin(Stdio::null());
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// Finds a program; says that the test is skipped when there is none.
pub fn find(name: &str, folders: &[&str]) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    let found = folders.iter().copied().chain(path.split(':')).map(|folder| Path::new(folder).join(name));
    let found = found.into_iter().find(|path| path.is_file());
    if found.is_none() {
        println!("skipped: this machine has no {name}");
    }
    found
}
