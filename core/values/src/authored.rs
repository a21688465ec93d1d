use switchover_syntax::{Node, Tag};

use crate::{Scope, Stored};

/// How far variables that stand for others are followed.
const MOST: u8 = 20;

/// Returns what the author wrote where a template such as `{{ checks.web[0] }}` points; `None` when it computes something,
/// or when what it names comes from elsewhere.
pub fn authored(scope: &Scope, template: &str) -> Option<Node> {
    at(scope, template, MOST)
}

fn at(scope: &Scope, template: &str, left: u8) -> Option<Node> {
    let inner = template.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let (name, mut rest) = word(inner)?;
    let Stored::Author(node) = scope.stored(name)? else { return None };
    let mut node = followed(scope, node.clone(), left)?;
    while !rest.is_empty() {
        let (key, behind) = step(rest)?;
        let inside = match node.as_sequence() {
            Some(items) => items.get(key.parse::<usize>().ok()?)?.clone(),
            None => node.as_mapping()?.get(key)?.clone(),
        };
        (node, rest) = (followed(scope, inside, left)?, behind);
    }
    Some(node)
}

/// Returns the node, or what it stands for when it is a template itself.
fn followed(scope: &Scope, node: Node, left: u8) -> Option<Node> {
    match node.as_str() {
        Some(text) if node.tag == Tag::None && text.contains("{{") => at(scope, text, left.checked_sub(1)?),
        _ => Some(node),
    }
}

/// Splits a name from what follows it.
fn word(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// Splits `.key`, `['key']` or `[0]` from what follows.
fn step(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text.strip_prefix('.') {
        return word(rest);
    }
    let (key, behind) = text.strip_prefix('[')?.split_once(']')?;
    let quoted = |quote: char| key.strip_prefix(quote)?.strip_suffix(quote);
    let key = quoted('\'').or_else(|| quoted('"')).unwrap_or(key);
    Some((key, behind))
}
