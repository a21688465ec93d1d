use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchover_syntax::{Diagnostic, Span};

use super::trail::Stop;
use super::{Reader, Site};
use crate::files::{absolute, folder, shown};
use crate::{Context, Item};

impl Reader<'_> {
    /// Returns the file that an import names, looked for as Ansible does.
    pub(super) fn locate(&self, target: &str, span: &Span, site: &Site) -> Option<PathBuf> {
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
            return Some(Vec::new());
        }
        if node.as_sequence().is_none() {
            // Ansible's words.
            let message = "included task files must contain a list of tasks";
            let error = Diagnostic::error("playbook::no-task-list", message, &node.span)
                .label(format!("this is {}", node.describe()));
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
fn candidates(target: &Path, site: &Site) -> Vec<PathBuf> {
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
