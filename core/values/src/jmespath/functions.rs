use std::cmp::Ordering;

use minijinja::Value;
use minijinja::value::ValueKind;

use super::ast::Node;
use super::run::evaluate;
use crate::call::{items, pairs};
use crate::convert::to_json;
use crate::operators::{is_in, number, order};

/// An argument: a value, or an expression for each item.
enum Argument<'a> {
    Value(Value),
    Expression(&'a Node),
}

/// Calls a function.
pub fn call(name: &str, nodes: &[Node], data: &Value) -> Result<Value, String> {
    let mut args = Vec::new();
    for node in nodes {
        args.push(match node {
            Node::Expression(inner) => Argument::Expression(inner),
            node => Argument::Value(evaluate(node, data)?),
        });
    }
    match args.as_slice() {
        [Argument::Value(list), Argument::Expression(by)] => by_expression(name, list, by),
        [Argument::Expression(by), Argument::Value(list)] if name == "map" => {
            sequence(name, list)?.iter().map(|item| evaluate(by, item)).collect()
        }
        args => {
            let values: Option<Vec<Value>> = args
                .iter()
                .map(|arg| match arg {
                    Argument::Value(value) => Some(value.clone()),
                    Argument::Expression(_) => None,
                })
                .collect();
            plain(name, &values.ok_or_else(|| wrong(name))?)
        }
    }
}

fn wrong(name: &str) -> String {
    format!("there is no function '{name}' with such arguments")
}

fn sequence(name: &str, value: &Value) -> Result<Vec<Value>, String> {
    match value.kind() {
        ValueKind::Seq => items(value).map_err(|error| error.to_string()),
        _ => Err(format!("'{name}' needs a list")),
    }
}

fn by_expression(name: &str, list: &Value, by: &Node) -> Result<Value, String> {
    let mut keyed = Vec::new();
    for item in sequence(name, list)? {
        keyed.push((evaluate(by, &item)?, item));
    }
    let mut failed = None;
    let mut ordering = |a: &Value, b: &Value| {
        order(a, b, "<").unwrap_or_else(|error| {
            failed.get_or_insert(error.to_string());
            Ordering::Equal
        })
    };
    let result = match name {
        "sort_by" => {
            keyed.sort_by(|(a, _), (b, _)| ordering(a, b));
            keyed.into_iter().map(|(_, item)| item).collect()
        }
        "max_by" => first(keyed.into_iter().reduce(|a, b| if ordering(&b.0, &a.0).is_gt() { b } else { a })),
        "min_by" => first(keyed.into_iter().reduce(|a, b| if ordering(&b.0, &a.0).is_lt() { b } else { a })),
        _ => return Err(wrong(name)),
    };
    failed.map_or(Ok(result), Err)
}

fn first(found: Option<(Value, Value)>) -> Value {
    found.map_or_else(|| Value::from(()), |(_, item)| item)
}

fn plain(name: &str, args: &[Value]) -> Result<Value, String> {
    match args {
        [value] => one(name, value),
        [a, b] => two(name, a, b),
        _ => Err(wrong(name)),
    }
    .or_else(|error| match name {
        "not_null" => {
            Ok(args.iter().find(|value| !value.is_none()).cloned().unwrap_or_else(|| Value::from(())))
        }
        "merge" => merge(args),
        _ => Err(error),
    })
}

fn merge(args: &[Value]) -> Result<Value, String> {
    let mut out = Vec::new();
    for object in args {
        out.extend(pairs(object).map_err(|error| error.to_string())?);
    }
    Ok(Value::from_pairs(out))
}

fn one(name: &str, value: &Value) -> Result<Value, String> {
    let numeric = |apply: fn(f64) -> f64| {
        let result = number(value).filter(|_| value.is_number()).map(apply);
        result.map(whole).ok_or_else(|| format!("'{name}' needs a number"))
    };
    match name {
        "abs" => numeric(f64::abs),
        "ceil" => numeric(f64::ceil),
        "floor" => numeric(f64::floor),
        "length" => match value.as_str() {
            Some(text) => Ok(Value::from(text.chars().count())),
            None => value
                .len()
                .map(Value::from)
                .ok_or_else(|| "'length' needs a list, an object or a text".into()),
        },
        "keys" => entries(name, value).map(|pairs| pairs.into_iter().map(|(key, _)| key).collect()),
        "values" => entries(name, value).map(|pairs| pairs.into_iter().map(|(_, value)| value).collect()),
        "type" => Ok(Value::from(type_of(value))),
        "to_string" => Ok(Value::from(match value.as_str() {
            Some(text) => text.to_string(),
            None => to_json(value).to_string(),
        })),
        "to_number" => Ok(match value.as_str() {
            Some(text) => match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(number), _) => Value::from(number),
                (_, Ok(number)) => Value::from(number),
                _ => Value::from(()),
            },
            None if value.is_number() => value.clone(),
            None => Value::from(()),
        }),
        "to_array" => {
            Ok(if value.kind() == ValueKind::Seq { value.clone() } else { Value::from(vec![value.clone()]) })
        }
        "reverse" => match value.as_str() {
            Some(text) => Ok(Value::from(text.chars().rev().collect::<String>())),
            None => sequence(name, value).map(|items| items.into_iter().rev().collect()),
        },
        "sum" | "avg" => {
            let numbers: Option<Vec<f64>> = sequence(name, value)?.iter().map(number).collect();
            let numbers = numbers.ok_or_else(|| format!("'{name}' needs numbers"))?;
            let sum: f64 = numbers.iter().sum();
            Ok(match name {
                "sum" => whole(sum),
                _ if numbers.is_empty() => Value::from(()),
                _ => Value::from(sum / numbers.len() as f64),
            })
        }
        "sort" => crate::filters::order::sorted(sequence(name, value)?, false)
            .map(Value::from)
            .map_err(|error| error.to_string()),
        "max" | "min" => {
            let sorted = crate::filters::order::sorted(sequence(name, value)?, name == "max");
            let sorted = sorted.map_err(|error| error.to_string())?;
            Ok(sorted.into_iter().next().unwrap_or_else(|| Value::from(())))
        }
        _ => Err(wrong(name)),
    }
}

/// A number without a fraction is a whole one, as in JSON.
fn whole(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        Value::from(number as i64)
    } else {
        Value::from(number)
    }
}

fn entries(name: &str, value: &Value) -> Result<Vec<(Value, Value)>, String> {
    pairs(value).map_err(|_| format!("'{name}' needs an object"))
}

fn type_of(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::None => "null",
        ValueKind::Bool => "boolean",
        ValueKind::Number => "number",
        ValueKind::Map => "object",
        ValueKind::Seq => "array",
        _ => "string",
    }
}

fn two(name: &str, a: &Value, b: &Value) -> Result<Value, String> {
    let texts = a.as_str().zip(b.as_str());
    match (name, texts) {
        ("starts_with", Some((text, prefix))) => Ok(Value::from(text.starts_with(prefix))),
        ("ends_with", Some((text, suffix))) => Ok(Value::from(text.ends_with(suffix))),
        ("contains", _) => match a.kind() {
            ValueKind::Seq => is_in(b, a).map(Value::from).map_err(|error| error.to_string()),
            _ => Ok(Value::from(texts.is_some_and(|(text, part)| text.contains(part)))),
        },
        ("join", _) => {
            let separator = a.as_str().ok_or("'join' needs a text first")?;
            let parts: Option<Vec<String>> =
                sequence(name, b)?.iter().map(|part| part.as_str().map(str::to_string)).collect();
            Ok(Value::from(parts.ok_or("'join' needs a list of texts")?.join(separator)))
        }
        ("merge", _) => merge(&[a.clone(), b.clone()]),
        ("not_null", _) => Ok(if a.is_none() { b.clone() } else { a.clone() }),
        _ => Err(wrong(name)),
    }
}
