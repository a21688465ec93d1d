use std::collections::BTreeMap;

use switchover_model::{Context, Keywords, Task};
use switchover_syntax::Node;
use switchover_values::{Scope, TemplateError, Value};

use crate::flags::truth;
use crate::world::World;

/// The keywords that hold for a task on a host, rendered: the innermost level that has one wins.
#[derive(Clone, Debug)]
pub struct Settings {
    pub check: bool,
    pub diff: bool,
    pub no_log: bool,
    pub ignore_errors: bool,
    pub ignore_unreachable: bool,
    pub environment: BTreeMap<String, String>,
    /// Seconds.
    pub timeout: Option<u64>,
}

impl Settings {
    /// Reads the keywords of a task.
    pub fn read(world: &World, task: &Task, scope: &Scope) -> Result<Self, TemplateError> {
        let context: &Context = &task.context;
        let flag = |pick: fn(&Keywords) -> Option<&Node>| keyword_flag(context, scope, pick);
        let timeout = keyword(context, scope, |k| k.timeout.as_ref())?;
        Ok(Self {
            check: flag(|k| k.check_mode.as_ref())?.unwrap_or(world.options.check),
            diff: flag(|k| k.diff.as_ref())?.unwrap_or(world.options.diff),
            no_log: flag(|k| k.no_log.as_ref())?.unwrap_or(world.options.defaults.no_log),
            ignore_errors: flag(|k| k.ignore_errors.as_ref())?.unwrap_or(false),
            ignore_unreachable: flag(|k| k.ignore_unreachable.as_ref())?.unwrap_or(false),
            environment: environment(task, scope)?,
            timeout: timeout
                .map_or(world.options.defaults.timeout, |value| number(&value))
                .filter(|seconds| *seconds > 0),
        })
    }
}

/// Returns a keyword's value, rendered; where it gives `omit`, that of the level around holds.
pub fn keyword(
    context: &Context,
    scope: &Scope,
    pick: fn(&Keywords) -> Option<&Node>,
) -> Result<Option<Value>, TemplateError> {
    for node in context.levels().filter_map(|level| pick(&level.keywords)) {
        let value = scope.render(node)?;
        if !switchover_values::is_omit(&value) {
            return Ok((!value.is_none() && !value.is_undefined()).then_some(value));
        }
    }
    Ok(None)
}

/// Returns a keyword's value as text.
pub fn keyword_text(
    context: &Context,
    scope: &Scope,
    pick: fn(&Keywords) -> Option<&Node>,
) -> Result<Option<String>, TemplateError> {
    Ok(keyword(context, scope, pick)?.map(|value| value.to_string()))
}

/// Returns a keyword's value as a truth.
pub fn keyword_flag(
    context: &Context,
    scope: &Scope,
    pick: fn(&Keywords) -> Option<&Node>,
) -> Result<Option<bool>, TemplateError> {
    let Some(value) = keyword(context, scope, pick)? else { return Ok(None) };
    let node = context.keyword(pick);
    truth(&value).map(Some).ok_or_else(|| {
        let error = TemplateError::failed(format!("'{value}' is no boolean"));
        node.map_or(error.clone(), |node| error.at(&node.span))
    })
}

/// Returns a whole number that a template gave.
pub fn number(value: &Value) -> Option<u64> {
    u64::try_from(value.clone()).ok().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))
}

/// Adds up `environment:` of all levels, the inner ones over the outer.
fn environment(task: &Task, scope: &Scope) -> Result<BTreeMap<String, String>, TemplateError> {
    let mut all = BTreeMap::new();
    let mut levels: Vec<&Context> = task.context.levels().collect();
    levels.reverse();
    for node in levels.iter().filter_map(|level| level.keywords.environment.as_ref()) {
        let parts = node.as_sequence().unwrap_or(std::slice::from_ref(node));
        for part in parts {
            all.extend(variables(part, scope, gathers_facts(task))?);
        }
    }
    Ok(all)
}

/// The play's environment may be made of facts; the task that gathers them goes without those entries.
fn gathers_facts(task: &Task) -> bool {
    matches!(switchover_model::short(&task.action.name), "setup" | "gather_facts")
}

fn variables(part: &Node, scope: &Scope, patient: bool) -> Result<BTreeMap<String, String>, TemplateError> {
    let Some(mapping) = part.as_mapping() else {
        return match scope.render(part) {
            Ok(value) => Ok(texts(&value)),
            Err(error) if patient && error.is_undefined() => Ok(BTreeMap::new()),
            Err(error) => Err(error),
        };
    };
    let mut all = BTreeMap::new();
    for entry in &mapping.entries {
        let value = match scope.render(&entry.value) {
            Err(error) if patient && error.is_undefined() => continue,
            other => other?,
        };
        if !switchover_values::is_omit(&value) {
            all.insert(
                scope.render(&entry.key)?.to_string(),
                plain_text(&switchover_values::to_json(&value)),
            );
        }
    }
    Ok(all)
}

/// The variables that one template gave: a mapping, or a list of them.
fn texts(value: &Value) -> BTreeMap<String, String> {
    match switchover_values::to_json(&switchover_values::strip_omit(value)) {
        serde_json::Value::Array(parts) => {
            parts.iter().filter_map(serde_json::Value::as_object).flat_map(entries).collect()
        }
        serde_json::Value::Object(map) => entries(&map).collect(),
        _ => BTreeMap::new(),
    }
}

fn entries(map: &serde_json::Map<String, serde_json::Value>) -> impl Iterator<Item = (String, String)> {
    map.iter().map(|(name, value)| (name.clone(), plain_text(value)))
}

fn plain_text(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Bool(true) => "True".into(),
        serde_json::Value::Bool(false) => "False".into(),
        other => other.to_string(),
    }
}
