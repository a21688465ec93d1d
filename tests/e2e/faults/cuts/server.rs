use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;

use super::link::Link;

/// An OpenSSH server at the other end of a link.
pub struct Server {
    link: Arc<Link>,
    folder: TempDir,
    listener: Mutex<Option<Child>>,
}

impl Server {
    /// Makes keys and starts it.
    pub fn start(link: &Arc<Link>) -> Self {
        let server =
            Self { link: Arc::clone(link), folder: tempfile::tempdir().unwrap(), listener: Mutex::default() };
        // The system's own folder for this; it is empty and belongs to root.
        std::fs::create_dir_all("/run/sshd").unwrap();
        std::fs::create_dir(server.path("state")).unwrap();
        ["host_key", "id"].iter().for_each(|name| keygen(&server.path(name)));
        let here = server.path("");
        let here = here.display();
        let config = format!(
            "Port 22\nListenAddress {0}\nHostKey {here}/host_key\nAuthorizedKeysFile {here}/id.pub\n\
             PidFile {here}/pid\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nMaxStartups 100\n\
             PermitRootLogin yes\nSetEnv SWITCHOVER_JOBS={here}/jobs SWITCHOVER_LOCKS={here}\n",
            link.inner()
        );
        std::fs::write(server.path("config"), config).unwrap();
        let public = std::fs::read_to_string(server.path("host_key.pub")).unwrap();
        std::fs::write(server.path("known_hosts"), format!("{} {public}", link.inner())).unwrap();
        server.listen();
        server
    }

    /// Returns a file of the server's.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the inventory with this host, `web`.
    pub fn inventory(&self) -> String {
        let here = self.path("");
        let here = here.display();
        format!(
            "web ansible_host={} ansible_user=root ansible_ssh_private_key_file={here}id \
             ansible_ssh_common_args='-F none -o UserKnownHostsFile={here}known_hosts'\n",
            self.link.inner()
        )
    }

    fn listen(&self) {
        let mut command = self.link.command("/usr/sbin/sshd");
        command.args(["-D", "-f"]).arg(self.path("config"));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        *self.listener.lock().unwrap() = Some(child);
        for _ in 0..200 {
            if self.path("pid").exists() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("sshd does not start");
    }

    fn stop(&self) {
        if let Some(mut child) = self.listener.lock().unwrap().take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        drop(std::fs::remove_file(self.path("pid")));
    }

    /// Ends the listener and all sessions, and starts a new listener after a time.
    pub fn restart(&self, pause: Duration) {
        self.stop();
        self.end_sessions();
        std::thread::sleep(pause);
        self.listen();
    }

    /// Ends all sessions; the programs in them are left alone.
    pub fn end_sessions(&self) {
        let listener = self.listener.lock().unwrap().as_ref().map(Child::id);
        let output = Command::new("ip").args(["netns", "pids", &self.link.name]).output().unwrap();
        for pid in String::from_utf8_lossy(&output.stdout).split_whitespace() {
            let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            if name.starts_with("sshd") && listener.is_none_or(|listener| listener.to_string() != pid) {
                drop(Command::new("kill").args(["-KILL", pid]).output());
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        self.end_sessions();
    }
}

fn keygen(file: &Path) {
    let mut command = Command::new("ssh-keygen");
    let status = command.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(file).status().unwrap();
    assert!(status.success());
}
