use minijinja::Environment;
use serde::{Deserialize, Serialize};
use switchover_journal::Place;
use switchover_model::Task;
use switchover_plugin_host::Module;
use switchover_protocol::Effect;
use switchover_syntax::{Node, NodeKind};
use switchover_values::{Scope, TemplateError};

use super::Plan;
use crate::step::Step;

/// What may destroy something, and cannot be told before the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Open {
    pub kind: OpenKind,
    pub play: String,
    /// A host, or the pattern for hosts that may join.
    pub host: String,
    pub task: String,
    /// The name under which it is approved, when that is known.
    pub step: Option<String>,
    /// What is lost, as far as that is known.
    pub destroys: Option<String>,
    /// Why it cannot be told.
    pub why: String,
    pub when: Vec<String>,
    pub place: Place,
}

/// What is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenKind {
    /// What a step destroys, or its name.
    Step,
    /// The hosts of the play.
    Hosts,
    /// The tasks that an include brings.
    Include,
}

impl Plan {
    /// Returns whether the plan leaves open what this step of a host does.
    pub fn leaves_open(&self, place: &Place, host: &str) -> bool {
        self.open.iter().any(|open| match open.kind {
            OpenKind::Step => open.place == *place && open.host == host,
            OpenKind::Hosts => open.place == *place,
            OpenKind::Include => true,
        })
    }
}

/// Returns the effect of a step, or why it is not known yet.
pub fn effect(step: &Step, module: &Module, scope: &Scope) -> Result<Effect, String> {
    step.task.effect.as_ref().map_or(Ok(()), |node| known(node, scope))?;
    step.effect(module, scope).map_err(why)
}

/// Returns the name under which a step is approved, or why it is not known yet.
pub fn name(step: &Step, module: &Module, scope: &Scope) -> Result<String, String> {
    step.task.approve.as_ref().map_or(Ok(()), |node| known(node, scope))?;
    step.step_name(module, scope).map_err(why)
}

/// Returns what a task says that it destroys, with its templates as they are written.
pub fn written(task: &Task) -> Option<String> {
    task.effect.as_ref()?.as_mapping()?.get("destroys")?.as_str().map(str::to_owned)
}

fn why(error: TemplateError) -> String {
    error.message
}

/// Functions that templates may call; they are no variables.
const FUNCTIONS: [&str; 12] = [
    "cycler",
    "debug",
    "dict",
    "joiner",
    "lipsum",
    "lookup",
    "namespace",
    "now",
    "omit",
    "q",
    "query",
    "range",
];

/// A template that has a way out (`default`) may render in one way before the run, and otherwise in it.
fn known(node: &Node, scope: &Scope) -> Result<(), String> {
    match &node.kind {
        NodeKind::Mapping(mapping) => mapping.entries.iter().try_for_each(|entry| known(&entry.value, scope)),
        _ => {
            let Some(text) = node.as_str() else { return Ok(()) };
            let environment = Environment::new();
            let Ok(template) = environment.template_from_str(text) else { return Ok(()) };
            let mut names: Vec<String> = template.undeclared_variables(false).into_iter().collect();
            names.sort();
            let missing = names
                .into_iter()
                .find(|name| !FUNCTIONS.contains(&name.as_str()) && matches!(scope.get(name), Ok(None)));
            missing.map_or(Ok(()), |name| Err(format!("`{name}` is not known yet")))
        }
    }
}
