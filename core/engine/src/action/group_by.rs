use switchover_journal::Status;
use switchover_protocol::{Map, Value};

use super::{Action, Call, Running};
use crate::performed::Performed;
use crate::state_change::StateChange;

/// `group_by`: puts the host into a group that is named by its facts.
pub struct GroupBy;

impl Action for GroupBy {
    fn name(&self) -> &'static str {
        "group_by"
    }

    fn arguments(&self) -> Option<&'static [&'static str]> {
        Some(&["key", "parents"])
    }

    fn run<'a>(&'a self, call: &'a Call<'a>) -> Running<'a> {
        Box::pin(async move { group(call) })
    }
}

fn group(call: &Call<'_>) -> Performed {
    let Some(key) = call.text("key") else {
        return Performed::failed("the 'key' param is required when using group_by");
    };
    let name = |text: &str| text.replace(' ', "-");
    let mut parents: Vec<String> = call.words("parents").iter().map(|text| name(text)).collect();
    if parents.is_empty() {
        parents.push("all".to_owned());
    }
    let group = name(&key);
    let result = Map::from_iter([
        ("add_group".to_owned(), Value::from(group.as_str())),
        ("parent_groups".to_owned(), parents.iter().map(String::as_str).collect()),
    ]);
    let known = call.step.play.world.hosts.inventory().group_names(&call.step.host).contains(&group.as_str());
    let status = if known { Status::Ok } else { Status::Changed };
    Performed::new(status, result).with_effect(StateChange::GroupBy { group, parents })
}
