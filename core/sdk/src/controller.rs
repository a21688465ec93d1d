use std::collections::BTreeMap;

use switchover_protocol::{Bytes, Entry, Failure, HostCall, HostReply, Value};

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
        match self.call(call)? {
            HostReply::ControllerFile { path, size, is_dir, checksum } => {
                Ok(ControllerFile { path, size, is_dir, checksum })
            }
            other => Err(wrong_reply(&other)),
        }
    }

    /// Reads a file of the controller by its absolute path.
    pub fn controller_read(&self, path: &str) -> Result<Bytes, Failure> {
        match self.call(HostCall::ControllerRead { path: path.to_owned() })? {
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
