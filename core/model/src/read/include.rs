use switchover_syntax::{Diagnostic, Entry, Mapping, Node, NodeKind, nearest};

use super::action::Found;
use super::task::Words;
use super::{Reader, Site};
use crate::Action;
use crate::modules::short;

/// The arguments that name a role's files in place of `main`.
pub(super) const FROM: [&str; 4] = ["tasks_from", "vars_from", "defaults_from", "handlers_from"];

/// Returns the arguments of an import or include, the first of which is the one that a bare text means.
pub fn include_arguments(word: &str) -> &'static [&'static str] {
    match word {
        "import_tasks" => &["file"],
        "include_tasks" => &["file", "apply"],
        "import_role" => &[
            "name",
            "role",
            FROM[0],
            FROM[1],
            FROM[2],
            FROM[3],
            "allow_duplicates",
            "public",
            "rolespec_validate",
        ],
        _ => &[
            "name",
            "role",
            FROM[0],
            FROM[1],
            FROM[2],
            FROM[3],
            "apply",
            "allow_duplicates",
            "public",
            "rolespec_validate",
        ],
    }
}

impl Reader<'_> {
    /// Returns the action of a dynamic include: its file or role always under `file` or `name`.
    pub(super) fn include(&self, found: &Found, words: &Words, site: &Site) -> Option<Action> {
        let word = short(&found.name);
        if word == "include_role" && site.handlers {
            self.role_as_handler(found);
            return None;
        }
        let args = self.import_arguments(found, words)?;
        if let Some(apply) = args.get("apply").filter(|apply| !apply.is_null()) {
            let apply = self.mapping(apply, "`apply`")?;
            self.applied(apply, &site.parent);
        }
        Some(Action {
            name: found.name.clone(),
            name_span: found.name_span.clone(),
            computed: None,
            args: Node { kind: NodeKind::Mapping(args.into()), ..found.value.clone() },
            free_form: None,
        })
    }

    /// Returns the arguments with the bare text under its name and `role` as `name`; unknown ones are errors.
    pub(super) fn import_arguments(&self, found: &Found, words: &Words) -> Option<Mapping> {
        let action = self.arguments(found, words.args.as_ref())?;
        let known = include_arguments(short(&found.name));
        let mut mapping = action.args.as_mapping().cloned().unwrap_or_default();
        if let Some(text) = action.free_form {
            mapping.entries.insert(0, Entry { key: text.with_text(known[0]), value: text });
        }
        let mut sound = true;
        for entry in &mut mapping.entries {
            let key = entry.key.as_str().unwrap_or_default();
            sound &= known.contains(&key) || self.unknown_option(found, entry, known);
            if entry.key.as_str() == Some("role") {
                entry.key = entry.key.with_text("name");
            }
        }
        let target = mapping.get(known[0]);
        if target.is_none_or(|node| node.as_str().is_none_or(|text| text.trim().is_empty())) {
            self.nothing_to_read(found, known[0]);
            return None;
        }
        sound.then_some(mapping)
    }

    fn nothing_to_read(&self, found: &Found, argument: &str) {
        let (what, example) = match argument {
            "file" => ("file", "FILE"),
            _ => ("name of the role", "{name: ROLE}"),
        };
        let message = format!("`{}` needs the {what} to read", found.name);
        let error = Diagnostic::error("playbook::missing-argument", message, &found.name_span);
        self.report(error.help(format!("write `{}: {example}`", found.name)));
    }

    fn unknown_option(&self, found: &Found, entry: &Entry, known: &[&str]) -> bool {
        let key = entry.key.as_str().unwrap_or_default();
        let message = format!("`{}` has no argument `{key}`", found.name);
        let error = Diagnostic::error("playbook::unknown-argument", message, &entry.key.span);
        self.report(match nearest(key, known.iter().copied()) {
            Some(near) => error.label(format!("did you mean `{near}`?")),
            None => error.help("to give variables to what is read, use `vars:`"),
        });
        false
    }

    pub(super) fn role_as_handler(&self, found: &Found) {
        let message = format!("Using '{}' as a handler is not supported.", found.name);
        self.report(
            Diagnostic::error("playbook::misplaced", message, &found.name_span)
                .help("list the role under `roles`; its handlers can then be notified"),
        );
    }
}
