//! A real OpenSSH server of the test's own, on a loopback port, for the user who runs the tests.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use switchover_connect::*;
use tempfile::TempDir;

use super::tool;

pub struct Sshd {
    pub folder: TempDir,
    pub port: u16,
    pub user: String,
    child: Child,
}

impl Sshd {
    /// Starts a server, or says why not.
    pub fn start() -> Option<Self> {
        Self::start_with("")
    }

    pub fn start_with(extra: &str) -> Option<Self> {
        let sshd = tool("sshd")?;
        tool("ssh-keygen")?;
        let user = name_of_user()?;
        if super::is_root() {
            // The system's own folder for this; it is empty and belongs to root.
            std::fs::create_dir_all("/run/sshd").unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        keygen(&at("host_key"), "ed25519", "");
        keygen(&at("id"), "ed25519", "");
        keygen(&at("locked"), "ed25519", "open sesame");
        keygen(&at("stranger"), "ed25519", "");
        let both = ["id.pub", "locked.pub"].map(|name| std::fs::read_to_string(at(name)).unwrap());
        std::fs::write(at("authorized_keys"), both.concat()).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {0}/host_key\nAuthorizedKeysFile {0}/authorized_keys\n\
             PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
             MaxStartups 100\nSetEnv SWITCHOVER_JOBS={0}/jobs\nLogLevel VERBOSE\nPermitRootLogin yes\n{extra}\n",
            folder.path().display()
        );
        std::fs::write(at("sshd_config"), config).unwrap();
        let child = Command::new(sshd)
            .args(["-D", "-e", "-f"])
            .arg(at("sshd_config"))
            .stdin(Stdio::null())
            .stderr(std::fs::File::create(at("log")).unwrap())
            .spawn()
            .unwrap();
        let server = Self { folder, port, user, child };
        server.trust("host_key");
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(server);
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("sshd does not start: {}", server.log());
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    pub fn name(&self) -> String {
        format!("[127.0.0.1]:{}", self.port)
    }

    /// Makes this key the only one that is known for the server.
    pub fn trust(&self, key: &str) {
        let public = std::fs::read_to_string(self.path(&format!("{key}.pub"))).unwrap();
        std::fs::write(self.path("known_hosts"), format!("# known\n{} {public}", self.name())).unwrap();
    }

    pub fn options(&self) -> SshOptions {
        SshOptions {
            port: Some(self.port),
            user: Some(self.user.clone()),
            private_key_file: Some(self.path("id")),
            known_hosts_files: vec![self.path("known_hosts")],
            ssh_config: Some("none".into()),
            connect_timeout: std::time::Duration::from_secs(60),
            ..SshOptions::new("127.0.0.1")
        }
    }

    pub fn target(&self) -> Target {
        target(self.options())
    }
}

/// Returns the user who runs the tests, if that user can log in.
fn name_of_user() -> Option<String> {
    let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    let user = user.trim().to_owned();
    let line = Command::new("getent").args(["passwd", &user]).output().unwrap().stdout;
    let line = String::from_utf8_lossy(&line).trim().to_owned();
    if line.ends_with("nologin") || line.ends_with("false") {
        println!("skipped: {user} has no login shell");
        return None;
    }
    Some(user)
}

pub fn target(options: SshOptions) -> Target {
    Target { name: "there".to_owned(), transport: TransportConfig::Ssh(Box::new(options)) }
}

fn keygen(file: &Path, kind: &str, passphrase: &str) {
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", kind, "-N", passphrase, "-C", "test", "-f"]).arg(file);
    assert!(command.status().unwrap().success());
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
