use std::path::{Path, PathBuf};

use serde_json::Value;
use switchover_journal::{Event, EventKind, Listener};

use crate::ansible::{cleaned, dump};

/// Writes each host's last result into a file of its name, as JSON on one line.
pub struct Tree {
    folder: PathBuf,
}

impl Tree {
    /// Writes into this folder, which is made when it is missing.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn write(&self, host: &str, text: &str) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        std::fs::write(self.folder.join(host.replace('/', "_")), text)
    }
}

impl Listener for Tree {
    fn event(&mut self, event: &Event) {
        let EventKind::HostFinished { host, result, .. } = &event.kind else { return };
        let mut keys = cleaned(result, false);
        for key in ["failed", "skipped", "unreachable"] {
            if result.result.get(key) == Some(&Value::Bool(true)) {
                keys.insert(key.to_owned(), true.into());
            }
        }
        if let Err(error) = self.write(host, &dump(&keys, false)) {
            crate::output::complain(&format!("cannot write into {}: {error}", self.folder.display()));
        }
    }
}
