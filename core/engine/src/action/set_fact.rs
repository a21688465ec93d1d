use switchover_journal::Status;
use switchover_model::Task;
use switchover_protocol::{Map, Value};
use switchover_values::{Stored, Value as Registered, VarMap, from_json};

use super::{Action, Call, Running};
use crate::performed::Performed;
use crate::state_change::StateChange;

/// `set_fact`: sets variables of the host for the rest of the run.
pub struct SetFact;

impl Action for SetFact {
    fn name(&self) -> &'static str {
        "set_fact"
    }

    fn arguments(&self) -> Option<&'static [&'static str]> {
        None
    }

    fn run<'a>(&'a self, call: &'a Call<'a>) -> Running<'a> {
        Box::pin(async move { set(call) })
    }
}

fn set(call: &Call<'_>) -> Performed {
    let cacheable = call.flag("cacheable").unwrap_or(false);
    let mut facts = Map::new();
    let mut vars = VarMap::new();
    for (name, value) in call.arguments.iter().filter(|(name, _)| *name != "cacheable") {
        if !switchover_model::is_variable_name(name) {
            let msg = format!("Task failed: Invalid variable name {}.", quoted(name));
            return Performed::failed(msg).remedy(NAME_RULE);
        }
        vars.insert(name.as_str(), Stored::Data(from_json(value.clone())));
        facts.insert(name.clone(), value.clone());
    }
    if facts.is_empty() {
        return Performed::refused(
            "No key/value pairs provided, at least one is required for this action to succeed",
        );
    }
    let result = Map::from_iter([("ansible_facts".to_owned(), Value::Object(facts))]);
    Performed::new(Status::Ok, result).with_effect(StateChange::Set { vars, cacheable })
}

const NAME_RULE: &str = "names of variables begin with a letter or an underscore, hold only letters, digits and \
                         underscores, and are no words of templates such as `true`";

/// A name as messages show it; one that a template made a number says so.
fn quoted(name: &str) -> String {
    match name.parse::<i64>() {
        Ok(_) => format!("'{name}' of type 'int'"),
        Err(_) => format!("'{name}'"),
    }
}

/// What the author wrote as it stands is still the author's in a registered result, which `tagged_with` can tell.
pub fn with_written(task: &Task, result: Registered) -> Registered {
    let is_set_fact = switchover_model::short(&task.action.name) == "set_fact";
    let Some(written) = task.action.args.as_mapping().filter(|_| is_set_fact) else { return result };
    let of_author = |key: &Registered, value: Registered| {
        let node = key.as_str().and_then(|key| written.get(key));
        let text = node.filter(|node| node.as_str().is_some()).map(switchover_values::node_to_value);
        text.filter(|text| *text == value).unwrap_or(value)
    };
    changed(&result, |key, value| match key.as_str() {
        Some("ansible_facts") => changed(&value, of_author),
        _ => value,
    })
}

fn changed(map: &Registered, change: impl Fn(&Registered, Registered) -> Registered) -> Registered {
    let keys = map.try_iter().into_iter().flatten();
    Registered::from_pairs(keys.map(|key| {
        let value = map.get_item(&key).unwrap_or_default();
        (key.clone(), change(&key, value))
    }))
}
