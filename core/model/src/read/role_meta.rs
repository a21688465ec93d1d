use std::path::Path;
use std::sync::Arc;

use switchover_syntax::{Diagnostic, Entry, Mapping, Node, nearest};

use super::Reader;
use super::level::{as_list, items};
use super::role::{Meta, is_true};

const WORDS: [&str; 6] =
    ["allow_duplicates", "argument_specs", "collections", "dependencies", "galaxy_info", "standalone"];

impl Reader<'_> {
    /// Reads `meta/main` and `meta/argument_specs` of a role.
    pub(super) fn role_meta(&self, role: &Path) -> Option<Meta> {
        let mut meta = Meta::default();
        if let Some(path) = self.part_file(role, "meta", "main") {
            let node = self.file(&path, None)?;
            if !node.is_null() {
                let mapping = self.mapping(&node, "`meta/main` of a role")?;
                self.entries(mapping).for_each(|(key, entry)| self.meta_word(&mut meta, key, entry));
            }
        }
        if let Some(path) = self.part_file(role, "meta", "argument_specs") {
            let node = self.file(&path, None)?;
            let specs = self.mapping(&node, "`meta/argument_specs` of a role")?.get("argument_specs");
            meta.specs = specs.and_then(|specs| self.specs(specs));
        }
        Some(meta)
    }

    fn meta_word(&self, meta: &mut Meta, key: &str, entry: &Entry) {
        let value = &entry.value;
        match key {
            "dependencies" if value.as_sequence().is_some() || value.is_null() => {
                meta.dependencies = items(value)
            }
            "dependencies" => {
                let message = format!("`dependencies` must be a list, found {}", value.describe());
                self.report(
                    Diagnostic::error("playbook::wrong-type", message, &value.span)
                        .help("write one `- role: NAME` in each line"),
                );
            }
            "allow_duplicates" => meta.allow_duplicates = is_true(value),
            "collections" => meta.collections = Some(as_list(value)),
            "argument_specs" => meta.specs = self.specs(value),
            "galaxy_info" | "standalone" => {}
            _ => self.unknown_meta(key, entry),
        }
    }

    fn specs(&self, node: &Node) -> Option<Arc<Mapping>> {
        Some(Arc::new(self.mapping(node, "`argument_specs`")?.clone()))
    }

    fn unknown_meta(&self, key: &str, entry: &Entry) {
        let message = format!("`meta/main` of a role has no keyword `{key}`");
        let error = Diagnostic::error("role::unknown-keyword", message, &entry.key.span);
        self.report(match nearest(key, WORDS) {
            Some(near) => error.label(format!("did you mean `{near}`?")),
            None => error.help("what describes the role to others belongs below `galaxy_info`"),
        });
    }
}
