use switchover_journal::Status;
use switchover_plugin_host::check_arguments;
use switchover_protocol::{Map, ModuleSpec, ParamKind, ParamSpec, Value};
use switchover_values::to_json;

use super::{Action, Call, Running};
use crate::performed::Performed;

/// `validate_argument_spec`: holds variables against what a role declares that it takes.
pub struct ValidateArgumentSpec;

impl Action for ValidateArgumentSpec {
    fn name(&self) -> &'static str {
        "validate_argument_spec"
    }

    fn arguments(&self) -> Option<&'static [&'static str]> {
        Some(&["argument_spec", "provided_arguments", "validate_args_context"])
    }

    fn run<'a>(&'a self, call: &'a Call<'a>) -> Running<'a> {
        Box::pin(async move { validate(call).unwrap_or_else(|performed| *performed) })
    }
}

fn validate(call: &Call<'_>) -> Result<Performed, Box<Performed>> {
    let Some(Value::Object(declared)) = call.arguments.get("argument_spec") else {
        return Err(Box::new(Performed::failed(
            "\"argument_spec\" arg is required in args and must be a dictionary",
        )));
    };
    let context = call.arguments.get("validate_args_context").cloned().unwrap_or_else(|| Map::new().into());
    let given = given(call, declared)?;
    let params = declared.iter().map(|(name, option)| param(name, option)).collect();
    let problems = check_arguments(&ModuleSpec::new("role", params), &given).1;
    let errors: Vec<String> = problems
        .into_iter()
        .map(|problem| switchover_plugin_host::ArgumentProblem { nearest: None, ..problem }.to_string())
        .collect();
    if errors.is_empty() {
        let result = Map::from_iter([("msg".to_owned(), "The arg spec validation passed".into())]);
        return Ok(Performed::new(Status::Ok, result).with("validate_args_context", context));
    }
    let msg = format!("Validation of arguments failed:\n{}", errors.join("\n"));
    Ok(Performed::failed(msg)
        .with("argument_errors", errors)
        .with("argument_spec_data", declared.clone())
        .with("validate_args_context", context))
}

/// Returns the declared variables that are defined, with `provided_arguments` above them.
fn given(call: &Call<'_>, declared: &Map) -> Result<Map, Box<Performed>> {
    let mut given = Map::new();
    for (name, option) in declared {
        let aliases = option["aliases"].as_array().into_iter().flatten().filter_map(Value::as_str);
        for name in std::iter::once(name.as_str()).chain(aliases) {
            let value = call.scope.get(name).map_err(|error| Box::new(Performed::from(error)))?;
            if let Some(value) = value.filter(|value| !switchover_values::is_omit(value)) {
                given.insert(name.to_owned(), to_json(&value));
            }
        }
    }
    if let Some(Value::Object(provided)) = call.arguments.get("provided_arguments") {
        given.extend(provided.clone());
    }
    Ok(given)
}

fn param(name: &str, option: &Value) -> ParamSpec {
    let texts = |key: &str| -> Vec<String> {
        let items = option[key].as_array().into_iter().flatten();
        items.map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect()
    };
    let kind = kind(option["type"].as_str().unwrap_or("str"), option["elements"].as_str());
    ParamSpec {
        aliases: texts("aliases"),
        required: option["required"] == Value::Bool(true),
        default: option.get("default").filter(|default| !default.is_null()).cloned(),
        choices: texts("choices"),
        secret: option["no_log"] == Value::Bool(true),
        ..ParamSpec::new(name, kind)
    }
}

fn kind(word: &str, elements: Option<&str>) -> ParamKind {
    match word {
        "str" => ParamKind::Str,
        "bool" => ParamKind::Bool,
        "int" => ParamKind::Int,
        "float" => ParamKind::Float,
        "path" => ParamKind::Path,
        "dict" => ParamKind::Dict,
        "list" => ParamKind::List(Box::new(elements.map_or(ParamKind::Raw, |word| kind(word, None)))),
        _ => ParamKind::Raw,
    }
}
