use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchover_syntax::{Diagnostic, Entry, Mapping, Node, NodeKind, Span, nearest};

use super::action::Found;
use super::role::{Wanted, is_true};
use super::task::Words;
use super::trail::Stop;
use super::{Reader, Site};
use crate::files::{absolute, folder, shown};
use crate::modules::short;
use crate::{Action, Block, Context, Item, RoleFrom};

const FROM: [&str; 4] = ["tasks_from", "vars_from", "defaults_from", "handlers_from"];

/// Returns the arguments of an import or include, the first of which is the one that a bare text means.
fn options(word: &str) -> &'static [&'static str] {
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
            args: Node { kind: NodeKind::Mapping(args.into()), ..found.value.clone() },
            free_form: None,
        })
    }

    /// Reads the tasks of an imported file as a block.
    pub(super) fn import_tasks(
        &self,
        found: &Found,
        words: Words,
        level: Context,
        span: &Span,
        site: &Site,
    ) -> Option<Block> {
        self.check_import(found, &words);
        let args = self.import_arguments(found, &words)?;
        let file = args.get("file")?;
        let context = Arc::new(level);
        let target = self.settle(file, &context, "include_tasks")?;
        let path = self.locate(&target, &file.span, site)?;
        let inner = Site { parent: Arc::clone(&context), folder: folder(&path), ..site.clone() };
        let body =
            self.within(Stop::file(&path), &file.span, || self.task_list(&path, Some(&file.span), &inner))?;
        Some(Block {
            span: span.clone(),
            name: words.name,
            context,
            body,
            rescue: Vec::new(),
            always: Vec::new(),
        })
    }

    /// Reads the tasks of an imported role as a block.
    pub(super) fn import_role(
        &self,
        found: &Found,
        words: Words,
        level: Context,
        span: &Span,
        site: &Site,
    ) -> Option<Block> {
        if site.handlers {
            self.role_as_handler(found);
            return None;
        }
        self.check_import(found, &words);
        let args = self.import_arguments(found, &words)?;
        let name = args.get("name")?;
        let context = Arc::new(level);
        let from = self.role_from(&args, &context)?;
        let wanted = Wanted {
            name: self.settle(name, &context, "include_role")?,
            span: name.span.clone(),
            from,
            allow_duplicates: args.get("allow_duplicates").map(is_true),
            level: Context::inside(Some(&context)),
            parents: Vec::new(),
            search: Vec::new(),
        };
        let body = self.role(wanted)?.1;
        Some(Block {
            span: span.clone(),
            name: words.name,
            context,
            body,
            rescue: Vec::new(),
            always: Vec::new(),
        })
    }

    fn role_from(&self, args: &Mapping, context: &Arc<Context>) -> Option<RoleFrom> {
        let text = |key: &str| match args.get(key).filter(|node| !node.is_null()) {
            Some(node) => self.settle(node, context, "include_role").map(Some),
            None => Some(None),
        };
        Some(RoleFrom {
            tasks_from: text(FROM[0])?,
            vars_from: text(FROM[1])?,
            defaults_from: text(FROM[2])?,
            handlers_from: text(FROM[3])?,
        })
    }

    /// Returns the arguments with the bare text under its name and `role` as `name`; unknown ones are errors.
    fn import_arguments(&self, found: &Found, words: &Words) -> Option<Mapping> {
        let action = self.arguments(found, words.args.as_ref())?;
        let known = options(short(&found.name));
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
            let message = format!(
                "`{}` needs the {} to read",
                found.name,
                if known[0] == "file" { "file" } else { "name of the role" }
            );
            let help = format!("write `{}: {{{}: ...}}`", found.name, known[0]);
            self.report(
                Diagnostic::error("playbook::missing-argument", message, &found.name_span).help(help),
            );
            return None;
        }
        sound.then_some(mapping)
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

    fn role_as_handler(&self, found: &Found) {
        let message = format!("`{}` cannot be a handler", found.name);
        self.report(
            Diagnostic::error("playbook::misplaced", message, &found.name_span)
                .help("list the role under `roles`; its handlers can then be notified"),
        );
    }

    /// An import is gone before the run: a loop cannot repeat it, and it has no result.
    fn check_import(&self, found: &Found, words: &Words) {
        let include = found.name.replace("import_", "include_");
        if let Some(repeat) = &words.repeat {
            let message = format!("`{}` cannot be repeated: it is resolved before the run", found.name);
            self.report(
                Diagnostic::error("playbook::static-loop", message, &repeat.span)
                    .help(format!("use `{include}`")),
            );
        }
        let idle = [
            words.register.as_ref(),
            words.until.first(),
            words.retries.as_ref(),
            words.changed_when.as_ref().and_then(|c| c.first()),
            words.failed_when.as_ref().and_then(|c| c.first()),
            words.detach.as_ref(),
            words.effect.as_ref(),
            words.approve.as_ref(),
        ];
        for node in idle.into_iter().flatten() {
            let message = format!("this has no effect: `{}` is resolved before the run", found.name);
            self.report(
                Diagnostic::warning("playbook::no-effect", message, &node.span).help("write it on the tasks"),
            );
        }
    }

    /// Returns the file that an import names, looked for as Ansible does.
    fn locate(&self, target: &str, span: &Span, site: &Site) -> Option<PathBuf> {
        let tried = candidates(Path::new(target), site);
        if let Some(path) = tried.iter().find(|path| path.is_file() || is_pipe(path)) {
            return Some(path.clone());
        }
        let places: Vec<_> = tried.iter().map(|path| shown(path).display().to_string()).collect();
        self.report(
            Diagnostic::error("playbook::no-such-file", format!("there is no file `{target}`"), span)
                .help(format!("looked for {}", places.join(", "))),
        );
        None
    }

    /// Reads a file that must hold a list of tasks; an empty one holds none.
    pub(super) fn task_list(&self, path: &Path, from: Option<&Span>, site: &Site) -> Option<Vec<Item>> {
        let node = self.file(path, from)?;
        if node.is_null() {
            self.report(Diagnostic::warning("playbook::empty-file", "this file holds no tasks", &node.span));
            return Some(Vec::new());
        }
        if node.as_sequence().is_none() {
            let message = format!("a file of tasks must be a list, found {}", node.describe());
            let error = Diagnostic::error("playbook::wrong-type", message, &node.span);
            self.report(match node.as_mapping().and_then(|m| m.get("tasks").or_else(|| m.get("hosts"))) {
                Some(_) => {
                    error.help("leave out `hosts:` and `tasks:`; write the tasks themselves, each with `- `")
                }
                None => error.help("begin each task with `- `"),
            });
            return None;
        }
        Some(self.tasks(&node, site))
    }

    /// Reads a file of tasks for an include at run time.
    pub fn included_tasks(&self, path: &Path, parent: &Arc<Context>, as_handlers: bool) -> Option<Vec<Item>> {
        let site = Site::new(parent, folder(&absolute(path))).of_handlers(as_handlers);
        self.trail.borrow_mut().push(Stop::file(path));
        self.task_list(path, None, &site)
    }
}

fn is_pipe(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| !meta.is_dir())
}

/// Returns where a file of tasks is looked for, best first: beside the file that names it, in the role, in the play.
pub(crate) fn candidates(target: &Path, site: &Site) -> Vec<PathBuf> {
    if target.is_absolute() || target.starts_with("~") {
        return vec![absolute(target)];
    }
    let mut folders = vec![site.folder.clone()];
    if let Some(role) = site.parent.role() {
        let part = if site.handlers { "handlers" } else { "tasks" };
        folders.extend([role.path.join(part), role.path.join("tasks"), role.path.clone()]);
    }
    let play = site.play_folder();
    folders.extend([play.join("tasks"), play]);
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in folders {
        let path = absolute(&folder.join(target));
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}
