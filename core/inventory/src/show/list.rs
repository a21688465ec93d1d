use std::sync::Arc;

use indexmap::IndexMap;
use switchover_values::{Stored, VarMap};

use super::View;
use super::json::json;
use super::shown::Shown;
use crate::inventory::ALL;
use crate::{Group, Inventory, VarsBeside};

impl Inventory {
    /// Returns what `ansible-inventory --list` prints, without the last line break.
    pub fn list_json(&self, view: &View<'_>) -> String {
        let mut root: Vec<(Shown, Shown)> = Vec::new();
        for group in self.reachable() {
            let group = &self.groups[group];
            let entry = self.listed(group, view);
            if !entry.is_empty() {
                root.push((Shown::text(&group.name), Shown::Map(entry)));
            }
        }
        let hostvars = self.hosts.values().filter(|host| view.shows(&host.name)).filter_map(|host| {
            let vars = self.host_vars(&host.name, view);
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
    pub fn host_json(&self, host: &str, view: &View<'_>) -> Option<String> {
        Some(json(&self.vars_of(host, view)?))
    }

    pub(super) fn vars_of(&self, host: &str, view: &View<'_>) -> Option<Shown> {
        let mut vars = self.merged_vars(host, view.playbook);
        if self.host(host).is_none() {
            if !matches!(host, "localhost" | "127.0.0.1" | "::1") {
                return None;
            }
            add(&mut vars, &Self::implicit_localhost(host).vars);
        }
        view.extra.iter().for_each(|extra| add(&mut vars, extra));
        Some(shown(vars))
    }

    /// Returns a host's variables: its own, or with those of its groups.
    pub(super) fn host_vars(&self, host: &str, view: &View<'_>) -> IndexMap<String, Stored> {
        if view.export {
            return self.own_vars(host, view.named);
        }
        let mut vars = self.merged_vars(host, view.playbook);
        view.extra.iter().for_each(|extra| add(&mut vars, extra));
        vars
    }

    fn listed(&self, group: &Group, view: &View<'_>) -> Vec<(Shown, Shown)> {
        let mut entry = Vec::new();
        if !group.children.is_empty() {
            let names = group.children.iter().map(|child| &*self.groups[*child].name);
            entry.push((Shown::text("children"), Shown::texts(names)));
        }
        let hosts = group.hosts.iter().map(|host| &*self.hosts[*host].name);
        let hosts: Vec<&str> = hosts.filter(|host| view.shows(host)).collect();
        if &*group.name != "all" && !hosts.is_empty() {
            entry.push((Shown::text("hosts"), Shown::texts(hosts.into_iter())));
        }
        if view.export {
            let vars = self.group_vars(group, view.named);
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

pub(super) fn shown(vars: IndexMap<String, Stored>) -> Shown {
    Shown::Map(vars.iter().map(|(name, value)| (Shown::text(name), Shown::of(value))).collect())
}
