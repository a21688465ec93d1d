use std::sync::Arc;

use switchover_syntax::{Entry, Mapping, Node, NodeKind};

use super::Reader;
use super::keywords::slot;
use crate::Context;
use crate::keywords::{Keyword, Place, Shape};

impl Reader<'_> {
    /// Puts a keyword that all levels share into the level, after checking its value; returns whether it is one.
    pub(super) fn shared(&self, level: &mut Context, keyword: &Keyword, entry: &Entry) -> bool {
        let name = keyword.name;
        let known = matches!(name, "module_defaults" | "when" | "tags" | "vars" | "name")
            || slot(&mut level.keywords, name).is_some();
        if !known || name == "name" || !self.fits(keyword, entry) || entry.value.is_null() {
            return known && name != "name";
        }
        match name {
            "module_defaults" => level.keywords.module_defaults = self.module_defaults(&entry.value, level),
            "when" => level.when = self.conditions(&entry.value),
            "tags" => level.tags = self.tags(&entry.value),
            "vars" => level.vars = self.vars(&entry.value),
            _ => {
                let value = self.shared_value(keyword, &entry.value);
                if let Some(slot) = slot(&mut level.keywords, name) {
                    *slot = Some(value);
                }
            }
        }
        true
    }

    fn shared_value(&self, keyword: &Keyword, value: &Node) -> Node {
        self.check_templates(value);
        if keyword.shape == Shape::Texts { as_list(value) } else { value.clone() }
    }

    /// Returns a level made of keywords that are data, such as `apply:`.
    pub fn applied(&self, keywords: &Mapping, parent: &Arc<Context>) -> Context {
        let mut level = Context::inside(Some(parent));
        // A block of included tasks may have a name, which nobody sees.
        for (key, entry) in self.entries(keywords).filter(|(key, _)| *key != "name") {
            let known = Keyword::find_in(key, Place::TASK.or(Place::BLOCK));
            if !known.is_some_and(|keyword| self.shared(&mut level, keyword, entry)) {
                self.unknown_keyword(key, &entry.key.span, Place::BLOCK);
            }
        }
        level
    }

    /// Returns tags one by one: a text is split at its commas, those in a list are not.
    pub(super) fn tags(&self, node: &Node) -> Vec<Node> {
        self.check_templates(node);
        node.as_sequence().map_or_else(|| split_at_commas(node), <[Node]>::to_vec)
    }
}

/// Returns a sequence node: one value becomes a list of one.
pub(super) fn as_list(node: &Node) -> Node {
    if node.as_sequence().is_some() {
        return node.clone();
    }
    Node { kind: NodeKind::Sequence([node.clone()].into()), ..node.clone() }
}

/// Returns the items of a list, or the one value.
pub(super) fn items(node: &Node) -> Vec<Node> {
    match node.as_sequence() {
        Some(items) => items.to_vec(),
        None if node.is_null() => Vec::new(),
        None => vec![node.clone()],
    }
}

fn split_at_commas(node: &Node) -> Vec<Node> {
    match node.as_str() {
        Some(text) if text.contains(',') && !crate::keywords::is_template(node) => {
            text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(|t| node.with_text(t)).collect()
        }
        _ => vec![node.clone()],
    }
}
