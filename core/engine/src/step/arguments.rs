use switchover_plugin_host::{Module, Problem, check_arguments, told};
use switchover_protocol::{Map, ModuleSpec, Value};
use switchover_syntax::Span;
use switchover_values::{Scope, TemplateError, strip_omit, to_json};

use super::Step;
use crate::action;
use crate::performed::Performed;

impl Step {
    /// Returns the task's arguments, rendered, with `module_defaults` beneath them.
    pub(super) fn arguments(&self, scope: &Scope, module: Option<&Module>) -> Result<Map, Box<Performed>> {
        let boxed = |error: TemplateError| Box::new(Performed::from(error));
        let action = &self.task.action;
        let mut arguments = match module {
            Some(module) => self.module_defaults(scope, &module.spec).map_err(boxed)?,
            None => self.action_defaults(scope).map_err(boxed)?,
        };
        let stage = format!("Finalization of task args for '{}' failed", full_name(&action.name));
        let unusable = |name: &str, error: TemplateError| {
            let about = match name {
                "" => String::new(),
                name => format!("Error while resolving value for '{name}'"),
            };
            Box::new(Performed::at_stage(&stage, &about, error))
        };
        match to_json(&strip_omit(&self.rendered(scope, unusable)?)) {
            Value::Object(given) => arguments.extend(given),
            Value::Null => {}
            other => {
                let found = switchover_values::type_name(&switchover_values::from_json(other));
                let error =
                    TemplateError::failed(format!("Task args must resolve to a 'dict' not '{found}'."));
                return Err(unusable("", error.at(&action.args.span)));
            }
        }
        if let Some(text) = &action.free_form {
            let rendered =
                scope.render(text).map_err(|error| unusable("_raw_params", beginning(error, &text.span)))?;
            arguments.insert("_raw_params".to_owned(), to_json(&rendered));
        }
        Ok(arguments)
    }

    /// Renders the arguments one by one, so that a mistake is told with the argument's name.
    fn rendered(
        &self,
        scope: &Scope,
        unusable: impl Fn(&str, TemplateError) -> Box<Performed>,
    ) -> Result<switchover_values::Value, Box<Performed>> {
        let args = &self.task.action.args;
        let Some(mapping) = args.as_mapping() else {
            return scope.render(args).map_err(|error| unusable("", beginning(error, &args.span)));
        };
        let lazy = action::find(&self.task.action.name).map_or(&[][..], |action| action.unrendered());
        let mut values = Vec::new();
        for entry in &mapping.entries {
            let name = entry.key.as_str().unwrap_or_default();
            if !lazy.contains(&name) {
                let value = scope
                    .render(&entry.value)
                    .map_err(|e| unusable(name, beginning(e, &entry.value.span)))?;
                let key = scope.render(&entry.key).map_err(|error| unusable(name, error))?;
                values.push((key.to_string(), value));
            }
        }
        Ok(switchover_values::Value::from_pairs(values))
    }

    /// Holds the arguments of an action against those it takes: a task that may fail was not looked at before the run.
    pub(super) fn known(&self, action: &dyn action::Action, given: Map) -> Result<Map, Box<Performed>> {
        let Some(known) = action.arguments() else { return Ok(given) };
        let unknown: Vec<&str> = given
            .keys()
            .map(String::as_str)
            .filter(|name| !known.contains(name) && *name != "_raw_params")
            .collect();
        if unknown.is_empty() {
            return Ok(given);
        }
        let mut takes: Vec<&str> = known.iter().copied().filter(|name| !name.starts_with('_')).collect();
        takes.sort_unstable();
        Err(Box::new(Performed::refused(format!(
            "Unsupported parameters for ({}) module: {}. Supported parameters include: {}.",
            switchover_model::short(&self.task.action.name),
            unknown.join(", "),
            takes.join(", ")
        ))))
    }

    /// Holds the arguments against what the module declares; its secrets are masked from now on.
    pub(super) fn checked(&self, spec: &ModuleSpec, arguments: &Map) -> Result<Map, Box<Performed>> {
        let (checked, problems) = check_arguments(spec, arguments);
        if !problems.is_empty() {
            let remedy = problems.iter().find_map(|problem| match (&problem.problem, &problem.nearest) {
                (Problem::Refused { reason }, _) => Some(reason.clone()),
                (_, Some(word)) => Some(format!("did you mean `{word}`?")),
                _ => None,
            });
            let general = || format!("`switchover plugin doc {}` tells its arguments", spec.name);
            let remedy = remedy.unwrap_or_else(general);
            let msg = told(&self.task.action.name, spec, &problems);
            return Err(Box::new(Performed::failed(msg).remedy(remedy)));
        }
        for param in spec.params.iter().filter(|param| param.secret) {
            if let Some(Value::String(secret)) = checked.get(&param.name) {
                self.play.world.events.keep_secret(secret);
            }
        }
        Ok(checked)
    }
}

/// Returns a module's name with its collection, as messages say it.
fn full_name(name: &str) -> String {
    if name.contains('.') { name.to_owned() } else { format!("ansible.builtin.{name}") }
}

/// A mistake on the line where a value begins is told of the whole value; elsewhere its own place is better.
fn beginning(error: TemplateError, value: &Span) -> TemplateError {
    let near = |span: &Span| span.source == value.source && span.position().line == value.position().line;
    match &error.span {
        Some(span) if !near(span) => error,
        _ => TemplateError { span: Some(value.clone()), ..error },
    }
}
