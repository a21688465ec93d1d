use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::lab::{HostLayout, Layout};
pub use crate::output::{ask, complain, say, with_causes};
use crate::sim::{Event, HostState, Phase, Store, StoreError, now};

/// Where a command runs and as whom.
pub struct Site {
    pub store: Store,
    pub host: String,
    /// The simulated user; all processes really run as the user who started the lab.
    pub user: String,
    /// The tree into which the product's shell has changed its root.
    pub shell: Option<PathBuf>,
}

/// Accounts besides the login user.
const ACCOUNTS: [(&str, u32); 4] =
    [("root", 0), ("nobody", 65_534), ("alation", 1001), ("alationadmin", 1002)];

impl Site {
    /// Reads where it is from the environment that the host's server gave.
    pub fn from_environment() -> Result<Self, String> {
        let variable =
            |name: &str| std::env::var(name).map_err(|_| format!("not on a simulated host: no {name}"));
        let layout = Layout::new(variable("LAB_ROOT")?);
        let store = Store::open(layout).map_err(|error| with_causes(&error))?;
        Ok(Self {
            store,
            host: variable("LAB_HOST")?,
            user: variable("LAB_USER")?,
            shell: std::env::var_os("LAB_SHELL").map(PathBuf::from),
        })
    }

    /// The folders of this host.
    pub fn layout(&self) -> HostLayout {
        self.store.layout().host(&self.host)
    }

    /// What is true of this host.
    pub fn state(&self) -> Result<HostState, StoreError> {
        self.store.glance(&self.host)
    }

    /// Whether the simulated user is root.
    pub fn is_root(&self) -> bool {
        self.user == "root"
    }

    /// The number of an account; `None` when the host has no such user.
    pub fn uid(&self, user: &str) -> Option<u32> {
        if user == self.store.settings().user {
            return Some(1000);
        }
        ACCOUNTS.iter().find(|(name, _)| *name == user).map(|(_, uid)| *uid)
    }

    /// Sets the environment of a command that another user runs.
    pub fn run_as(&self, command: &mut Command, user: &str) {
        command.env("LAB_USER", user).env("USER", user).env("LOGNAME", user);
        command.env("HOME", self.layout().home(user));
        if let Some(tree) = &self.shell {
            let path = format!("{}:/usr/bin:/bin", tree.join("opt/alation/ops/bin").display());
            command.env("PATH", path).env("LAB_SHELL", tree);
        }
    }

    /// Becomes the command. Returns the exit code only when that fails.
    pub fn become_command(&self, name: &str, command: &mut Command) -> u8 {
        let error = command.exec();
        let program = command.get_program().to_string_lossy().into_owned();
        let (reason, code) = match error.kind() {
            io::ErrorKind::NotFound => ("command not found".to_owned(), 127),
            _ => (error.to_string(), 126),
        };
        complain(&format!("{name}: {program}: {reason}"));
        if name == "sudo" { 1 } else { code }
    }

    /// Writes a line of the event log.
    pub fn record(&self, command: &str, phase: Phase, rc: Option<u8>, note: &str) {
        let event = Event {
            time: now(),
            sim: self.store.simulated_now(),
            host: self.host.clone(),
            user: self.user.clone(),
            command: command.to_owned(),
            argv: std::env::args().collect(),
            phase,
            rc: rc.map(i32::from),
            note: note.to_owned(),
        };
        if let Err(error) = self.store.record(&event) {
            complain(&format!("switchover-lab: {}", with_causes(&error)));
        }
    }

    /// Records the end of a command and returns its exit code.
    pub fn end(&self, command: &str, rc: u8, note: &str) -> u8 {
        self.record(command, Phase::Finished, Some(rc), note);
        rc
    }

    /// Waits for a simulated time.
    pub fn pass(&self, simulated_seconds: f64) {
        std::thread::sleep(Duration::from_secs_f64(simulated_seconds * self.store.settings().scale));
    }
}

/// Reads one line from stdin and nothing beyond it, since what follows belongs to another command; `None` at
/// the end of input.
pub fn read_line() -> Option<String> {
    let mut stdin = File::from(io::stdin().as_fd().try_clone_to_owned().ok()?);
    let mut line = Vec::new();
    let mut byte = [0];
    loop {
        match stdin.read(&mut byte) {
            Ok(1) if byte[0] == b'\n' => break,
            Ok(1) => line.push(byte[0]),
            _ if line.is_empty() => return None,
            _ => break,
        }
    }
    Some(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned())
}

/// A command that runs a shell line.
pub fn shell(line: &OsStr) -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(line);
    command
}
