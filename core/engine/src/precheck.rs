use std::collections::HashSet;
use std::path::Path;

use std::sync::Arc;

use switchover_model::{Item, Play, Playbook, Task};
use switchover_plugin_host::{ArgumentProblem, Catalog, Problem, check_arguments_static};
use switchover_protocol::Map;
use switchover_syntax::{Diagnostic, Node, Span, nearest};
use switchover_values::{node_to_value, to_json};

use crate::action;

mod defaults;
mod templates;

/// Holds every task of the playbooks against the modules' declarations, before a host is touched.
///
/// A task whose failure its author provides for (`ignore_errors`, `failed_when`, a `rescue`) may have arguments that are
/// wrong on purpose: there the mistake is the failure of that task, at its turn.
pub fn precheck(playbooks: &[Playbook], catalog: &Catalog) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let (mut prepared, mut checked) = (HashSet::new(), HashSet::new());
    for play in playbooks.iter().flat_map(|playbook| &playbook.plays) {
        for items in sections(play) {
            walk(items, false, &mut |task, may_fail| {
                prepare(task, catalog, &mut prepared, &mut problems);
                if !may_fail {
                    check_task(task, catalog, &mut problems);
                    templates::check(task, play, catalog, &mut checked, &mut problems);
                }
            });
        }
    }
    problems
}

/// Returns the sections of a play that hold tasks.
pub fn sections(play: &Play) -> [&Vec<Item>; 5] {
    [&play.pre_tasks, &play.roles, &play.tasks, &play.post_tasks, &play.handlers]
}

/// Visits every task, also those inside blocks.
pub fn each_task(items: &[Item], visit: &mut impl FnMut(&Arc<Task>)) {
    walk(items, false, &mut |task, _| visit(task));
}

/// Visits tasks, and tells of each whether its author provides for its failure; `rescued`: they stand in a block with a
/// `rescue`.
fn walk(items: &[Item], rescued: bool, visit: &mut impl FnMut(&Arc<Task>, bool)) {
    for item in items {
        match item {
            Item::Task(task) => visit(task, rescued || may_fail(task)),
            Item::Block(block) => {
                walk(&block.body, rescued || !block.rescue.is_empty(), visit);
                walk(&block.rescue, rescued, visit);
                walk(&block.always, rescued, visit);
            }
        }
    }
}

/// Loads the library of the task's module, once for each: one that cannot be loaded is told before a host is touched.
fn prepare<'a>(
    task: &Task,
    catalog: &'a Catalog,
    prepared: &mut HashSet<&'a Path>,
    problems: &mut Vec<Diagnostic>,
) {
    let module = catalog.resolve(&task.action.name).filter(|_| action::find(&task.action.name).is_none());
    let Some(plugin) = module.map(|module| &module.plugin) else { return };
    if !prepared.insert(&plugin.file) {
        return;
    }
    if let Err(problem) = plugin.prepare() {
        let text = format!("{}: {}", task.action.name, problem.explain());
        problems.push(Diagnostic::error("module::plugin", text, &task.action.name_span));
    }
}

fn may_fail(task: &Task) -> bool {
    let ignored = task.context.keyword(|keywords| keywords.ignore_errors.as_ref());
    task.failed_when.is_some() || ignored.is_some_and(|node| node_to_value(node).is_true())
}

fn check_task(task: &Task, catalog: &Catalog, problems: &mut Vec<Diagnostic>) {
    if let Some(action) = action::find(&task.action.name) {
        if let Some(known) = action.arguments() {
            check_names(task, known, problems);
        }
    } else if let Some(module) = catalog.resolve(&task.action.name) {
        let mut arguments = written(&task.action.args);
        if switchover_model::short(&task.action.name) == "gather_facts" {
            arguments.remove("parallel");
        }
        if task.action.free_form.is_some() {
            arguments.insert("_raw_params".to_owned(), "{{ }}".into());
        }
        // Defaults may give what is required here.
        let has_defaults = task.context.levels().any(|level| !level.keywords.module_defaults.is_empty());
        for problem in check_arguments_static(&module.spec, &arguments) {
            if !(has_defaults && is_missing(&problem.problem)) {
                problems.push(picture(
                    &task.action.name,
                    &task.action.args,
                    &task.action.name_span,
                    &problem,
                ));
            }
        }
        defaults::check(task, &module.spec, problems);
    }
}

/// Whether something is not there that another place may give.
fn is_missing(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::Missing
            | Problem::OneOfRequired { .. }
            | Problem::RequiredTogether { .. }
            | Problem::Required { .. }
    )
}

fn check_names(task: &Task, known: &[&str], problems: &mut Vec<Diagnostic>) {
    let Some(mapping) = task.action.args.as_mapping() else { return };
    for entry in &mapping.entries {
        let Some(name) = entry.key.as_str() else { continue };
        if !known.contains(&name) {
            let text = format!("`{}` has no argument `{name}`", task.action.name);
            let problem = Diagnostic::error("module::unknown-argument", text, &entry.key.span);
            let words = known.iter().copied().filter(|word| !word.starts_with('_'));
            problems.push(match nearest(name, words) {
                Some(word) => problem.help(format!("did you mean `{word}`?")),
                None => problem.help(format!("it takes: {}", known.join(", "))),
            });
        }
    }
}

/// Returns the arguments as they are written; templates stay text.
fn written(args: &Node) -> Map {
    match to_json(&node_to_value(args)) {
        serde_json::Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn picture(action: &str, arguments: &Node, named: &Span, problem: &ArgumentProblem) -> Diagnostic {
    let entry = arguments.as_mapping().and_then(|mapping| mapping.entry(&problem.param));
    let span = entry.map_or(named, |entry| {
        if is_about_name(&problem.problem) { &entry.key.span } else { &entry.value.span }
    });
    let text = format!("{action}: {problem}");
    if matches!(problem.problem, Problem::Deprecated { .. }) {
        return Diagnostic::warning(code(&problem.problem), text, span);
    }
    let picture = Diagnostic::error(code(&problem.problem), text, span);
    match &problem.nearest {
        Some(word) => picture.help(format!("did you mean `{word}`?")),
        None => picture.help(format!("`switchover plugin doc {action}` tells its arguments")),
    }
}

fn is_about_name(problem: &Problem) -> bool {
    matches!(problem, Problem::Unknown { .. } | Problem::GivenTwice { .. } | Problem::Deprecated { .. })
}

/// Returns the stable code of a problem.
fn code(problem: &Problem) -> &'static str {
    match problem {
        Problem::Unknown { .. } => "module::unknown-argument",
        Problem::Missing
        | Problem::OneOfRequired { .. }
        | Problem::RequiredTogether { .. }
        | Problem::Required { .. } => "module::missing-argument",
        Problem::Deprecated { .. } => "module::deprecated-argument",
        Problem::Range { .. } => "module::argument-range",
        Problem::Refused { .. } => "module::refused-argument",
        Problem::GivenTwice { .. } | Problem::MutuallyExclusive { .. } => "module::exclusive-arguments",
        Problem::Type { .. } | Problem::Element { .. } => "module::argument-type",
        Problem::Choice { .. } => "module::argument-choice",
    }
}
