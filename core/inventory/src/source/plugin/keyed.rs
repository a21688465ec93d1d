use serde_json::Value;
use switchover_syntax::{Diagnostic, Mapping, Node};
use switchover_values::{Scope, to_json};

use super::constructed::Maker;
use crate::edit::safe;

const KEYS: [&str; 6] = ["key", "prefix", "separator", "parent_group", "default_value", "trailing_separator"];

/// Puts the host into groups that are named after values of its variables.
pub(super) fn read(maker: &mut Maker<'_, '_>, options: &Mapping, scope: &Scope) {
    let leading = super::flag(options, "leading_separator", true);
    let entries = options.get("keyed_groups").and_then(|node| node.as_sequence()).unwrap_or_default();
    for entry in entries {
        match entry.as_mapping() {
            Some(keyed) => one(maker, keyed, scope, leading),
            None => {
                let text = format!("an entry of keyed_groups is a mapping, not {}", entry.describe());
                maker.loading.errors.push(Diagnostic::error("inventory::plugin", text, &entry.span));
            }
        }
    }
}

fn one(maker: &mut Maker<'_, '_>, keyed: &Mapping, scope: &Scope, leading: bool) {
    super::refuse_unknown(maker.loading, keyed, &KEYS);
    let Some(key) = keyed.get("key") else { return };
    let Some(value) = maker.evaluate(scope, key) else { return };
    let text = |name: &str| keyed.get(name).and_then(Node::as_str).map(str::to_owned);
    let rendered =
        |name: &str| keyed.get(name).and_then(|node| scope.render(node).ok()).map(|v| v.to_string());
    let (prefix, separator) =
        (rendered("prefix").unwrap_or_default(), text("separator").unwrap_or("_".into()));
    let default = text("default_value");
    let trailing = super::flag(keyed, "trailing_separator", true);
    for name in names(&to_json(&value), default.as_deref(), &separator, trailing) {
        let name = match (prefix.is_empty(), leading) {
            (true, false) => name,
            _ => format!("{prefix}{separator}{name}"),
        };
        let group = maker.join(&name);
        if let Some(parent) = rendered("parent_group").filter(|parent| !parent.is_empty()) {
            let inventory = &mut maker.loading.inventory;
            let parent = inventory.add_group(&safe(&parent));
            if let Err(error) = inventory.add_child(parent, group) {
                maker.loading.error("inventory::loop", error.to_string(), &key.span);
            }
        }
    }
}

/// Returns the names that a value gives: a text one, a list one an element, a mapping one an entry.
fn names(value: &Value, default: Option<&str>, separator: &str, trailing: bool) -> Vec<String> {
    let filled = |text: String| match text.as_str() {
        "" => default.map(str::to_owned),
        _ => Some(text),
    };
    match value {
        Value::Null => default.map(str::to_owned).into_iter().collect(),
        Value::Array(items) => items.iter().filter_map(|item| filled(plain(item))).collect(),
        Value::Object(map) => {
            let pair = |(key, value): (&String, &Value)| match filled(plain(value)) {
                Some(value) => format!("{key}{separator}{value}"),
                None if trailing => format!("{key}{separator}"),
                None => key.clone(),
            };
            map.iter().map(pair).collect()
        }
        one => filled(plain(one)).into_iter().collect(),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
