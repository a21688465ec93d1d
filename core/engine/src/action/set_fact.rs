use switchover_journal::Status;
use switchover_protocol::{Map, Value};
use switchover_values::{Stored, VarMap, from_json};

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
        if !is_name(name) {
            let msg = format!(
                "The variable name '{name}' is not valid. Variables must start with a letter or underscore \
                 character, and contain only letters, numbers and underscores."
            );
            return Performed::failed(msg);
        }
        vars.insert(name.as_str(), Stored::Data(from_json(value.clone())));
        facts.insert(name.clone(), value.clone());
    }
    if facts.is_empty() {
        return Performed::failed(
            "No key/value pairs provided, at least one is required for this action to succeed",
        );
    }
    let result = Map::from_iter([("ansible_facts".to_owned(), Value::Object(facts))]);
    Performed::new(Status::Ok, result).with_effect(StateChange::Set { vars, cacheable })
}

/// Returns whether this can be a variable's name.
pub fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}
