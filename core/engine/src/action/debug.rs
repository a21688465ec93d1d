use switchover_journal::Status;
use switchover_protocol::{Map, Value};
use switchover_values::to_json;

use super::{Action, Call, Running};
use crate::performed::Performed;

/// `debug`: shows a message or a variable.
pub struct Debug;

impl Action for Debug {
    fn name(&self) -> &'static str {
        "debug"
    }

    fn arguments(&self) -> Option<&'static [&'static str]> {
        Some(&["msg", "var", "verbosity"])
    }

    fn run<'a>(&'a self, call: &'a Call<'a>) -> Running<'a> {
        Box::pin(async move { Performed { loud: true, ..show(call) } })
    }
}

fn show(call: &Call<'_>) -> Performed {
    let wanted = call.text("verbosity").unwrap_or_else(|| "0".to_owned());
    let Ok(wanted) = wanted.trim().parse::<u8>() else {
        return Performed::refused(format!(
            "argument 'verbosity' is of type str and we were unable to convert to int: \"'{wanted}'\" cannot be converted \
             to an int"
        ));
    };
    if wanted > call.step.play.world.options.verbosity {
        let mut skipped = Performed::skipped("Verbosity threshold not met.");
        skipped.result =
            Map::from_iter([("skipped_reason".to_owned(), "Verbosity threshold not met.".into())]);
        return skipped;
    }
    let given = |name: &str| call.arguments.get(name).filter(|value| !value.is_null());
    match (given("var"), given("msg")) {
        (Some(_), Some(_)) => Performed::failed("'msg' and 'var' are incompatible options"),
        (Some(var), None) => show_variable(call, var),
        (None, message) => {
            // A message that is written and is nothing stays nothing.
            let message = message.or_else(|| call.arguments.get("msg"));
            let message = message.cloned().unwrap_or_else(|| "Hello world!".into());
            Performed::new(Status::Ok, Map::from_iter([("msg".to_owned(), message)]))
        }
    }
}

/// `var` is an expression; when it gave something else than text, that value was the expression's result.
fn show_variable(call: &Call<'_>, var: &Value) -> Performed {
    let Value::String(expression) = var else {
        return Performed::new(Status::Ok, Map::from_iter([(var.to_string(), var.clone())]));
    };
    let value = match call.scope.expression(expression, &call.step.task.span) {
        Ok(value) => to_json(&value),
        Err(error) if error.is_undefined() => {
            let text = format!("<< error 1 - {error} >>");
            return Performed {
                warnings: vec![format!("Encountered 1 template error.\nerror 1 - {error}")],
                ..Performed::new(Status::Ok, Map::from_iter([(expression.clone(), text.into())]))
            };
        }
        Err(error) => return Performed::from(error),
    };
    Performed::new(Status::Ok, Map::from_iter([(expression.clone(), value)]))
}
