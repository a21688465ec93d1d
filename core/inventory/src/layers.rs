use std::sync::Arc;

use switchover_values::{Layer, VarMap};

use crate::inventory::ALL;
use crate::{Group, Host, Inventory, VarsBeside};

impl Inventory {
    /// Returns all groups of a host, weakest first: by depth, then by `ansible_group_priority`, then by name.
    ///
    /// `all` is the first. A name that is no host of the inventory, such as the implicit `localhost`, has only `all`.
    pub fn group_layers(&self, host: &str) -> Vec<&Group> {
        let direct = self.host(host).map_or(&[][..], |host| host.groups.as_slice());
        let mut groups = self.ancestors(direct);
        if direct.is_empty() {
            groups.push(ALL);
        }
        let mut groups: Vec<&Group> = groups.into_iter().map(|group| &self.groups[group]).collect();
        groups.sort_by(|a, b| (a.depth, a.priority, &a.name).cmp(&(b.depth, b.priority, &b.name)));
        groups
    }

    /// Returns the variables of a host from the inventory, from what is beside it and from what is beside the playbook,
    /// weakest first.
    ///
    /// Of several inventories a later one wins even where its group is the weaker one, as in Ansible.
    pub fn layers(&self, host: &str, playbook: Option<&VarsBeside>) -> Vec<(Layer, Arc<VarMap>)> {
        let mut layers = Vec::new();
        let mut push = |layer: Layer, vars: Option<&Arc<VarMap>>| {
            if let Some(vars) = vars.filter(|v| !v.is_empty()) {
                layers.push((layer, Arc::clone(vars)));
            }
        };
        let groups = self.group_layers(host);
        let (all, groups) = groups.split_first().expect("every host is in `all`");
        push(Layer::InventoryGroup, Some(&all.vars));
        groups.iter().for_each(|group| push(Layer::InventoryGroup, Some(&group.vars)));
        self.beside.iter().for_each(|beside| push(Layer::InventoryGroupVarsAll, beside.group("all")));
        push(Layer::PlaybookGroupVarsAll, playbook.and_then(|p| p.group("all")));
        for beside in &self.beside {
            groups.iter().for_each(|group| push(Layer::InventoryGroupVars, beside.group(&group.name)));
        }
        for group in groups {
            push(Layer::PlaybookGroupVars, playbook.and_then(|p| p.group(&group.name)));
        }
        push(Layer::InventoryHost, self.host(host).map(|host: &Host| &host.vars));
        self.beside.iter().for_each(|beside| push(Layer::InventoryHostVars, beside.host(host)));
        push(Layer::PlaybookHostVars, playbook.and_then(|p| p.host(host)));
        layers
    }
}
