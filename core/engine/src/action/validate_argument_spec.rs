use switchover_journal::Status;
use switchover_protocol::{Map, Value};
use switchover_values::to_json;

use super::argument_spec::ArgumentSpec;
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
        return Err(Box::new(Performed::refused(
            "\"argument_spec\" arg is required in args and must be a dictionary",
        )));
    };
    let context = call.arguments.get("validate_args_context").cloned().unwrap_or_else(|| Map::new().into());
    let given = given(call, declared)?;
    let errors = ArgumentSpec::of_role(declared).errors(&given);
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
