use switchover_journal::Status;
use switchover_protocol::{Map, Value};
use switchover_syntax::Node;
use switchover_values::node_to_value;

use super::{Action, Call, Running};
use crate::performed::Performed;

/// `assert`: fails unless every condition holds.
pub struct Assert;

impl Action for Assert {
    fn name(&self) -> &'static str {
        "assert"
    }

    fn arguments(&self) -> Option<&'static [&'static str]> {
        Some(&["that", "fail_msg", "msg", "success_msg", "quiet"])
    }

    fn unrendered(&self) -> &'static [&'static str] {
        &["that"]
    }

    fn run<'a>(&'a self, call: &'a Call<'a>) -> Running<'a> {
        let asked = !call.flag("quiet").unwrap_or(false);
        Box::pin(async move {
            let performed = judge(call);
            let judged = performed.status == Status::Ok || performed.result.contains_key("assertion");
            Performed { loud: asked && judged, ..performed }
        })
    }
}

fn judge(call: &Call<'_>) -> Performed {
    let written = call.step.task.action.args.as_mapping().and_then(|mapping| mapping.get("that"));
    let Some(that) = written else {
        return Performed::refused("missing required arguments: that");
    };
    for name in ["fail_msg", "msg"] {
        if let Some(value) = call.arguments.get(name).filter(|value| !value.is_string() && !value.is_array())
        {
            return Performed::failed(format!(
                "argument '{name}' must be text or a list of texts, not {value}"
            ));
        }
    }
    let conditions = match call.scope.conditions(that) {
        Ok(conditions) => conditions,
        Err(error) => return Performed::from(error),
    };
    for condition in &conditions {
        match call.scope.condition(condition) {
            Ok(true) => {}
            Ok(false) => return failed(call, condition),
            Err(error) => return Performed::of_condition(error),
        }
    }
    let message =
        call.arguments.get("success_msg").cloned().unwrap_or_else(|| "All assertions passed".into());
    Performed::new(Status::Ok, Map::from_iter([("msg".to_owned(), message)]))
}

fn failed(call: &Call<'_>, condition: &Node) -> Performed {
    let given = |name: &str| call.arguments.get(name).cloned();
    let message = given("fail_msg").or_else(|| given("msg")).unwrap_or_else(|| "Assertion failed".into());
    let condition = switchover_values::to_json(&node_to_value(condition));
    let mut result = Map::from_iter([("evaluated_to".to_owned(), Value::Bool(false))]);
    result.insert("assertion".to_owned(), condition);
    result.insert("msg".to_owned(), message);
    Performed::new(Status::Failed, result)
}
