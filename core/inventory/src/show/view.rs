use std::collections::HashSet;
use std::sync::Arc;

use switchover_values::VarMap;

use crate::VarsBeside;

/// How an inventory is shown.
#[derive(Clone, Debug, Default)]
pub struct View<'a> {
    /// `group_vars` and `host_vars` beside a playbook.
    pub playbook: Option<&'a VarsBeside>,
    /// The same, for variables of groups and of hosts alone: Ansible shows them only when the folder was named.
    pub named: Option<&'a VarsBeside>,
    /// Variables stay with the groups that have them.
    pub export: bool,
    /// Only these hosts.
    pub only: Option<HashSet<Arc<str>>>,
    /// Variables that win over all others.
    pub extra: Option<Arc<VarMap>>,
}

impl View<'_> {
    pub(super) fn shows(&self, host: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(host))
    }
}
