use std::path::Path;
use std::sync::Arc;

use switchover_values::VarMap;

/// A host of the inventory.
#[derive(Clone, Debug)]
pub struct Host {
    /// The inventory name, which need not be an address.
    pub name: Arc<str>,
    /// The variables that the inventory sources give to the host itself; `host_vars` are apart.
    pub vars: Arc<VarMap>,
    /// The source that named the host first; a host that a task added, and the implicit `localhost`, have none.
    pub source: Option<HostSource>,
    /// The groups that hold the host directly, by number.
    pub(crate) groups: Vec<usize>,
}

/// What named a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostSource {
    File(Arc<Path>),
    /// The text of a host list, such as `web1,web2`.
    List(Arc<str>),
}

impl HostSource {
    /// Returns `inventory_file` and `inventory_dir`. ansible-core 2.19 was seen to give the list and the word `None` to
    /// hosts of a list.
    pub fn places(&self) -> (String, String) {
        match self {
            Self::File(file) => {
                let file = std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf());
                let folder = file.parent().unwrap_or(Path::new(""));
                (file.to_string_lossy().into_owned(), folder.to_string_lossy().into_owned())
            }
            Self::List(text) => (text.to_string(), "None".to_owned()),
        }
    }
}
