use switchover_syntax::{Entry, Mapping, Node, NodeKind};

use super::marks;
use crate::load::Loading;
use crate::source::yaml::{unexpected, vars};

const SECTIONS: [&str; 3] = ["hosts", "vars", "children"];

/// Reads what an executable prints for `--list`. Returns the variables of hosts when they are in `_meta`.
pub(super) fn read<'a>(loading: &mut Loading<'_>, root: &'a Node) -> Option<&'a Node> {
    let Some(mapping) = root.as_mapping() else {
        let text = format!("an inventory script prints a mapping of groups, not {}", root.describe());
        loading.error("inventory::shape", text, &root.span);
        return None;
    };
    for entry in mapping.entries.iter().filter(|e| e.key.as_str() != Some("_meta")) {
        listed_group(loading, entry);
    }
    let meta = mapping.get("_meta")?;
    let vars = meta.as_mapping().and_then(|m| m.get("hostvars"));
    if vars.is_none_or(|v| v.as_mapping().is_none()) {
        loading.error("inventory::shape", "`_meta` must hold a mapping `hostvars`", &meta.span);
    }
    vars
}

fn listed_group(loading: &mut Loading<'_>, entry: &Entry) {
    let name = entry.key.as_str().unwrap_or_default();
    let group = loading.inventory.add_group(name);
    match &entry.value.kind {
        NodeKind::Sequence(_) => listed_hosts(loading, group, &entry.value),
        NodeKind::Mapping(mapping) if !SECTIONS.iter().any(|key| mapping.get(key).is_some()) => {
            host_by_name(loading, group, entry, mapping);
        }
        NodeKind::Mapping(mapping) => {
            for section in &mapping.entries {
                match section.key.as_str() {
                    Some("hosts") => listed_hosts(loading, group, &section.value),
                    Some("vars") => vars(loading, group, &section.value),
                    Some("children") => listed_children(loading, group, &section.value),
                    other => unexpected(loading, name, other.unwrap_or("?"), &section.key),
                }
            }
        }
        _ => {
            let text = format!("a group is a list of hosts or a mapping, not {}", entry.value.describe());
            loading.error("inventory::shape", text, &entry.value.span);
        }
    }
}

/// Takes a mapping without a section for the variables of a group with one host, named as it is, as Ansible does, whose oldest scripts wrote that.
fn host_by_name(loading: &mut Loading<'_>, group: usize, entry: &Entry, mapping: &Mapping) {
    let name = entry.key.as_str().unwrap_or_default();
    if !loading.rules.tolerant {
        if !mapping.entries.is_empty() {
            let text = format!("group `{name}` has neither hosts, vars nor children");
            loading.error("inventory::shape", text, &entry.value.span);
        }
        return;
    }
    let text = format!(
        "Treating malformed group '{name}' as the sole host of that group. Variables provided in this manner \
         cannot be templated."
    );
    loading.warning("inventory::shape", text, &entry.value.span);
    loading.hosts(&[name.to_owned()], None, group, &entry.key.span);
    vars(loading, group, &marks::never_templates(&entry.value));
}

fn listed_hosts(loading: &mut Loading<'_>, group: usize, value: &Node) {
    for (name, node) in names(loading, "hosts", value) {
        loading.hosts(&[name], None, group, &node.span);
    }
}

fn listed_children(loading: &mut Loading<'_>, parent: usize, value: &Node) {
    for (name, node) in names(loading, "children", value) {
        let child = loading.inventory.add_group(&name);
        loading.child(parent, child, &node.span);
    }
}

fn names(loading: &mut Loading<'_>, section: &str, value: &Node) -> Vec<(String, Node)> {
    let items = value.as_sequence();
    let names: Option<Vec<_>> =
        items.map(|items| items.iter().filter_map(|i| Some((i.as_str()?.to_owned(), i.clone()))).collect());
    match names {
        Some(names) if Some(names.len()) == items.map(<[Node]>::len) => names,
        _ => {
            loading.error("inventory::shape", format!("`{section}` must be a list of names"), &value.span);
            Vec::new()
        }
    }
}
