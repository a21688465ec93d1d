use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The programs of the newest PostgreSQL that this machine has, and the user who may run a server.
pub struct Programs {
    pub bin: PathBuf,
    pub version: String,
    /// PostgreSQL refuses root, so a test that runs as root runs the servers as this user.
    user: Option<(u32, u32)>,
}

impl Programs {
    /// Finds them; `None`, with the reason printed, where they are missing.
    #[expect(clippy::print_stdout, reason = "a test says why it is skipped")]
    pub fn find() -> Option<Self> {
        let mut bins: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
            .map(|folders| folders.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).collect())
            .unwrap_or_default();
        bins.retain(|bin| bin.join("initdb").exists() && bin.join("psql").exists());
        bins.sort();
        let Some(bin) = bins.pop() else {
            println!("skipped: no PostgreSQL server is installed below /usr/lib/postgresql");
            return None;
        };
        let output = Command::new(bin.join("postgres")).arg("--version").output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let version = said.split_whitespace().nth(2).unwrap().to_owned();
        let user = is_root().then(|| (number(&["-u", "postgres"]), number(&["-g", "postgres"])));
        Some(Self { bin, version, user })
    }

    /// Returns the version before this one, as far as its name has the same length: it stands in the same place.
    pub fn version_before(&self) -> String {
        let (head, last) = self.version.split_at(self.version.len() - 1);
        let digit: u8 = last.parse().unwrap();
        format!("{head}{}", if digit == 0 { 9 } else { digit - 1 })
    }

    /// Makes the programs of the version before: the same ones, which call themselves by the other name.
    pub fn make_version_before(&self, folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        for name in
            ["postgres", "pg_ctl", "pg_controldata", "psql", "pg_basebackup", "pg_rewind", "pg_isready"]
        {
            let mut bytes = std::fs::read(self.bin.join(name)).unwrap();
            let (from, to) = (self.version.as_bytes(), self.version_before());
            let mut at = 0;
            while let Some(found) = bytes[at..].windows(from.len()).position(|window| window == from) {
                bytes[at + found..at + found + from.len()].copy_from_slice(to.as_bytes());
                at += found + from.len();
            }
            std::fs::write(folder.join(name), bytes).unwrap();
            std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    /// Returns a program that runs as the user who may run a server.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        if let Some((user, group)) = self.user {
            std::os::unix::process::CommandExt::uid(&mut command, user);
            std::os::unix::process::CommandExt::gid(&mut command, group);
        }
        command.stdin(Stdio::null()).current_dir("/").env("LC_ALL", "C");
        command
    }

    /// Runs a program as that user; it must end well.
    pub fn run(&self, program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> String {
        let output = self.command(program).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", text(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Gives a path to that user.
    pub fn own(&self, path: &Path) {
        if let Some((user, group)) = self.user {
            std::os::unix::fs::chown(path, Some(user), Some(group)).unwrap();
        }
    }
}

pub fn is_root() -> bool {
    number(&["-u"]) == 0
}

fn number(arguments: &[&str]) -> u32 {
    let output = Command::new("id").args(arguments).output().unwrap();
    assert!(output.status.success(), "id {arguments:?}: {}", text(&output));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), output.stderr.as_slice()].concat()).into_owned()
}
