use switchover_model::{ModuleDefaults, Task, short};
use switchover_plugin_host::check_arguments_static;
use switchover_protocol::ModuleSpec;
use switchover_syntax::Diagnostic;

use super::{is_missing, picture, written};

/// Holds what `module_defaults` give this very module against its declaration; what a group gives, each member takes as it can.
pub(super) fn check(task: &Task, spec: &ModuleSpec, problems: &mut Vec<Diagnostic>) {
    let aliases = spec.aliases.iter().filter(|alias| short(alias) != "gather_facts");
    let names: Vec<&str> = std::iter::once(&spec.name).chain(aliases).map(String::as_str).collect();
    let mut entries: Vec<&ModuleDefaults> = Vec::new();
    for entry in task.context.levels().flat_map(|level| &level.keywords.module_defaults) {
        // An inner level comes first, and replaces.
        let is_replaced = entries.iter().any(|inner| inner.replaces(entry));
        if !is_replaced && !entry.receivers.are_many() && entry.receivers.include(&names) {
            entries.push(entry);
        }
    }
    for entry in entries {
        for problem in check_arguments_static(spec, &written(&entry.values)) {
            if !is_missing(&problem.problem) {
                add(problems, picture(&task.action.name, &entry.values, &entry.key.span, &problem));
            }
        }
    }
}

/// Adds what the defaults of another task have not told.
fn add(problems: &mut Vec<Diagnostic>, new: Diagnostic) {
    let place = |problem: &Diagnostic| problem.labels.first().map(|label| label.span.clone());
    if !problems.iter().any(|known| known.message == new.message && place(known) == place(&new)) {
        problems.push(new);
    }
}
