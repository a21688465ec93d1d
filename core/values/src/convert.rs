//! Conversions between YAML nodes, JSON and engine values; none of them renders anything.

use minijinja::Value;
use minijinja::value::ValueKind;
use serde_json::{Map, Number};
use switchover_syntax::{Node, NodeKind, Tag};

use crate::omit::is_omit;

/// Returns the value that a node spells, with strings as they are written.
pub fn node_to_value(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Null => Value::from(()),
        NodeKind::Bool(flag) => Value::from(*flag),
        NodeKind::Int(number) => Value::from(*number),
        NodeKind::Float(number) => Value::from(*number),
        NodeKind::String { text, .. } => match node.tag {
            Tag::None => trusted(text),
            _ => Value::from(&**text),
        },
        NodeKind::Sequence(items) => Value::from_iter(items.iter().map(node_to_value)),
        NodeKind::Mapping(mapping) => Value::from_pairs(
            mapping.entries.iter().map(|entry| (node_to_value(&entry.key), node_to_value(&entry.value))),
        ),
    }
}

/// Returns text that the author wrote, which Ansible would take for a template. minijinja's mark for text that needs
/// no escaping has no other use here; it goes where the text goes, and what is made from the text has it not.
pub fn trusted(text: &str) -> Value {
    Value::from_safe_string(text.to_string())
}

/// Returns the text of a mapping's key as Ansible would use it for a variable's name.
pub fn key_text(key: &Node) -> String {
    match &key.kind {
        NodeKind::String { text, .. } => text.to_string(),
        _ => node_to_value(key).to_string(),
    }
}

/// Returns the JSON form of a value. Keys become text, bytes become text, `omit` and undefined become null.
pub fn to_json(value: &Value) -> serde_json::Value {
    if is_omit(value) {
        return serde_json::Value::Null;
    }
    match value.kind() {
        ValueKind::Bool => serde_json::Value::Bool(value.is_true()),
        ValueKind::Number => number_to_json(value),
        ValueKind::String => serde_json::Value::String(value.as_str().unwrap_or_default().to_string()),
        ValueKind::Bytes => serde_json::Value::String(
            String::from_utf8_lossy(value.as_bytes().unwrap_or_default()).into_owned(),
        ),
        ValueKind::Seq | ValueKind::Iterable => serde_json::Value::Array(
            value.try_iter().into_iter().flatten().map(|item| to_json(&item)).collect(),
        ),
        ValueKind::Map => map_to_json(value),
        ValueKind::Undefined | ValueKind::None | ValueKind::Invalid => serde_json::Value::Null,
        _ => serde_json::Value::String(value.to_string()),
    }
}

fn number_to_json(value: &Value) -> serde_json::Value {
    if let Some(number) = value.is_integer().then(|| value.as_i64()).flatten() {
        return serde_json::Value::from(number);
    }
    if let Ok(number) = u64::try_from(value.clone())
        && value.is_integer()
    {
        return serde_json::Value::from(number);
    }
    f64::try_from(value.clone())
        .ok()
        .and_then(Number::from_f64)
        .map_or_else(|| serde_json::Value::String(value.to_string()), serde_json::Value::Number)
}

fn map_to_json(value: &Value) -> serde_json::Value {
    let mut map = Map::new();
    for key in value.try_iter().into_iter().flatten() {
        let item = value.get_item(&key).unwrap_or_default();
        map.insert(json_key(&key), to_json(&item));
    }
    serde_json::Value::Object(map)
}

/// Returns a key as JSON spells it: `true` and `null` in small letters, numbers as digits.
fn json_key(key: &Value) -> String {
    match key.kind() {
        ValueKind::Bool => key.is_true().to_string(),
        ValueKind::None => "null".to_string(),
        _ => key.to_string(),
    }
}

/// Returns JSON as a value: data, of which no string is ever a template.
pub fn from_json(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::from(()),
        serde_json::Value::Bool(flag) => Value::from(flag),
        serde_json::Value::Number(number) => json_number(&number),
        serde_json::Value::String(text) => Value::from(text),
        serde_json::Value::Array(items) => Value::from_iter(items.into_iter().map(from_json)),
        serde_json::Value::Object(map) => {
            Value::from_pairs(map.into_iter().map(|(key, item)| (key, from_json(item))))
        }
    }
}

fn json_number(number: &Number) -> Value {
    if let Some(number) = number.as_i64() {
        Value::from(number)
    } else if let Some(number) = number.as_u64() {
        Value::from(number)
    } else {
        Value::from(number.as_f64().unwrap_or(f64::NAN))
    }
}
