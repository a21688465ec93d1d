use std::collections::BTreeMap;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;

use sha1::{Digest as _, Sha1};
use switchover_protocol::{Bytes, Entry, Failure, HostCall, HostError, HostReply, Value};

use crate::Host;
use crate::host::wrong_reply;

/// A file or folder of the controller.
#[derive(Clone, Debug, PartialEq)]
pub struct ControllerFile {
    /// Absolute.
    pub path: String,
    /// Bytes.
    pub size: u64,
    pub is_dir: bool,
    /// SHA-1 as lowercase hex, of a file.
    pub checksum: Option<String>,
}

impl Host<'_> {
    /// Looks at a file of the controller; `search` names the folder (`files`, `templates`) that is searched as
    /// Ansible does, beside the role and the playbook.
    pub fn controller_file(&self, path: &str, search: Option<&str>) -> Result<ControllerFile, Failure> {
        let call = HostCall::ControllerFile { path: path.to_owned(), search: search.map(str::to_owned) };
        match self.ask(&call) {
            HostReply::ControllerFile { path, size, is_dir, checksum } => {
                Ok(ControllerFile { path, size, is_dir, checksum })
            }
            // What was searched is the whole message; it is no program that failed.
            HostReply::Error(HostError::Failed { stderr, .. }) => Err(Failure::new(capitalized(&stderr))),
            other => self.fail_with(Some(other)),
        }
    }

    /// Returns the SHA-1 of a file of the controller, as lowercase hex.
    ///
    /// A module works in the controller's process, so the file is read where it is, in pieces: asking the engine for
    /// the content would hold all of it in memory.
    pub fn controller_checksum(&self, file: &ControllerFile) -> Result<String, Failure> {
        if let Some(checksum) = &file.checksum {
            return Ok(checksum.clone());
        }
        let mut digest = Sha1::new();
        match std::fs::File::open(&file.path) {
            Ok(mut open) => {
                let mut piece = vec![0; 64 * 1024];
                loop {
                    let read = open.read(&mut piece).map_err(|error| unreadable(&file.path, &error))?;
                    if read == 0 {
                        break;
                    }
                    digest.update(&piece[..read]);
                }
            }
            Err(_) => digest.update(self.controller_read(&file.path)?.0),
        }
        Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Returns the permission bits of a file of the controller.
    pub fn controller_mode(&self, path: &str) -> Result<u32, Failure> {
        let meta = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
        Ok(meta.permissions().mode() & 0o7777)
    }

    /// Reads a file of the controller by its absolute path.
    pub fn controller_read(&self, path: &str) -> Result<Bytes, Failure> {
        self.controller_content(path, false)
    }

    /// Reads a file of the controller as [`Host::controller_read`] does; one that is encrypted with a vault is decrypted.
    pub fn controller_plain(&self, path: &str) -> Result<Bytes, Failure> {
        self.controller_content(path, true)
    }

    /// Returns whether a file of the controller is encrypted with a vault. A file that only the engine can read is none.
    pub fn controller_is_encrypted(&self, path: &str) -> bool {
        let mut head = [0; 15];
        match std::fs::File::open(path) {
            Ok(mut file) => file.read_exact(&mut head).is_ok() && head == *b"$ANSIBLE_VAULT;",
            Err(_) => self.controller_read(path).is_ok_and(|bytes| bytes.0.starts_with(b"$ANSIBLE_VAULT;")),
        }
    }

    fn controller_content(&self, path: &str, decrypt: bool) -> Result<Bytes, Failure> {
        match self.call(HostCall::ControllerRead { path: path.to_owned(), decrypt })? {
            HostReply::Content(bytes) => Ok(bytes),
            other => Err(wrong_reply(&other)),
        }
    }

    /// Lists a folder of the controller with all below it, as paths relative to it.
    pub fn controller_list(&self, path: &str) -> Result<Vec<Entry>, Failure> {
        match self.call(HostCall::ControllerList { path: path.to_owned() })? {
            HostReply::List(entries) => Ok(entries),
            other => Err(wrong_reply(&other)),
        }
    }

    /// Renders text with the task's variables and the template's own settings (`trim_blocks`, ...).
    pub fn render_with(
        &self,
        text: &str,
        name: &str,
        options: BTreeMap<String, Value>,
    ) -> Result<String, Failure> {
        let call = HostCall::Render { text: text.to_owned(), name: name.to_owned(), options };
        match self.call(call)? {
            HostReply::Value(Value::String(text)) => Ok(text),
            HostReply::Value(other) => Ok(other.to_string()),
            other => Err(wrong_reply(&other)),
        }
    }
}

fn unreadable(path: &str, error: &std::io::Error) -> Failure {
    Failure::new(format!("reading {path} on the controller failed: {error}"))
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
