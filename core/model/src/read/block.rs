use std::sync::Arc;

use switchover_syntax::{Diagnostic, Entry, Mapping, Node};

use super::{Reader, Site};
use crate::keywords::{Keyword, Place};
use crate::{Block, Context, Item};

const PARTS: [&str; 3] = ["block", "rescue", "always"];

impl Reader<'_> {
    /// Reads a list of tasks; nothing is an empty list. The caller says what is wrong with other shapes.
    pub(super) fn tasks(&self, node: &Node, site: &Site) -> Vec<Item> {
        let items = node.as_sequence().unwrap_or_default();
        items.iter().filter_map(|item| self.item(item, site)).collect()
    }

    fn item(&self, node: &Node, site: &Site) -> Option<Item> {
        if node.is_null() {
            self.report(
                Diagnostic::warning("playbook::empty-task", "an empty entry in a list of tasks", &node.span)
                    .help("remove the lone `-`"),
            );
            return None;
        }
        let Some(mapping) = node.as_mapping() else {
            self.not_a_task(node);
            return None;
        };
        if PARTS.iter().any(|part| mapping.get(part).is_some()) {
            return self.block(mapping, node, site).map(|block| Item::Block(Arc::new(block)));
        }
        if mapping.get("hosts").is_some() && ["tasks", "roles"].iter().any(|key| mapping.get(key).is_some()) {
            self.play_as_task(mapping, node);
            return None;
        }
        self.task(mapping, node, site)
    }

    fn play_as_task(&self, mapping: &Mapping, node: &Node) {
        let span = mapping.entry("hosts").map_or(&node.span, |entry| &entry.key.span);
        self.report(
            Diagnostic::error("playbook::misplaced", "this is a play, and a task was expected", span)
                .help("plays begin at the left margin of a playbook; a file of plays is read with `import_playbook`"),
        );
    }

    fn not_a_task(&self, node: &Node) {
        let message = format!("a task must be a mapping, found {}", node.describe());
        let error = Diagnostic::error("playbook::wrong-type", message, &node.span);
        self.report(match node.as_str() {
            Some(text) if text.contains('=') => {
                error.help("put a colon after the module: `- copy: src=a dest=b`")
            }
            Some(text) => error.help(format!("put a colon after the module: `- {}:`", text.trim())),
            None => error.help("write `- name: ...` and the module below it"),
        });
    }

    fn block(&self, mapping: &Mapping, node: &Node, site: &Site) -> Option<Block> {
        if site.handlers && site.nested {
            self.report(
                Diagnostic::error(
                    "playbook::misplaced",
                    "Using a block as a handler is not supported.",
                    &node.span,
                )
                .help("give the handlers one name with `listen` to notify them together"),
            );
            return None;
        }
        if mapping.get("block").is_none() {
            let first =
                mapping.entries.iter().find(|e| e.key.as_str().is_some_and(|key| PARTS.contains(&key)));
            let span = first.map_or(&node.span, |entry| &entry.key.span);
            self.report(
                Diagnostic::warning("playbook::no-block", "there is no `block` that this belongs to", span)
                    .help("indent it as deep as its `block`"),
            );
        }
        let mut level = Context::inside(Some(&site.parent));
        let (name, parts) = self.block_keywords(mapping, &mut level);
        let context = Arc::new(level);
        let inner = site.in_block(&context);
        let [body, rescue, always] = parts;
        let tasks =
            |part: Option<&Node>, site: &Site| part.map_or_else(Vec::new, |part| self.tasks(part, site));
        let body = tasks(body, &Site { rescued: inner.rescued || rescue.is_some(), ..inner.clone() });
        let (rescue, always) = (tasks(rescue, &inner), tasks(always, &inner));
        Some(Block { span: node.span.clone(), name, context, body, rescue, always })
    }

    fn block_keywords<'n>(
        &self,
        mapping: &'n Mapping,
        level: &mut Context,
    ) -> (Option<Node>, [Option<&'n Node>; 3]) {
        let mut name = None;
        let mut parts = [None; 3];
        for (key, entry) in self.entries(mapping) {
            let Some(keyword) = Keyword::find_in(key, Place::BLOCK) else {
                self.stray_in_block(key, entry);
                continue;
            };
            if let Some(index) = PARTS.iter().position(|part| *part == key) {
                if self.is_list_of_tasks(keyword, entry) {
                    parts[index] = Some(&entry.value);
                }
            } else if key == "name" {
                name = self.name(keyword, entry);
            } else {
                self.shared(level, keyword, entry);
            }
        }
        (name, parts)
    }

    fn is_list_of_tasks(&self, keyword: &Keyword, entry: &Entry) -> bool {
        if keyword.name == "block" && entry.value.is_null() {
            self.report(
                Diagnostic::error(
                    "playbook::wrong-type",
                    "`block` must be a list of tasks, found nothing",
                    &entry.key.span,
                )
                .help("indent the tasks below `block:`, each with `- `"),
            );
            return false;
        }
        self.fits(keyword, entry)
    }

    fn stray_in_block(&self, key: &str, entry: &Entry) {
        if !self.loader.settings.modules.knows(key) {
            return self.unknown_keyword(key, &entry.key.span, Place::BLOCK);
        }
        let message = format!("`{key}` cannot stand beside `block`");
        self.report(
            Diagnostic::error("playbook::two-actions", message, &entry.key.span)
                .help(format!("make it a task of the block: `- {key}: ...`, two blanks further in")),
        );
    }

    /// Returns a title, checked.
    pub(super) fn name(&self, keyword: &Keyword, entry: &Entry) -> Option<Node> {
        if !self.fits(keyword, entry) || entry.value.is_null() {
            return None;
        }
        self.check_templates(&entry.value);
        Some(entry.value.clone())
    }
}
