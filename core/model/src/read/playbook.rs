use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchover_syntax::{Diagnostic, Mapping, Node, Span};

use super::Reader;
use super::trail::Stop;
use crate::files::{absolute, folder, shown};
use crate::keywords::{Keyword, Place};
use crate::modules::short;
use crate::{Context, Play, Playbook};

impl Reader<'_> {
    /// Reads a playbook and what it imports.
    pub fn playbook(&self, path: &Path) -> Option<Playbook> {
        let outside = Arc::new(Context::inside(None));
        self.trail.borrow_mut().push(Stop::file(path));
        let plays = self.plays(path, None, &outside)?;
        Some(Playbook { path: absolute(path), plays })
    }

    fn plays(&self, path: &Path, from: Option<&Span>, parent: &Arc<Context>) -> Option<Vec<Arc<Play>>> {
        let node = self.file(path, from)?;
        let Some(items) = node.as_sequence().filter(|items| !items.is_empty()) else {
            self.no_plays(&node);
            return None;
        };
        Some(items.iter().flat_map(|item| self.entry(item, path, parent)).collect())
    }

    fn no_plays(&self, node: &Node) {
        let empty = node.is_null() || node.as_sequence().is_some();
        let error = |code, message: String| Diagnostic::error(code, message, &node.span);
        let finding = if empty {
            error("playbook::empty", "the playbook is empty".to_owned())
                .help("a playbook is a list of plays: `- hosts: all` with `tasks:` below")
        } else {
            let what = node.describe();
            error("playbook::wrong-type", format!("a playbook must be a list of plays, found {what}"))
                .help("begin each play with `- `: `- hosts: all`")
        };
        self.report(finding);
    }

    fn entry(&self, node: &Node, path: &Path, parent: &Arc<Context>) -> Vec<Arc<Play>> {
        let Some(mapping) = node.as_mapping() else {
            let message = format!("a play must be a mapping, found {}", node.describe());
            self.report(
                Diagnostic::error("playbook::wrong-type", message, &node.span)
                    .help("write `- hosts: PATTERN` and indent the rest of the play as deep as `hosts`"),
            );
            return Vec::new();
        };
        let import =
            mapping.entries.iter().find(|e| e.key.as_str().is_some_and(|k| short(k) == "import_playbook"));
        match import {
            Some(import) => self
                .import_playbook(mapping, &import.value, &import.key.span, path, parent)
                .unwrap_or_default(),
            None => self.play(mapping, node, path, parent).map(Arc::new).into_iter().collect(),
        }
    }

    fn import_playbook(
        &self,
        mapping: &Mapping,
        target: &Node,
        span: &Span,
        path: &Path,
        parent: &Arc<Context>,
    ) -> Option<Vec<Arc<Play>>> {
        let mut level = self.import_level(mapping, parent);
        if target.as_str().is_none_or(|text| text.trim().is_empty()) {
            self.report(
                Diagnostic::error(
                    "playbook::missing-argument",
                    "`import_playbook` needs a file to read",
                    span,
                )
                .help("write `- import_playbook: FILE`"),
            );
            return None;
        }
        level.folder = Some(absolute(&folder(path)).into());
        let context = Arc::new(level);
        let name = self.settle(target, &context, "import_playbook")?;
        let beside = absolute(&folder(path).join(Path::new(name.trim())));
        let file = if beside.exists() { None } else { self.collected_playbook(name.trim(), &folder(path)) };
        let file = file.unwrap_or(beside);
        if !file.exists() {
            self.no_playbook(&name, &target.span, &file);
            return None;
        }
        self.within(Stop::file(&file), &target.span, || self.plays(&file, Some(&target.span), &context))
    }

    /// Returns the file of `namespace.collection.playbook`, when such a collection has it.
    fn collected_playbook(&self, name: &str, beside: &Path) -> Option<PathBuf> {
        let parts: Vec<_> = name.splitn(3, '.').collect();
        let [namespace, collection, playbook] = parts.as_slice() else { return None };
        let roots = self.collection_roots(std::iter::once(beside));
        let folders =
            roots.iter().map(|root| root.join("ansible_collections").join(namespace).join(collection));
        let names = ["", ".yml", ".yaml"].map(|ending| format!("{}{ending}", playbook.replace('.', "/")));
        let mut files = folders.flat_map(|folder| {
            names.iter().map(move |name| folder.join("playbooks").join(name)).collect::<Vec<_>>()
        });
        files.find(|file| file.is_file()).map(|file| absolute(&file))
    }

    fn import_level(&self, mapping: &Mapping, parent: &Arc<Context>) -> Context {
        let mut level = Context::inside(Some(parent));
        for (key, entry) in self.entries(mapping) {
            match Keyword::find_in(short(key), Place::IMPORT_PLAYBOOK) {
                Some(keyword) if matches!(keyword.name, "name" | "import_playbook") => {
                    self.fits(keyword, entry);
                }
                Some(keyword) => {
                    self.shared(&mut level, keyword, entry);
                }
                None if [Place::PLAY, Place::TASK]
                    .iter()
                    .all(|place| Keyword::find_in(key, *place).is_some()) =>
                {
                    self.without_effect(key, &entry.key.span);
                }
                None => self.unknown_keyword(key, &entry.key.span, Place::IMPORT_PLAYBOOK),
            }
        }
        level
    }

    fn shown_collection_roots(&self, beside: &Path) -> String {
        let roots = self.collection_roots(std::iter::once(beside));
        roots.iter().map(|root| shown(root).display().to_string()).collect::<Vec<_>>().join(", ")
    }

    /// Ansible takes these words here, too, and does nothing with them.
    fn without_effect(&self, key: &str, span: &Span) {
        let message = format!("`{key}` has no effect on an `import_playbook`");
        self.report(
            Diagnostic::warning("playbook::no-effect", message, span)
                .help("write it on the plays of the imported playbook"),
        );
    }

    fn no_playbook(&self, name: &str, span: &Span, file: &Path) {
        let collected = name.split('.').count() == 3 && !name.contains('/') && !name.ends_with("ml");
        let error = |code, message: String| Diagnostic::error(code, message, span);
        self.report(match (collected, name.split_once([' ', '\t'])) {
            (true, _) => {
                error("playbook::no-such-file", format!("there is no playbook `{name}`")).help(format!(
                    "looked below `playbooks` of the collection in {}",
                    self.shown_collection_roots(&folder(file))
                ))
            }
            (false, Some((_, rest))) if rest.contains('=') => {
                error("playbook::no-such-file", format!("there is no playbook `{name}`"))
                    .help("variables for the imported playbook belong below `vars:`")
            }
            _ => error("playbook::no-such-file", format!("there is no playbook `{name}`")).help(format!(
                "looked for {}; the path is relative to the importing file",
                shown(file).display()
            )),
        });
    }
}
