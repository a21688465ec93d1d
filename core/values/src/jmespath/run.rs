use minijinja::Value;
use minijinja::value::ValueKind;

use super::ast::{Comparison, Node};
use super::functions;
use crate::call::{items, pairs};
use crate::operators::{equal, number, slice};

/// Evaluates a node on a value.
pub fn evaluate(node: &Node, data: &Value) -> Result<Value, String> {
    Ok(match node {
        Node::Current => data.clone(),
        Node::Field(name) => match data.kind() {
            ValueKind::Map => present(data.get_item(&Value::from(name.as_str())).ok()),
            _ => none(),
        },
        Node::Literal(value) => value.clone(),
        Node::Index(index) => match data.kind() {
            ValueKind::Seq => present(data.get_item(&Value::from(*index)).ok()),
            _ => none(),
        },
        Node::Slice(start, stop, step) => match data.kind() {
            ValueKind::Seq => {
                let bound = |bound: &Option<i64>| bound.map_or_else(none, Value::from);
                slice(data, &bound(start), &bound(stop), &Value::from(*step))
                    .map_err(|error| error.to_string())?
            }
            _ => none(),
        },
        Node::Sub(left, right) => {
            let left = evaluate(left, data)?;
            match (&**right, left.is_none()) {
                (Node::List(_) | Node::Object(_), true) => none(),
                _ => evaluate(right, &left)?,
            }
        }
        Node::EachItem(list, each) => project(list_of(&evaluate(list, data)?), each)?,
        Node::EachValue(object, each) => {
            let object = evaluate(object, data)?;
            let values = pairs(&object).ok().map(|pairs| pairs.into_iter().map(|(_, value)| value).collect());
            project(values, each)?
        }
        Node::Filter(list, condition, each) => {
            let Some(all) = list_of(&evaluate(list, data)?) else { return Ok(none()) };
            let mut kept = Vec::new();
            for item in all {
                if truth(&evaluate(condition, &item)?) {
                    kept.push(item);
                }
            }
            project(Some(kept), each)?
        }
        Node::Flatten(inner) => flatten(&evaluate(inner, data)?),
        Node::And(left, right) => {
            let left = evaluate(left, data)?;
            if truth(&left) { evaluate(right, data)? } else { left }
        }
        Node::Or(left, right) => {
            let left = evaluate(left, data)?;
            if truth(&left) { left } else { evaluate(right, data)? }
        }
        Node::Not(inner) => Value::from(!truth(&evaluate(inner, data)?)),
        Node::Compare(operator, left, right) => {
            compare(*operator, &evaluate(left, data)?, &evaluate(right, data)?)
        }
        Node::List(nodes) => {
            nodes.iter().map(|node| evaluate(node, data)).collect::<Result<Value, String>>()?
        }
        Node::Object(entries) => {
            let entries = entries.iter().map(|(key, node)| Ok((key.clone(), evaluate(node, data)?)));
            Value::from_pairs(entries.collect::<Result<Vec<_>, String>>()?)
        }
        Node::Call(name, args) => functions::call(name, args, data)?,
        Node::Expression(_) => return Err("'&' is only for arguments of functions".into()),
    })
}

fn none() -> Value {
    Value::from(())
}

fn present(value: Option<Value>) -> Value {
    value.filter(|value| !value.is_undefined()).unwrap_or_else(none)
}

fn list_of(value: &Value) -> Option<Vec<Value>> {
    match value.kind() {
        ValueKind::Seq => items(value).ok(),
        _ => None,
    }
}

/// Results that are null are left out of projections.
fn project(values: Option<Vec<Value>>, each: &Node) -> Result<Value, String> {
    let Some(values) = values else { return Ok(none()) };
    let mut out = Vec::new();
    for value in values {
        let result = evaluate(each, &value)?;
        if !result.is_none() {
            out.push(result);
        }
    }
    Ok(Value::from(out))
}

fn flatten(value: &Value) -> Value {
    let Some(all) = list_of(value) else { return none() };
    let mut out = Vec::new();
    for item in all {
        match list_of(&item) {
            Some(inner) => out.extend(inner),
            None => out.push(item),
        }
    }
    Value::from(out)
}

/// Null, false and what is empty are false; numbers are true, zero too.
fn truth(value: &Value) -> bool {
    value.kind() == ValueKind::Number || value.is_true()
}

fn compare(operator: Comparison, left: &Value, right: &Value) -> Value {
    if !operator.orders() {
        let same = left.kind() == right.kind() && equal(left, right).unwrap_or(false);
        return Value::from(same == (operator == Comparison::Equal));
    }
    let numbers = (left.kind() == ValueKind::Number && right.kind() == ValueKind::Number)
        .then(|| number(left).zip(number(right)))
        .flatten();
    let Some((a, b)) = numbers else { return none() };
    Value::from(match operator {
        Comparison::Less => a < b,
        Comparison::LessOrEqual => a <= b,
        Comparison::Greater => a > b,
        _ => a >= b,
    })
}
