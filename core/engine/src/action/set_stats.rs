use serde_json::json;
use switchover_journal::Status;
use switchover_protocol::{Map, Value};

use super::{Action, Call, Running};
use crate::performed::Performed;

/// `set_stats`: figures of the author's own. The result holds them as `ansible_stats`; reporters add them up.
pub struct SetStats;

impl Action for SetStats {
    fn name(&self) -> &'static str {
        "set_stats"
    }

    fn arguments(&self) -> Option<&'static [&'static str]> {
        Some(&["data", "per_host", "aggregate"])
    }

    fn run<'a>(&'a self, call: &'a Call<'a>) -> Running<'a> {
        Box::pin(async move { set(call) })
    }
}

fn set(call: &Call<'_>) -> Performed {
    let data = match call.arguments.get("data") {
        Some(Value::Object(data)) => data.clone(),
        None => Map::new(),
        Some(_) => return Performed::failed("The 'data' option needs to be a dictionary/hash"),
    };
    if let Some(name) = data.keys().find(|name| !switchover_model::is_variable_name(name)) {
        return Performed::failed(format!(
            "The variable name '{name}' is not valid. Variables must start with a letter or underscore character, and contain \
             only letters, numbers and underscores."
        ));
    }
    let stats = json!({
        "data": data,
        "per_host": call.flag("per_host").unwrap_or(false),
        "aggregate": call.flag("aggregate").unwrap_or(true),
    });
    Performed::new(Status::Ok, Map::from_iter([("ansible_stats".to_owned(), stats)]))
}
