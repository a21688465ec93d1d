use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Runs `switchover-lab`, and returns whether it went well and what it printed.
pub fn lab(arguments: &[&str]) -> (bool, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_switchover")).with_file_name("switchover-lab");
    let output = Command::new(&program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("switchover-lab stands beside switchover: `cargo build --workspace` builds it");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// One host, `web`, without a product, behind the lab's SSH server.
pub struct PlainHost {
    folder: TempDir,
}

impl PlainHost {
    /// Starts the host.
    pub fn start() -> Self {
        let host = Self { folder: tempfile::tempdir().unwrap() };
        let (ok, text) =
            lab(&["start", host.file("").to_str().unwrap(), "--preset", "plain", "--hosts", "web"]);
        assert!(ok && text.contains("ready"), "the lab did not start: {text}");
        host
    }

    /// Returns a file of the lab, such as `known_hosts`, `id_ed25519` or `inventory.yml`.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("lab").join(name)
    }

    /// Returns a file on the host.
    pub fn on_host(&self, name: &str) -> PathBuf {
        self.file("hosts/web").join(name)
    }
}

impl Drop for PlainHost {
    fn drop(&mut self) {
        lab(&["stop", self.file("").to_str().unwrap()]);
    }
}
