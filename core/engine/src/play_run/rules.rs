use switchover_model::Play;
use switchover_protocol::Value;
use switchover_syntax::{Diagnostic, Node};
use switchover_values::{Scope, TemplateError, to_json};

use super::Problem;
use crate::batch::Rules;
use crate::flags::truth;
use crate::strategy::Strategy;
use crate::world::World;

/// Reads the play's rules for failures.
pub fn read(world: &World, play: &Play, scope: &Scope) -> Result<Rules, TemplateError> {
    let percentage =
        match &play.max_fail_percentage {
            None => None,
            Some(node) => Some(percent(&to_json(&scope.render(node)?)).ok_or_else(|| {
                TemplateError::failed("max_fail_percentage must be a number").at(&node.span)
            })?),
        };
    let force = match &play.force_handlers {
        None => world.options.force_handlers,
        Some(node) => truth(&scope.render(node)?).unwrap_or(false),
    };
    Ok(Rules { max_fail_percentage: percentage, force_handlers: force })
}

/// Returns the play's strategy.
pub fn strategy(play: &Play, scope: &Scope) -> Result<Strategy, Problem> {
    let Some(node) = &play.strategy else { return Ok(Strategy::Linear) };
    let name = scope.render(node).map_err(|error| Box::new(error.to_diagnostic(&node.span)))?.to_string();
    Strategy::named(&name).ok_or_else(|| {
        let text = format!("there is no strategy '{name}'");
        let help = "there are: linear, free, host_pinned";
        Box::new(Diagnostic::error("playbook::strategy", text, &node.span).help(help))
    })
}

/// Cuts the hosts into the batches that `serial:` asks for; the last size repeats.
pub fn batches(play: &Play, scope: &Scope, hosts: &[String]) -> Result<Vec<Vec<String>>, TemplateError> {
    let Some(node) = &play.serial else { return Ok(vec![hosts.to_vec()]) };
    let sizes = sizes(node, scope, hosts.len())?;
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

fn sizes(node: &Node, scope: &Scope, hosts: usize) -> Result<Vec<usize>, TemplateError> {
    let values = match to_json(&scope.render(node)?) {
        Value::Array(items) => items,
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
        .collect()
}

/// A share is rounded down, but is at least one host.
fn size(value: &Value, hosts: usize) -> Option<usize> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    match text.strip_suffix('%') {
        Some(share) => {
            share.trim().parse::<f64>().ok().map(|share| ((share / 100.0 * hosts as f64) as usize).max(1))
        }
        None => text.parse::<i64>().ok().map(|number| usize::try_from(number).unwrap_or(0)),
    }
}

fn percent(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.trim().trim_end_matches('%').parse().ok(),
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
