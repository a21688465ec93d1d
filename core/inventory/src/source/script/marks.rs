use std::sync::Arc;

use switchover_syntax::{Entry, Mapping, Node, NodeKind, Tag};

/// The keys by which JSON says of a text what YAML says with a tag; Ansible writes and reads them.
const MARKS: [(&str, Tag); 2] = [("__ansible_unsafe", Tag::Unsafe), ("__ansible_vault", Tag::Vault)];

/// Returns the node with each `{"__ansible_unsafe": "text"}` and `{"__ansible_vault": "text"}` as the text that it stands for.
pub(super) fn read(node: &Node) -> Node {
    let marked = node.as_mapping().filter(|mapping| mapping.entries.len() == 1).and_then(|mapping| {
        let (_, tag) = MARKS.iter().find(|(key, _)| mapping.get(key).is_some())?;
        let text = &mapping.entries[0].value;
        text.as_str().map(|_| Node { tag: *tag, ..text.clone() })
    });
    marked.unwrap_or_else(|| within(node, &read))
}

/// Returns the node with texts that are never templates.
pub(super) fn never_templates(node: &Node) -> Node {
    match (&node.kind, node.tag) {
        (NodeKind::String { .. }, Tag::None) => Node { tag: Tag::Unsafe, ..node.clone() },
        _ => within(node, &never_templates),
    }
}

/// Returns the node with `change` done to all that it holds.
fn within(node: &Node, change: &dyn Fn(&Node) -> Node) -> Node {
    let kind = match &node.kind {
        NodeKind::Sequence(items) => NodeKind::Sequence(items.iter().map(change).collect()),
        NodeKind::Mapping(mapping) => {
            let changed = |entry: &Entry| Entry { key: entry.key.clone(), value: change(&entry.value) };
            let entries = mapping.entries.iter().map(changed).collect();
            NodeKind::Mapping(Arc::new(Mapping { entries }))
        }
        kind => kind.clone(),
    };
    Node { kind, ..node.clone() }
}
