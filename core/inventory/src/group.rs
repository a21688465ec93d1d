use std::sync::Arc;

use switchover_values::VarMap;

/// A group of hosts and of other groups.
#[derive(Clone, Debug)]
pub struct Group {
    pub name: Arc<str>,
    /// The variables that the inventory sources give to the group; `group_vars` are apart.
    pub vars: Arc<VarMap>,
    /// `ansible_group_priority`: of groups of the same depth the one with the higher number wins.
    pub priority: i64,
    /// How far below `all` the group stands, by the longest way; `all` is 0.
    pub depth: u32,
    pub(crate) children: Vec<usize>,
    pub(crate) parents: Vec<usize>,
    pub(crate) hosts: Vec<usize>,
}

impl Group {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            vars: Arc::default(),
            priority: 1,
            depth: 0,
            children: Vec::new(),
            parents: Vec::new(),
            hosts: Vec::new(),
        }
    }
}
