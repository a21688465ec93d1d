use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SETUP: &str = include_str!("machine.sh");

/// A Debian machine in namespaces of its own, with a real sshd, sudo, apt and systemd-less services.
pub struct Machine {
    pub name: &'static str,
    pub ssh: u16,
    folder: PathBuf,
    holder: Child,
    /// The first process inside, as it is seen from here.
    inside: u32,
}

impl Machine {
    /// Starts one, with apt reading from the folder `packages` and the user `admin` let in by a key.
    pub fn start(folder: PathBuf, name: &'static str, packages: &Path, key: &Path) -> Self {
        std::fs::create_dir(&folder).unwrap();
        let ssh = free_port();
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let mut command = Command::new("unshare");
        command.args(["-m", "-p", "-u", "-i", "-f", "--kill-child", "sh", "-c", SETUP, "sh"]);
        command
            .arg(&folder)
            .arg(name)
            .arg(ssh.to_string())
            .arg(packages)
            .arg(key)
            .env_remove("SWITCHOVER_JOBS");
        let holder = command.stdin(Stdio::null()).stderr(log).stdout(Stdio::null()).spawn().unwrap();
        Self { name, ssh, folder, holder, inside: 0 }
    }

    /// Waits until it lets people in.
    pub fn ready(&mut self) {
        let begun = Instant::now();
        while !self.folder.join("ready").exists() {
            let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(self.holder.try_wait().unwrap().is_none(), "{} was not made: {}", self.name, log());
            assert!(begun.elapsed() < Duration::from_secs(60), "{}: {}", self.name, log());
            std::thread::sleep(Duration::from_millis(20));
        }
        let holder = self.holder.id();
        let children = std::fs::read_to_string(format!("/proc/{holder}/task/{holder}/children")).unwrap();
        self.inside = children.split_whitespace().next().unwrap().parse().unwrap();
        while std::net::TcpStream::connect(("127.0.0.1", self.ssh)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(60), "sshd of {}", self.name);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Returns the line of its key for known_hosts.
    pub fn known_host(&self) -> String {
        let key = std::fs::read_to_string(self.folder.join("host_key.pub")).unwrap();
        format!("[127.0.0.1]:{} {key}", self.ssh)
    }

    /// Returns a command that runs a script inside as a user.
    pub fn command(&self, user: &str, script: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["-t", &self.inside.to_string(), "-m", "-p", "-u", "-i", "-r", "-w"]);
        command.args(["runuser", "-u", user, "--", "sh", "-ec", script]);
        command.stdin(Stdio::null()).env("LC_ALL", "C.UTF-8").env("HOME", "/var/lib/postgresql");
        command
    }

    /// Runs a script inside as a user, and returns what it said, whether it went well or not.
    pub fn said(&self, user: &str, script: &str) -> (bool, String) {
        let output = self.command(user, script).output().unwrap();
        let text = String::from_utf8_lossy(&[output.stdout.as_slice(), output.stderr.as_slice()].concat())
            .into_owned();
        (output.status.success(), text.trim().to_owned())
    }

    /// Runs a script inside as a user; it must end well.
    pub fn run(&self, user: &str, script: &str) -> String {
        let (good, said) = self.said(user, script);
        assert!(good, "{}: {script}: {said}", self.name);
        said
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Its first process goes with the holder, and all others with the first.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
        let begun = Instant::now();
        while self.inside != 0
            && Path::new(&format!("/proc/{}", self.inside)).exists()
            && begun.elapsed() < Duration::from_secs(10)
        {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Returns a port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
