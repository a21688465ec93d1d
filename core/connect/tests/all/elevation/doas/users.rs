use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::{is_root, tool};

pub const PASSWORD: &str = "Rhubarb-4471-ladder";
const RULES: &str = "/etc/doas.conf";

/// Two users of this machine, the first of whom may become the second by a rule of doas. Both, and the rule, are
/// gone when this is dropped.
pub struct Users {
    pub login: String,
    pub other: String,
    rules_before: Option<Vec<u8>>,
    folder: TempDir,
    /// The system has one list of rules: other processes wait.
    _turn: File,
}

impl Users {
    /// Makes them, or says why not.
    pub fn make() -> Option<Self> {
        if !is_root() {
            println!("skipped: only root may make users");
            return None;
        }
        for name in ["doas", "useradd", "userdel", "chpasswd", "setpriv"] {
            tool(name)?;
        }
        let turn = File::create("/run/lock/switchover-test-doas.lock").ok();
        let Some(turn) = turn.filter(|turn| turn.lock().is_ok()) else {
            println!("skipped: no lock for the rules of doas");
            return None;
        };
        let (login, other) = ("swdoas1".to_owned(), "swdoas2".to_owned());
        let rules_before = std::fs::read(RULES).ok();
        // Left by a test that was killed.
        remove(&login);
        remove(&other);
        let users = Self { login, other, rules_before, folder: tempfile::tempdir().unwrap(), _turn: turn };
        std::fs::set_permissions(users.folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        for user in [&users.login, &users.other] {
            run(Command::new("useradd")
                .args(["-M", "-d"])
                .arg(users.folder.path())
                .args(["-s", "/bin/sh", user]));
        }
        let mut setting = Command::new("chpasswd").stdin(Stdio::piped()).spawn().unwrap();
        writeln!(setting.stdin.take().unwrap(), "{}:{PASSWORD}", users.login).unwrap();
        assert!(setting.wait().unwrap().success());
        users.allow("");
        Some(users)
    }

    /// Lets the first become the second, with this option.
    pub fn allow(&self, option: &str) {
        let mut rules = self.rules_before.clone().unwrap_or_default();
        let rule = format!("\npermit {option} {} as {}\n", self.login, self.other);
        rules.extend_from_slice(rule.as_bytes());
        put(&rules);
    }

    /// Returns a shell of the controller that runs everything as the first user.
    pub fn shell_of_login(&self) -> String {
        let path = self.folder.path().join("shell");
        let user = &self.login;
        let text =
            format!("#!/bin/sh\nexec setpriv --reuid {user} --regid {user} --init-groups /bin/sh \"$@\"\n");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    }
}

/// By rename, so that there never is half a file of rules.
fn put(rules: &[u8]) {
    let beside = format!("{RULES}.switchover-test");
    std::fs::write(&beside, rules).unwrap();
    std::fs::set_permissions(&beside, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::rename(&beside, RULES).unwrap();
}

fn run(command: &mut Command) {
    assert!(command.status().unwrap().success(), "{command:?}");
}

/// A process of the user may still be about to end, which `-f` does not mind.
fn remove(user: &str) {
    let mut removing = Command::new("userdel");
    removing.args(["-f", user]).stdout(Stdio::null()).stderr(Stdio::null());
    removing.status().unwrap();
}

impl Drop for Users {
    fn drop(&mut self) {
        match &self.rules_before {
            Some(rules) => put(rules),
            None => std::fs::remove_file(RULES).unwrap_or_default(),
        }
        remove(&self.login);
        remove(&self.other);
    }
}
