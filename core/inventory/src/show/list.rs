use std::sync::Arc;

use indexmap::IndexMap;
use switchover_values::{Stored, VarMap};

use super::json::json;
use super::shown::Shown;
use crate::inventory::ALL;
use crate::{Group, Inventory, VarsBeside};

impl Inventory {
    /// Returns what `ansible-inventory --list` prints, without the last line break.
    ///
    /// With `export` variables stay with the groups that have them, as with `--export`.
    pub fn list_json(&self, playbook: Option<&VarsBeside>, export: bool) -> String {
        let mut root: Vec<(Shown, Shown)> = Vec::new();
        for group in self.reachable() {
            let group = &self.groups[group];
            let entry = self.listed(group, playbook, export);
            if !entry.is_empty() {
                root.push((Shown::text(&group.name), Shown::Map(entry)));
            }
        }
        let hostvars = self.hosts.values().filter_map(|host| {
            let vars = match export {
                true => self.own_vars(&host.name, playbook),
                false => self.merged_vars(&host.name, playbook),
            };
            (!vars.is_empty()).then(|| (Shown::text(&host.name), shown(vars)))
        });
        let meta = vec![
            (Shown::text("hostvars"), Shown::Map(hostvars.collect())),
            (Shown::text("profile"), Shown::text("inventory_legacy")),
        ];
        root.push((Shown::text("_meta"), Shown::Map(meta)));
        json(&Shown::Map(root))
    }

    /// Returns what `ansible-inventory --host NAME` prints, without the last line break.
    ///
    /// The implicit `localhost` has the variables of `all`; nothing is returned for other unknown names.
    pub fn host_json(&self, host: &str, playbook: Option<&VarsBeside>) -> Option<String> {
        let mut vars = self.merged_vars(host, playbook);
        if self.host(host).is_none() {
            if !matches!(host, "localhost" | "127.0.0.1" | "::1") {
                return None;
            }
            add(&mut vars, &Self::implicit_localhost(host).vars);
        }
        Some(json(&shown(vars)))
    }

    fn listed(&self, group: &Group, playbook: Option<&VarsBeside>, export: bool) -> Vec<(Shown, Shown)> {
        let mut entry = Vec::new();
        if !group.children.is_empty() {
            let names = group.children.iter().map(|child| &*self.groups[*child].name);
            entry.push((Shown::text("children"), Shown::texts(names)));
        }
        if &*group.name != "all" && !group.hosts.is_empty() {
            let names = group.hosts.iter().map(|host| &*self.hosts[*host].name);
            entry.push((Shown::text("hosts"), Shown::texts(names)));
        }
        if export {
            let vars = self.group_vars(group, playbook);
            if !vars.is_empty() {
                entry.push((Shown::text("vars"), shown(vars)));
            }
        }
        entry
    }

    fn reachable(&self) -> Vec<usize> {
        self.descendants(ALL)
    }

    /// Returns a group's own variables from everywhere, with its priority when it is not the usual one.
    pub(super) fn group_vars(
        &self,
        group: &Group,
        playbook: Option<&VarsBeside>,
    ) -> IndexMap<String, Stored> {
        let mut vars = IndexMap::new();
        add(&mut vars, &group.vars);
        for beside in self.beside.iter().chain(playbook) {
            beside.group(&group.name).into_iter().for_each(|found| add(&mut vars, found));
        }
        if group.priority != 1 {
            let priority = switchover_values::Value::from(group.priority);
            vars.insert("ansible_group_priority".to_owned(), Stored::Data(priority));
        }
        vars
    }

    fn own_vars(&self, host: &str, playbook: Option<&VarsBeside>) -> IndexMap<String, Stored> {
        let mut vars = IndexMap::new();
        self.host(host).into_iter().for_each(|host| add(&mut vars, &host.vars));
        for beside in self.beside.iter().chain(playbook) {
            beside.host(host).into_iter().for_each(|found| add(&mut vars, found));
        }
        vars
    }

    pub(super) fn merged_vars(&self, host: &str, playbook: Option<&VarsBeside>) -> IndexMap<String, Stored> {
        let mut vars = IndexMap::new();
        self.layers(host, playbook).iter().for_each(|(_, found)| add(&mut vars, found));
        vars
    }
}

fn add(vars: &mut IndexMap<String, Stored>, more: &Arc<VarMap>) {
    vars.extend(more.iter().map(|(name, value)| (name.to_owned(), value.clone())));
}

fn shown(vars: IndexMap<String, Stored>) -> Shown {
    Shown::Map(vars.iter().map(|(name, value)| (Shown::text(name), Shown::of(value))).collect())
}
