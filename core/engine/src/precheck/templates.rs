use std::collections::HashSet;
use std::path::PathBuf;

use switchover_model::{Play, Task};
use switchover_plugin_host::Catalog;
use switchover_syntax::Diagnostic;
use switchover_values::{TextOptions, check_template_file};

use crate::magic::search_path;
use crate::play_run::folder_of;
use crate::search::find_below;

/// The module whose `src` is a template file.
const MODULE: &str = "ansible.builtin.template";

/// Options of the module that change how the file is read; a file with one of them is left to its turn.
const DELIMITERS: [&str; 6] = [
    "block_start_string",
    "block_end_string",
    "variable_start_string",
    "variable_end_string",
    "comment_start_string",
    "comment_end_string",
];

/// Reads the template file that a task names without a variable: a filter that is not there is told before a host is
/// touched. Whether a missing file matters is only known when the task runs.
pub(super) fn check(
    task: &Task,
    play: &Play,
    catalog: &Catalog,
    checked: &mut HashSet<PathBuf>,
    problems: &mut Vec<Diagnostic>,
) {
    if catalog.resolve(&task.action.name).is_none_or(|module| module.spec.name != MODULE) {
        return;
    }
    let Some(arguments) = task.action.args.as_mapping() else { return };
    if DELIMITERS.iter().any(|option| arguments.entry(option).is_some()) {
        return;
    }
    let Some(src) = arguments.entry("src").and_then(|entry| entry.value.as_str()) else { return };
    if src.contains("{{") || src.contains("{%") {
        return;
    }
    let folders = search_path(&task.context, Some(task.span.source.name()), &folder_of(play));
    let Ok(path) = find_below(&folders, src, Some("templates")) else { return };
    if !checked.insert(path.clone()) {
        return;
    }
    // One that cannot be read, or that only a vault password opens, fails at its turn.
    let Ok(text) = std::fs::read_to_string(&path) else { return };
    if !text.starts_with("$ANSIBLE_VAULT;") {
        problems.extend(check_template_file(&text, &TextOptions { name: path, ..TextOptions::default() }));
    }
}
