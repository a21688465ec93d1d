use std::collections::BTreeMap;

use switchover_model::{Context, Keywords};
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
    pub fn read(world: &World, context: &Context, scope: &Scope) -> Result<Self, TemplateError> {
        let flag = |pick: fn(&Keywords) -> Option<&Node>| keyword_flag(context, scope, pick);
        let timeout = keyword(context, scope, |k| k.timeout.as_ref())?;
        Ok(Self {
            check: flag(|k| k.check_mode.as_ref())?.unwrap_or(world.options.check),
            diff: flag(|k| k.diff.as_ref())?.unwrap_or(world.options.diff),
            no_log: flag(|k| k.no_log.as_ref())?.unwrap_or(false),
            ignore_errors: flag(|k| k.ignore_errors.as_ref())?.unwrap_or(false),
            ignore_unreachable: flag(|k| k.ignore_unreachable.as_ref())?.unwrap_or(false),
            environment: environment(context, scope)?,
            timeout: timeout.and_then(|value| number(&value)).filter(|seconds| *seconds > 0),
        })
    }
}

/// Returns a keyword's value, rendered.
pub fn keyword(
    context: &Context,
    scope: &Scope,
    pick: fn(&Keywords) -> Option<&Node>,
) -> Result<Option<Value>, TemplateError> {
    let Some(node) = context.keyword(pick) else { return Ok(None) };
    let value = scope.render(node)?;
    Ok((!value.is_none() && !value.is_undefined() && !switchover_values::is_omit(&value)).then_some(value))
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
fn environment(context: &Context, scope: &Scope) -> Result<BTreeMap<String, String>, TemplateError> {
    let mut all = BTreeMap::new();
    let mut levels: Vec<&Context> = context.levels().collect();
    levels.reverse();
    for node in levels.iter().filter_map(|level| level.keywords.environment.as_ref()) {
        let rendered = scope.render(node)?;
        let parts: Vec<Value> = match rendered.kind() {
            minijinja::value::ValueKind::Seq => {
                rendered.try_iter().map(Iterator::collect).unwrap_or_default()
            }
            _ => vec![rendered],
        };
        for part in parts {
            if let serde_json::Value::Object(map) =
                switchover_values::to_json(&switchover_values::strip_omit(&part))
            {
                all.extend(map.into_iter().map(|(name, value)| (name, plain_text(&value))));
            }
        }
    }
    Ok(all)
}

fn plain_text(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Bool(true) => "True".into(),
        serde_json::Value::Bool(false) => "False".into(),
        other => other.to_string(),
    }
}
