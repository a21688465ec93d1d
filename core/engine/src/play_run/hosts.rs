use switchover_model::Play;
use switchover_protocol::Value;
use switchover_syntax::Diagnostic;
use switchover_values::{Scope, TemplateError, to_json};

use super::{Problem, wrong_keyword};
use crate::settings::keyword_of;
use crate::world::World;

/// Returns the hosts of a play, in the order it asks for.
pub fn select(world: &World, play: &Play, scope: &Scope) -> Result<Vec<String>, Problem> {
    let pattern = pattern(play, scope).map_err(|error| wrong_keyword(error, &play.hosts))?;
    let wrong = |text: String| Box::new(Diagnostic::error("playbook::hosts", text, &play.hosts.span));
    let mut hosts = world.hosts.select(&pattern, world.options.limit.as_deref()).map_err(wrong)?;
    for warning in world.hosts.take_warnings() {
        world.events.warn(warning);
    }
    sort(play, scope, &mut hosts)?;
    Ok(hosts)
}

/// Returns the pattern of a play, its parts with commas between them.
pub fn pattern(play: &Play, scope: &Scope) -> Result<String, TemplateError> {
    Ok(match to_json(&keyword_of("hosts", &play.hosts, scope)?) {
        Value::String(text) => text,
        Value::Array(items) => {
            let words: Vec<&str> = items.iter().map(|item| item.as_str().unwrap_or_default()).collect();
            words.join(",")
        }
        other => other.to_string(),
    })
}

fn sort(play: &Play, scope: &Scope, hosts: &mut [String]) -> Result<(), Problem> {
    let Some(order) = &play.order else { return Ok(()) };
    let word = keyword_of("order", order, scope).map_err(|error| wrong_keyword(error, order))?.to_string();
    match word.as_str() {
        "inventory" => {}
        "sorted" => hosts.sort(),
        "reverse_sorted" => hosts.sort_by(|a, b| b.cmp(a)),
        "reverse_inventory" => hosts.reverse(),
        "shuffle" => shuffle(hosts),
        other => {
            let text = format!("there is no order '{other}'");
            let help = "there are: inventory, sorted, reverse_sorted, reverse_inventory, shuffle";
            return Err(Box::new(Diagnostic::error("playbook::order", text, &order.span).help(help)));
        }
    }
    Ok(())
}

fn shuffle(hosts: &mut [String]) {
    use std::hash::{BuildHasher, RandomState};
    let seed = RandomState::new();
    hosts.sort_by_cached_key(|host| seed.hash_one(host));
}
