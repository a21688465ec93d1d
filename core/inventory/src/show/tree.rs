use std::collections::HashSet;

use serde_json::{Map, Value};

use super::View;
use super::list::shown;
use crate::inventory::ALL;
use crate::{Group, Inventory};

impl Inventory {
    /// Returns what `ansible-inventory --list --yaml` prints: groups in groups, each group and host in full once.
    pub fn list_yaml(&self, view: &View<'_>) -> String {
        switchover_values::block_yaml(&self.tree(view))
    }

    /// Returns what `ansible-inventory --host NAME --yaml` prints; nothing for an unknown name.
    pub fn host_yaml(&self, host: &str, view: &View<'_>) -> Option<String> {
        Some(switchover_values::block_yaml(&self.vars_of(host, view)?.to_json()))
    }

    /// Returns what `ansible-inventory --list --toml` prints: a table a group.
    pub fn list_toml(&self, view: &View<'_>) -> String {
        let mut tables = Map::new();
        self.tables(&self.groups[ALL], view, &mut tables);
        to_toml(&Value::Object(tables))
    }

    /// Returns what `ansible-inventory --host NAME --toml` prints; nothing for an unknown name.
    pub fn host_toml(&self, host: &str, view: &View<'_>) -> Option<String> {
        Some(to_toml(&self.vars_of(host, view)?.to_json()))
    }

    fn tree(&self, view: &View<'_>) -> Value {
        let mut seen = Seen::default();
        let all = self.branch(&self.groups[ALL], view, &mut seen);
        let empty = all.as_object().is_some_and(Map::is_empty);
        Value::Object(if empty { Map::new() } else { Map::from_iter([("all".to_owned(), all)]) })
    }

    fn branch(&self, group: &Group, view: &View<'_>, seen: &mut Seen) -> Value {
        let mut entry = Map::new();
        let mut children = Map::new();
        for child in &group.children {
            let known = !seen.groups.insert(*child);
            let child = &self.groups[*child];
            let branch = if known { Value::Object(Map::new()) } else { self.branch(child, view, seen) };
            let empty = branch.as_object().is_some_and(Map::is_empty);
            if !empty || known {
                children.insert(child.name.to_string(), branch);
            }
        }
        let hosts = self.hosts_of(group, view, &mut seen.hosts);
        for (key, value) in [("children", children), ("hosts", hosts), ("vars", self.vars_in(group, view))] {
            if !value.is_empty() {
                entry.insert(key.to_owned(), Value::Object(value));
            }
        }
        Value::Object(entry)
    }

    /// A host's variables stand at its first place.
    fn hosts_of(&self, group: &Group, view: &View<'_>, seen: &mut HashSet<usize>) -> Map<String, Value> {
        let mut hosts = Map::new();
        if &*group.name == "all" {
            return hosts;
        }
        for host in &group.hosts {
            let name = &self.hosts[*host].name;
            if view.shows(name) {
                let vars = if seen.insert(*host) {
                    shown(self.host_vars(name, view)).to_json()
                } else {
                    Map::new().into()
                };
                hosts.insert(name.to_string(), vars);
            }
        }
        hosts
    }

    fn vars_in(&self, group: &Group, view: &View<'_>) -> Map<String, Value> {
        if !view.export {
            return Map::new();
        }
        match shown(self.group_vars(group, view.named)).to_json() {
            Value::Object(vars) => vars,
            _ => Map::new(),
        }
    }

    fn tables(&self, group: &Group, view: &View<'_>, tables: &mut Map<String, Value>) {
        let mut table = Map::new();
        let children = group.children.iter().map(|child| &self.groups[*child]);
        let names: Vec<Value> = children
            .clone()
            .filter(|child| &*child.name != "ungrouped")
            .map(|child| Value::from(&*child.name))
            .collect();
        if !names.is_empty() {
            table.insert("children".to_owned(), Value::Array(names));
        }
        let hosts = self.hosts_of(group, view, &mut HashSet::new());
        for (key, value) in [("hosts", hosts), ("vars", self.vars_in(group, view))] {
            if !value.is_empty() {
                table.insert(key.to_owned(), Value::Object(value));
            }
        }
        if !table.is_empty() {
            tables.insert(group.name.to_string(), Value::Object(table));
        }
        children.for_each(|child| self.tables(child, view, tables));
    }
}

/// What stands somewhere in full already.
#[derive(Default)]
struct Seen {
    groups: HashSet<usize>,
    hosts: HashSet<usize>,
}

/// TOML has no null: such values are left out.
fn to_toml(value: &Value) -> String {
    fn without_null(value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                map.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), without_null(v))).collect()
            }
            Value::Array(items) => items.iter().filter(|v| !v.is_null()).map(without_null).collect(),
            other => other.clone(),
        }
    }
    ::toml::to_string(&without_null(value)).unwrap_or_default()
}
