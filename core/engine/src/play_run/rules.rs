use switchover_model::Play;
use switchover_protocol::Value as Json;
use switchover_syntax::{Diagnostic, Node};
use switchover_values::{Scope, TemplateError, Value, to_json};

use super::{Problem, wrong_keyword};
use crate::batch::Rules;
use crate::flags::truth;
use crate::settings::keyword_of;
use crate::strategy::Strategy;
use crate::world::World;

/// Reads the play's rules for failures.
pub fn read(world: &World, play: &Play, scope: &Scope) -> Result<Rules, TemplateError> {
    let percentage =
        match given("max_fail_percentage", &play.max_fail_percentage, scope)? {
            None => None,
            Some((node, value)) => Some(percent(&to_json(&value)).ok_or_else(|| {
                TemplateError::failed("max_fail_percentage must be a number").at(&node.span)
            })?),
        };
    let force = match given("force_handlers", &play.force_handlers, scope)? {
        None => world.options.force_handlers,
        Some((_, value)) => truth(&value).unwrap_or(false),
    };
    Ok(Rules { max_fail_percentage: percentage, force_handlers: force })
}

/// Returns what a keyword of the play holds, rendered; nothing when it is empty or `omit`.
fn given<'a>(
    name: &str,
    keyword: &'a Option<Node>,
    scope: &Scope,
) -> Result<Option<(&'a Node, Value)>, TemplateError> {
    let Some(node) = keyword else { return Ok(None) };
    let value = keyword_of(name, node, scope)?;
    Ok((!value.is_none() && !switchover_values::is_omit(&value)).then_some((node, value)))
}

/// Returns the play's strategy.
pub fn strategy(world: &World, play: &Play, scope: &Scope) -> Result<Strategy, Problem> {
    let default = world.options.defaults.strategy.clone();
    let (span, name) = match given("strategy", &play.strategy, scope) {
        Ok(Some((node, value))) => (&node.span, value.to_string()),
        Ok(None) => (&play.span, default.unwrap_or_else(|| "linear".to_owned())),
        Err(error) => return Err(wrong_keyword(error, &play.hosts)),
    };
    if matches!(name.as_str(), "debug" | "ansible.builtin.debug") {
        let text = "the strategy 'debug' is not supported: there is no Python debugger to drop into";
        let help =
            "use `linear` with `--step`, which asks before each task, or `-vvv`, which shows each call";
        return Err(Box::new(Diagnostic::error("playbook::strategy", text, span).help(help)));
    }
    Strategy::named(&name).ok_or_else(|| {
        let text = format!("there is no strategy '{name}'");
        let help = "there are: linear, free, host_pinned";
        Box::new(Diagnostic::error("playbook::strategy", text, span).help(help))
    })
}

/// Cuts the hosts into the batches that `serial:` asks for; the last size repeats.
pub fn batches(play: &Play, scope: &Scope, hosts: &[String]) -> Result<Vec<Vec<String>>, TemplateError> {
    let Some(node) = &play.serial else { return Ok(vec![hosts.to_vec()]) };
    let Some(sizes) = sizes(node, scope, hosts.len())? else { return Ok(vec![hosts.to_vec()]) };
    let (mut batches, mut rest, mut index) = (Vec::new(), hosts, 0);
    while !rest.is_empty() {
        let size = sizes.get(index).or(sizes.last()).copied().unwrap_or(rest.len());
        let size = if size == 0 { rest.len() } else { size.min(rest.len()) };
        let (batch, after) = rest.split_at(size);
        batches.push(batch.to_vec());
        rest = after;
        index += 1;
    }
    Ok(batches)
}

/// `None` stands for a template that gave `omit`, or nothing.
fn sizes(node: &Node, scope: &Scope, hosts: usize) -> Result<Option<Vec<usize>>, TemplateError> {
    let rendered = keyword_of("serial", node, scope)?;
    if rendered.is_none() || switchover_values::is_omit(&rendered) {
        return Ok(None);
    }
    let values = match to_json(&rendered) {
        Json::Array(items) => items,
        one => vec![one],
    };
    values
        .iter()
        .map(|value| {
            size(value, hosts).ok_or_else(|| {
                TemplateError::failed(format!("`serial` cannot be {value}"))
                    .help("it is a number of hosts, a share such as \"30%\", or a list of these")
                    .at(&node.span)
            })
        })
        .collect::<Result<_, _>>()
        .map(Some)
}

/// A share is rounded down, but is at least one host.
fn size(value: &Json, hosts: usize) -> Option<usize> {
    let text = match value {
        Json::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    match text.strip_suffix('%') {
        Some(share) => {
            share.trim().parse::<f64>().ok().map(|share| ((share / 100.0 * hosts as f64) as usize).max(1))
        }
        None => text.parse::<i64>().ok().map(|number| usize::try_from(number).unwrap_or(0)),
    }
}

fn percent(value: &Json) -> Option<f64> {
    match value {
        Json::String(text) => text.trim().trim_end_matches('%').parse().ok(),
        other => other.as_f64(),
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn shares_are_rounded_down_to_at_least_one() {
        assert_eq!(size(&"30%".into(), 10), Some(3));
        assert_eq!(size(&"10%".into(), 3), Some(1));
        assert_eq!(size(&2.into(), 3), Some(2));
        assert_eq!(size(&"x".into(), 3), None);
    }
}
