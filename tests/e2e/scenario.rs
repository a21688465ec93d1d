use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A run of the program in a folder of its own.
pub struct Scenario {
    folder: TempDir,
    here: Option<PathBuf>,
    arguments: Vec<String>,
    state: Option<PathBuf>,
}

/// What a run printed, and how it exited.
#[derive(Debug)]
pub struct Outcome {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl Scenario {
    /// Returns a scenario that knows neither playbook nor inventory.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, here: None, arguments: Vec::new(), state: None }
    }

    /// Writes a file below the scenario's folder.
    pub fn file(self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Writes the playbook, `site.yml`, and runs it.
    pub fn playbook(self, text: &str) -> Self {
        self.file("site.yml", text).args(["run", "site.yml"])
    }

    /// Writes the inventory, `hosts`, and uses it.
    pub fn inventory(self, text: &str) -> Self {
        self.file("hosts", text).args(["-i", "hosts"])
    }

    /// Adds arguments.
    pub fn args<A: Into<String>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Runs in another folder than the scenario's own.
    pub fn inside(mut self, folder: &Path) -> Self {
        self.here = Some(folder.to_owned());
        self
    }

    /// Uses the journals of another scenario.
    pub fn state_of(mut self, other: &Self) -> Self {
        self.state = Some(other.path("state"));
        self
    }

    /// Returns a path below the scenario's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the program with its arguments. What the caller's environment says about runs is left out.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchover"));
        command.args(&self.arguments).current_dir(self.here.as_deref().unwrap_or(self.folder.path()));
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("ANSIBLE_") || name.starts_with("SWITCHOVER_") {
                command.env_remove(name);
            }
        }
        command
            .env("NO_COLOR", "1")
            .env("XDG_STATE_HOME", self.state.clone().unwrap_or_else(|| self.path("state")))
            .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
        command
    }

    /// Runs the program and waits for it.
    pub fn run(&self) -> Outcome {
        Outcome::of(&mut self.command())
    }
}

impl Outcome {
    /// Runs a command without input and waits for it.
    pub fn of(command: &mut Command) -> Self {
        let output = command.stdin(Stdio::null()).output().unwrap();
        Self {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code().unwrap_or(-1),
        }
    }
}
