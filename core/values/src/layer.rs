/// Where a variable comes from, weakest first: Ansible's 22 levels, in the order of its guide
/// "Understanding variable precedence".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Layer {
    /// Values that the command line sets for connections, such as `-u` (not variables).
    CommandLine = 1,
    /// `defaults/main.yml` of a role.
    RoleDefaults,
    /// Variables that an inventory file or script gives to a group.
    InventoryGroup,
    /// `group_vars/all` beside the inventory.
    InventoryGroupVarsAll,
    /// `group_vars/all` beside the playbook.
    PlaybookGroupVarsAll,
    /// `group_vars/*` beside the inventory.
    InventoryGroupVars,
    /// `group_vars/*` beside the playbook.
    PlaybookGroupVars,
    /// Variables that an inventory file or script gives to a host.
    InventoryHost,
    /// `host_vars/*` beside the inventory.
    InventoryHostVars,
    /// `host_vars/*` beside the playbook.
    PlaybookHostVars,
    /// Facts of the host, and facts that were set with `cacheable: true`.
    HostFacts,
    /// `vars:` of the play.
    PlayVars,
    /// Answers to `vars_prompt:`.
    PlayVarsPrompt,
    /// Files named by `vars_files:`.
    PlayVarsFiles,
    /// `vars/main.yml` of a role.
    RoleVars,
    /// `vars:` of a block.
    BlockVars,
    /// `vars:` of the task.
    TaskVars,
    /// Files read by `include_vars`.
    IncludeVars,
    /// Values of `set_fact` and `register`.
    SetFacts,
    /// Parameters of `roles:`, `include_role` and `import_role`.
    RoleParams,
    /// Parameters of `include_tasks`.
    IncludeParams,
    /// `-e`: always wins.
    ExtraVars,
}

impl Layer {
    /// All layers, weakest first.
    pub const ALL: [Self; 22] = [
        Self::CommandLine,
        Self::RoleDefaults,
        Self::InventoryGroup,
        Self::InventoryGroupVarsAll,
        Self::PlaybookGroupVarsAll,
        Self::InventoryGroupVars,
        Self::PlaybookGroupVars,
        Self::InventoryHost,
        Self::InventoryHostVars,
        Self::PlaybookHostVars,
        Self::HostFacts,
        Self::PlayVars,
        Self::PlayVarsPrompt,
        Self::PlayVarsFiles,
        Self::RoleVars,
        Self::BlockVars,
        Self::TaskVars,
        Self::IncludeVars,
        Self::SetFacts,
        Self::RoleParams,
        Self::IncludeParams,
        Self::ExtraVars,
    ];

    /// Returns the words for people, as in `vars HOST --origin`.
    pub fn describe(self) -> &'static str {
        match self {
            Self::CommandLine => "command line",
            Self::RoleDefaults => "role defaults",
            Self::InventoryGroup => "inventory group",
            Self::InventoryGroupVarsAll => "inventory group_vars/all",
            Self::PlaybookGroupVarsAll => "playbook group_vars/all",
            Self::InventoryGroupVars => "inventory group_vars",
            Self::PlaybookGroupVars => "playbook group_vars",
            Self::InventoryHost => "inventory host",
            Self::InventoryHostVars => "inventory host_vars",
            Self::PlaybookHostVars => "playbook host_vars",
            Self::HostFacts => "facts",
            Self::PlayVars => "play vars",
            Self::PlayVarsPrompt => "vars_prompt",
            Self::PlayVarsFiles => "vars_files",
            Self::RoleVars => "role vars",
            Self::BlockVars => "block vars",
            Self::TaskVars => "task vars",
            Self::IncludeVars => "include_vars",
            Self::SetFacts => "set_fact or register",
            Self::RoleParams => "role parameters",
            Self::IncludeParams => "include parameters",
            Self::ExtraVars => "extra vars",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Layer;

    #[test]
    fn all_is_sorted_from_weak_to_strong() {
        assert!(Layer::ALL.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(Layer::ALL.len(), 22);
    }
}
