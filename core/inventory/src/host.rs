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
    /// The source that named the host first; a host list has none.
    pub source: Option<Arc<Path>>,
    /// The groups that hold the host directly, by number.
    pub(crate) groups: Vec<usize>,
}
