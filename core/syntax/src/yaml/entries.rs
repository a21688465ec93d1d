use std::collections::HashMap;
use std::sync::Arc;

use crate::{Entry, Mapping, Node, NodeKind};

/// A mapping while it is put together.
///
/// The order is PyYAML's: first what `<<` brings, then the mapping's own keys; a later value takes the place of
/// an earlier one. Keys are equal as in Python, where `1`, `1.0` and `true` are the same key.
#[derive(Default)]
pub(super) struct Entries {
    merged: Vec<Entry>,
    own: Vec<Entry>,
}

/// A key that was written twice in the same mapping.
pub(super) struct Duplicate {
    pub(super) first: Node,
    pub(super) second: Node,
}

impl Entries {
    pub(super) fn push(&mut self, key: Node, value: Node) {
        self.own.push(Entry { key, value });
    }

    pub(super) fn merge(&mut self, mapping: &Mapping) {
        self.merged.extend(mapping.entries.iter().cloned());
    }

    pub(super) fn finish(self) -> (Mapping, Vec<Duplicate>) {
        let mut duplicates = Vec::new();
        let mut entries: Vec<Entry> = Vec::with_capacity(self.merged.len() + self.own.len());
        let mut places: HashMap<KeyId, (usize, bool)> = HashMap::with_capacity(entries.capacity());
        let merged = self.merged.into_iter().map(|e| (e, false));
        for (entry, own) in merged.chain(self.own.into_iter().map(|e| (e, true))) {
            let Some(id) = KeyId::of(&entry.key) else { continue };
            let Some(place) = places.get_mut(&id) else {
                places.insert(id, (entries.len(), own));
                entries.push(entry);
                continue;
            };
            let earlier = &mut entries[place.0];
            if own && place.1 {
                duplicates.push(Duplicate { first: earlier.key.clone(), second: entry.key.clone() });
            }
            place.1 |= own;
            if entry.key.as_str().is_some() {
                *earlier = entry;
            } else {
                earlier.value = entry.value;
            }
        }
        (Mapping { entries }, duplicates)
    }
}

#[derive(PartialEq, Eq, Hash)]
enum KeyId {
    Null,
    Int(i64),
    Float(u64),
    Text(Arc<str>),
}

impl KeyId {
    fn of(key: &Node) -> Option<Self> {
        Some(match &key.kind {
            NodeKind::Null => Self::Null,
            NodeKind::Bool(value) => Self::Int(i64::from(*value)),
            NodeKind::Int(value) => Self::Int(*value),
            NodeKind::Float(value) if value.fract() == 0.0 && value.abs() < 9e18 => Self::Int(*value as i64),
            NodeKind::Float(value) => Self::Float(value.to_bits()),
            NodeKind::String { text, .. } => Self::Text(Arc::clone(text)),
            NodeKind::Sequence(_) | NodeKind::Mapping(_) => return None,
        })
    }
}
