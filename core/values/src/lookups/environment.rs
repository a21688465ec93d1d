use minijinja::{Error, Value};

use super::{Lookup, Request, lookup};
use crate::TemplateError;
use crate::call::{fail, into_engine};

/// Lookups in the controller's environment and settings.
pub const TABLE: &[Lookup] = &[lookup("env", env), lookup("config", config)];

fn env(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let default = request.named("default");
    let mut out = Vec::new();
    for name in request.texts() {
        let name = name.split_whitespace().next().unwrap_or_default().to_string();
        let found = std::env::var(&name).ok().map(Value::from);
        out.push(match (found, &default) {
            (Some(value), _) => value,
            (None, Some(default)) if default.is_undefined() => {
                let text = format!("The environment variable '{name}' is not set.");
                return Err(into_engine(TemplateError::undefined("", text)));
            }
            (None, Some(default)) => default.clone(),
            (None, None) => Value::from(""),
        });
    }
    Ok(out)
}

fn config(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let on_missing = request.named_text("on_missing").unwrap_or_else(|| "error".into());
    if request.named("plugin_type").is_some() || request.named("plugin_name").is_some() {
        return Err(fail("the lookup 'config' does not know settings of plugins"));
    }
    request.named("show_origin");
    let mut out = Vec::new();
    for name in request.texts() {
        let wanted = name.to_ascii_uppercase();
        match request.scope.settings().config.iter().find(|(key, _)| *key == wanted) {
            Some((_, value)) => out.push(value.clone()),
            None if on_missing == "error" => {
                return Err(fail(format!("No config definition exists for '{name}'.")));
            }
            None => {}
        }
    }
    Ok(out)
}
