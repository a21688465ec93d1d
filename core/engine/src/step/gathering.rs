use std::sync::Arc;

use switchover_journal::Status;
use switchover_model::{Action, Task, short};
use switchover_protocol::{Effect, Map, Value};
use switchover_syntax::{Mapping, Node, NodeKind};
use switchover_values::{Scope, TemplateError, to_json};

use super::Step;
use crate::flags::truth;
use crate::performed::Performed;
use crate::settings::Settings;

/// Arguments that `setup` alone takes.
const OF_SETUP: [&str; 4] = ["fact_path", "filter", "gather_subset", "gather_timeout"];

/// Whether the modules of one task work at the same time; no argument of theirs.
const PARALLEL: &str = "parallel";

impl Step {
    /// Returns whether the task is `gather_facts`, also the one at the start of a play.
    pub(super) fn gathers(&self) -> bool {
        short(&self.task.action.name) == "gather_facts"
    }

    /// Runs the modules that gather facts, and puts together what they found.
    pub(super) async fn perform_gathering(&self, scope: &Scope, settings: &Settings) -> Performed {
        let (names, parallel) =
            match self.fact_modules(scope).and_then(|names| Ok((names, self.parallel(scope)?))) {
                Ok(found) => found,
                Err(error) => return Performed::from(error),
            };
        let mut all = Performed::new(Status::Ok, Map::new());
        let mut steps = Vec::new();
        for name in names {
            all.warnings.extend(self.withheld(&name, scope));
            match self.gathering_with(&name) {
                Ok(inner) => steps.push((name, inner)),
                Err(performed) => return *performed,
            }
        }
        let mut failed = Map::new();
        for (name, one) in performed(steps, parallel, scope, settings).await {
            if matches!(one.status, Status::Unreachable | Status::Unknown | Status::Refused) {
                return one;
            }
            if let Some(part) = take_in(&mut all, one) {
                failed.insert(shown_name(&name), Value::Object(part));
            }
        }
        if failed.is_empty() { all } else { with_failures(all, failed) }
    }

    /// Returns the names of the modules: a variable, else the configuration says them.
    fn fact_modules(&self, scope: &Scope) -> Result<Vec<String>, TemplateError> {
        let said = scope.get("ansible_facts_modules")?.map(|value| to_json(&value));
        let said = said.unwrap_or_else(|| self.play.world.options.defaults.facts_modules.clone().into());
        if said == Value::Array(Vec::new()) {
            return Ok(vec!["smart".to_owned()]);
        }
        Ok(match said {
            Value::Array(names) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Value::String(names) => names.split(',').map(|name| name.trim().to_owned()).collect(),
            _ => Vec::new(),
        })
    }

    fn parallel(&self, scope: &Scope) -> Result<bool, TemplateError> {
        let written = self.task.action.args.as_mapping().and_then(|args| args.get(PARALLEL));
        let written = written.map(|node| scope.render(node)).transpose()?;
        Ok(written.is_none_or(|value| value.is_none() || truth(&value) != Some(false)))
    }

    /// Returns the step for one module; `setup` goes by the name of the task, so that defaults for both reach it.
    fn gathering_with(&self, name: &str) -> Result<Self, Box<Performed>> {
        if is_setup(name) {
            return Ok(self.clone());
        }
        let Some(module) = self.play.world.catalog.resolve(name) else {
            let text = format!("Task failed: The module {name} was not found in configured module paths");
            let help = "`ansible_facts_modules` names modules that gather facts: `switchover plugin list` shows what there is";
            return Err(Box::new(Performed::failed(text).remedy(help)));
        };
        if !matches!(module.spec.effect, Effect::Reads) {
            let text = format!("`{name}` does not gather facts: it changes something");
            let help = "name modules in `ansible_facts_modules` that only read";
            return Err(Box::new(Performed::failed(text).remedy(help)));
        }
        let args = without(&self.task.action.args, &OF_SETUP);
        let action = Action { name: name.to_owned(), args, ..self.task.action.clone() };
        Ok(Self { task: Arc::new(Task { action, ..Task::clone(&self.task) }), ..self.clone() })
    }

    /// Says that a module other than `setup` does not get the subset.
    fn withheld(&self, name: &str, scope: &Scope) -> Option<String> {
        let written = self.task.action.args.as_mapping()?.get("gather_subset")?;
        let subset = scope.render(written).ok().filter(|_| !is_setup(name))?;
        Some(format!("Not passing subset({}) to {name}", switchover_values::python_text(&subset)))
    }
}

/// Removes what is no argument of a module from the arguments of `gather_facts`.
pub(super) fn strip_own(arguments: &mut Map) {
    arguments.remove(PARALLEL);
}

fn is_setup(name: &str) -> bool {
    matches!(short(name), "setup" | "smart")
}

fn shown_name(name: &str) -> String {
    if name == "smart" { "ansible.legacy.setup".to_owned() } else { name.to_owned() }
}

/// Runs the steps one after the other, or all at once; whoever stops waiting for them ends them.
async fn performed(
    steps: Vec<(String, Step)>,
    parallel: bool,
    scope: &Scope,
    settings: &Settings,
) -> Vec<(String, Performed)> {
    let mut done = Vec::new();
    if !parallel || steps.len() == 1 {
        for (name, step) in steps {
            done.push((name, step.perform_module(scope, settings).await));
        }
        return done;
    }
    let mut running = tokio::task::JoinSet::new();
    for (index, (name, step)) in steps.into_iter().enumerate() {
        let (scope, settings) = (scope.clone(), settings.clone());
        running.spawn(async move { (index, name, step.perform_module(&scope, &settings).await) });
    }
    let mut ended = running.join_all().await;
    ended.sort_by_key(|(index, ..)| *index);
    ended.into_iter().map(|(_, name, performed)| (name, performed)).collect()
}

/// Adds what one module found; returns its result when it failed.
fn take_in(all: &mut Performed, one: Performed) -> Option<Map> {
    let Performed { status, mut result, warnings, effects, arguments, delegated, .. } = one;
    all.warnings.extend(warnings);
    all.effects.extend(effects);
    all.delegated = all.delegated.take().or(delegated);
    all.arguments = all.arguments.take().or(arguments);
    if status == Status::Failed {
        result.insert("failed".to_owned(), true.into());
        return Some(result);
    }
    if let Some(Value::Object(facts)) = result.remove("ansible_facts") {
        let known = all.result.entry("ansible_facts").or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(known) = known {
            known.extend(facts);
        }
    }
    None
}

fn with_failures(mut all: Performed, failed: Map) -> Performed {
    let names: Vec<_> = failed.keys().cloned().collect();
    let reasons =
        failed.iter().filter_map(|(name, result)| Some(format!("{name}: {}", result.get("msg")?.as_str()?)));
    let remedy = reasons.collect::<Vec<_>>().join("\n");
    all.status = Status::Failed;
    all.result.entry("ansible_facts").or_insert_with(|| Value::Object(Map::new()));
    let text = format!("The following modules failed to execute: {}.", names.join(", "));
    all.with("failed_modules", failed).with("msg", text).remedy(remedy)
}

/// Returns a mapping without these entries.
fn without(args: &Node, names: &[&str]) -> Node {
    let Some(mapping) = args.as_mapping() else { return args.clone() };
    let kept = |key: &Node| key.as_str().is_none_or(|key| key != PARALLEL && !names.contains(&key));
    let entries = mapping.entries.iter().filter(|entry| kept(&entry.key)).cloned().collect();
    Node { kind: NodeKind::Mapping(Arc::new(Mapping { entries })), ..args.clone() }
}
