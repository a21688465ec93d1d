use switchover_syntax::{Diagnostic, Entry, Node, NodeKind, nearest};
use switchover_values::VarMap;

use crate::address::address;

use crate::load::Loading;

/// Reads groups: `all: {hosts: .., vars: .., children: ..}`, and others beside it.
pub(super) fn read(loading: &mut Loading<'_>, root: &Node) {
    let Some(mapping) = root.as_mapping() else {
        if !root.is_null() {
            let text = format!("an inventory is a mapping of groups, not {}", root.describe());
            loading.error("inventory::shape", text, &root.span);
        }
        return;
    };
    if let Some(plugin) = mapping.entry("plugin") {
        return super::plugin::read(loading, mapping, &plugin.value);
    }
    for entry in &mapping.entries {
        group(loading, entry);
    }
}

fn group(loading: &mut Loading<'_>, entry: &Entry) -> Option<usize> {
    let Some(name) = entry.key.as_str() else {
        let text = format!("the name of a group must be text, not {}", entry.key.describe());
        loading
            .errors
            .push(Diagnostic::error("inventory::group-name", text, &entry.key.span).help("put it in quotes"));
        return None;
    };
    if entry.value.as_mapping().is_none() && !entry.value.is_null() {
        let text = format!("skipping `{name}`: a group is a mapping, not {}", entry.value.describe());
        loading.warning("inventory::shape", text, &entry.value.span);
        return None;
    }
    let group = loading.inventory.add_group(name);
    for section in entry.value.as_mapping().into_iter().flat_map(|m| &m.entries) {
        match section.key.as_str() {
            Some("vars") => vars(loading, group, &section.value),
            Some("children") => children(loading, group, &section.value),
            Some("hosts") => hosts(loading, group, &section.value),
            other => unexpected(loading, name, other.unwrap_or("?"), &section.key),
        }
    }
    Some(group)
}

pub(super) fn unexpected(loading: &mut Loading<'_>, group: &str, key: &str, node: &Node) {
    let text = format!(
        "skipping unexpected key `{key}` in group `{group}`: only vars, children and hosts are valid"
    );
    let mut found = Diagnostic::warning("inventory::unexpected-key", text, &node.span);
    if let Some(meant) = nearest(key, ["vars", "children", "hosts"]) {
        found = found.help(format!("did you mean `{meant}`?"));
    }
    loading.warnings.push(found);
}

pub(super) fn vars(loading: &mut Loading<'_>, group: usize, value: &Node) {
    for entry in section(loading, "vars", value) {
        loading.group_var(group, &entry.key, &entry.value);
    }
}

fn children(loading: &mut Loading<'_>, parent: usize, value: &Node) {
    for entry in section(loading, "children", value) {
        if let Some(child) = group(loading, &entry) {
            loading.child(parent, child, &entry.key.span);
        }
    }
}

fn hosts(loading: &mut Loading<'_>, group: usize, value: &Node) {
    for entry in section(loading, "hosts", value) {
        let Some(pattern) = entry.key.as_str() else {
            let written = switchover_values::node_to_value(&entry.key);
            let text = format!(
                "Host pattern {written} must be a string. Enclose integers/floats in quotation marks."
            );
            loading
                .errors
                .push(Diagnostic::error("inventory::host", text, &entry.key.span).help("put it in quotes"));
            continue;
        };
        let found = match address(pattern) {
            Ok(found) => found,
            Err(error) => {
                loading.error("inventory::host", error.to_string(), &entry.key.span);
                continue;
            }
        };
        let vars = host_vars(loading, &entry.value);
        for host in loading.hosts(&found.names, found.port, group, &entry.key.span) {
            loading.inventory.set_host_vars(host, std::sync::Arc::clone(&vars));
        }
    }
}

fn host_vars(loading: &mut Loading<'_>, value: &Node) -> std::sync::Arc<VarMap> {
    let mut vars = VarMap::new();
    match &value.kind {
        NodeKind::Mapping(mapping) => {
            for entry in &mapping.entries {
                if let Some(name) = loading.variable_name(&entry.key) {
                    vars.insert(name, entry.value.clone());
                }
            }
        }
        NodeKind::Null => {}
        _ => {
            let text = format!("a host's variables are a mapping, not {}", value.describe());
            loading.error("inventory::shape", text, &value.span);
        }
    }
    std::sync::Arc::new(vars)
}

/// Returns the entries of a section, where `hosts: name` stands for `hosts: {name: }`.
fn section(loading: &mut Loading<'_>, name: &str, value: &Node) -> Vec<Entry> {
    match &value.kind {
        NodeKind::Mapping(mapping) => mapping.entries.clone(),
        NodeKind::Null => Vec::new(),
        NodeKind::String { .. } if name != "vars" => {
            let nothing = Node { kind: NodeKind::Null, ..value.clone() };
            vec![Entry { key: value.clone(), value: nothing }]
        }
        _ => {
            let text = format!("`{name}` must be a mapping, not {}", value.describe());
            let mut found = Diagnostic::error("inventory::shape", text, &value.span);
            if value.as_sequence().is_some() {
                found = found.help("write `name:` on lines of their own, without `- `");
            }
            loading.errors.push(found);
            Vec::new()
        }
    }
}
