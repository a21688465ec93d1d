use switchover_inventory::Inventory;
use switchover_journal::Status;
use switchover_protocol::{Map, Value};
use switchover_values::{Stored, node_to_value, to_json};

use super::{Action, Call, Running};
use crate::performed::Performed;
use crate::state_change::StateChange;

/// `add_host`: adds a host to the inventory of this run.
pub struct AddHost;

impl Action for AddHost {
    fn name(&self) -> &'static str {
        "add_host"
    }

    fn arguments(&self) -> Option<&'static [&'static str]> {
        None
    }

    fn is_once(&self) -> bool {
        true
    }

    fn run<'a>(&'a self, call: &'a Call<'a>) -> Running<'a> {
        Box::pin(async move { add(call) })
    }
}

fn add(call: &Call<'_>) -> Performed {
    let Some(name) = ["name", "hostname", "host"].iter().find_map(|key| call.text(key)) else {
        return Performed::refused("name, host or hostname needs to be provided");
    };
    let key = ["groups", "group", "groupname"].into_iter().find(|key| call.arguments.contains_key(*key));
    let groups = key.map(|key| call.words(key)).unwrap_or_default();
    let reserved = ["name", "hostname", "host", "groups", "group", "groupname"];
    let mut vars: Map =
        call.arguments.iter().filter(|(key, _)| !reserved.contains(&key.as_str())).map(pair).collect();
    let (name, port) = split_port(&name);
    if let Some(port) = port {
        vars.insert("ansible_ssh_port".to_owned(), port.into());
    }
    let mut described = Map::from_iter([("host_name".to_owned(), Value::from(name.as_str()))]);
    described.insert("groups".to_owned(), groups.iter().map(String::as_str).collect());
    described.insert("host_vars".to_owned(), Value::Object(vars.clone()));
    let result = Map::from_iter([("add_host".to_owned(), Value::Object(described))]);
    let inventory = call.step.play.world.hosts.inventory();
    let of = inventory.group_names(&name);
    let known = inventory.host(&name).is_some() && groups.iter().all(|group| of.contains(&group.as_str()));
    let status = if known && has(&inventory, &name, &vars) { Status::Ok } else { Status::Changed };
    Performed::new(status, result).with_effect(StateChange::AddHost { name, groups, vars })
}

/// Returns whether a host has these variables with these values already.
fn has(inventory: &Inventory, name: &str, vars: &Map) -> bool {
    let Some(host) = inventory.host(name) else { return false };
    let same = |stored: &Stored, wanted: &Value| match stored {
        Stored::Data(value) => to_json(value) == *wanted,
        Stored::Author(node) => to_json(&node_to_value(node)) == *wanted,
    };
    vars.iter().all(|(key, value)| host.vars.get(key).is_some_and(|stored| same(stored, value)))
}

fn pair((key, value): (&String, &Value)) -> (String, Value) {
    (key.clone(), value.clone())
}

/// `host:22` names a port; an IPv6 address has several colons and none.
fn split_port(name: &str) -> (String, Option<u16>) {
    match name.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => match port.parse() {
            Ok(port) => (host.to_owned(), Some(port)),
            Err(_) => (name.to_owned(), None),
        },
        _ => (name.to_owned(), None),
    }
}
