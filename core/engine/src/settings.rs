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
    /// Returns what holds where no keyword speaks.
    pub fn bare(world: &World) -> Self {
        let (options, defaults) = (&world.options, &world.options.defaults);
        Self {
            check: options.check,
            diff: options.diff,
            no_log: defaults.no_log,
            ignore_errors: false,
            ignore_unreachable: false,
            environment: BTreeMap::new(),
            timeout: None,
        }
    }

    /// Reads the keywords of a task.
    pub fn read(world: &World, task: &Task, scope: &Scope) -> Result<Self, TemplateError> {
        let context: &Context = &task.context;
        let flag = |name, pick: Pick| keyword_flag(context, scope, name, pick);
        // The dispatcher and the connection ask for these; a mistake in one is told here, whether it is needed or not.
        let texts: [(&str, Pick); 5] = [
            ("become_user", |k| k.become_user.as_ref()),
            ("become_method", |k| k.become_method.as_ref()),
            ("connection", |k| k.connection.as_ref()),
            ("port", |k| k.port.as_ref()),
            ("remote_user", |k| k.remote_user.as_ref()),
        ];
        for (name, pick) in texts {
            keyword(context, scope, name, pick)?;
        }
        flag("become", |k| k.r#become.as_ref())?;
        flag("run_once", |k| k.run_once.as_ref())?;
        flag("any_errors_fatal", |k| k.any_errors_fatal.as_ref())?;
        flag("delegate_facts", |k| k.delegate_facts.as_ref())?;
        keyword(context, scope, "throttle", |k| k.throttle.as_ref())?;
        Ok(Self {
            check: flag("check_mode", |k| k.check_mode.as_ref())?.unwrap_or(world.options.check),
            diff: flag("diff", |k| k.diff.as_ref())?.unwrap_or(world.options.diff),
            no_log: flag("no_log", |k| k.no_log.as_ref())?.unwrap_or(world.options.defaults.no_log),
            ignore_errors: flag("ignore_errors", |k| k.ignore_errors.as_ref())?.unwrap_or(false),
            ignore_unreachable: flag("ignore_unreachable", |k| k.ignore_unreachable.as_ref())?
                .unwrap_or(false),
            environment: environment(task, scope).map_err(|error| error.about(&processing("environment")))?,
            timeout: timeout_of(world, context, scope)?,
        })
    }
}

/// Picks a keyword of a level.
pub type Pick = fn(&Keywords) -> Option<&Node>;

/// Says which keyword an error is about.
fn processing(name: &str) -> String {
    format!("Error processing keyword '{name}'")
}

/// Renders what a keyword holds.
pub fn keyword_of(name: &str, node: &Node, scope: &Scope) -> Result<Value, TemplateError> {
    scope.render(node).map_err(|error| error.about(&processing(name)))
}

/// Returns a keyword's value, rendered; where it gives `omit`, that of the level around holds.
pub fn keyword(
    context: &Context,
    scope: &Scope,
    name: &str,
    pick: Pick,
) -> Result<Option<Value>, TemplateError> {
    innermost(context, scope, pick).map_err(|error| error.about(&processing(name)))
}

/// Returns a keyword's value, as [`keyword`] does; errors do not name it.
pub fn innermost(context: &Context, scope: &Scope, pick: Pick) -> Result<Option<Value>, TemplateError> {
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
    name: &str,
    pick: Pick,
) -> Result<Option<String>, TemplateError> {
    Ok(keyword(context, scope, name, pick)?.map(|value| value.to_string()))
}

/// Returns a keyword's value as a truth.
pub fn keyword_flag(
    context: &Context,
    scope: &Scope,
    name: &str,
    pick: Pick,
) -> Result<Option<bool>, TemplateError> {
    let Some(value) = keyword(context, scope, name, pick)? else { return Ok(None) };
    truth(&value).map(Some).ok_or_else(|| {
        let error = unfit(name, &value, "bool");
        context.keyword(pick).map_or(error.clone(), |node| error.at(&node.span))
    })
}

/// Returns a keyword of the task itself as a number; `kind` is what Ansible calls the numbers it takes.
pub fn keyword_number(name: &str, node: &Node, scope: &Scope, kind: &str) -> Result<f64, TemplateError> {
    let value = keyword_of(name, node, scope)?;
    as_number(name, &value, kind).map_err(|error| error.at(&node.span))
}

/// Returns a keyword's value as a number.
pub fn as_number(name: &str, value: &Value, kind: &str) -> Result<f64, TemplateError> {
    let text = value.to_string();
    let number = match kind {
        "int" => text.trim().parse::<i64>().ok().map(|number| number as f64),
        _ => text.trim().parse::<f64>().ok(),
    };
    number.ok_or_else(|| unfit(name, value, kind))
}

/// A value that a keyword does not take.
fn unfit(name: &str, value: &Value, kind: &str) -> TemplateError {
    let shown = switchover_values::python_repr(value);
    TemplateError::failed(format!("The value {shown} could not be converted to '{kind}'."))
        .about(&processing(name))
}

/// Returns how many seconds a task may take: `None` without a limit.
fn timeout_of(world: &World, context: &Context, scope: &Scope) -> Result<Option<u64>, TemplateError> {
    const MOST: f64 = 100_000_000.0;
    let Some(value) = keyword(context, scope, "timeout", |k| k.timeout.as_ref())? else {
        return Ok(world.options.defaults.timeout.filter(|seconds| *seconds > 0));
    };
    let at = |error: TemplateError| match context.keyword(|k| k.timeout.as_ref()) {
        Some(node) => error.at(&node.span),
        None => error,
    };
    let seconds = as_number("timeout", &value, "int").map_err(at)?;
    if !(0.0..=MOST).contains(&seconds) {
        let text = format!("Timeout {seconds} is invalid, it must be between 0 and {MOST}.");
        return Err(at(TemplateError::failed(text)));
    }
    Ok((seconds > 0.0).then_some(seconds as u64))
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
