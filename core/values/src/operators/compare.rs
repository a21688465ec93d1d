use std::cmp::Ordering;

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::arithmetic::number;
use super::defined;
use crate::call::{fail, into_engine, items};
use crate::lazy::{LazyMap, force};
use crate::methods::datetime;
use crate::template::python;

/// `a == b`, by value at all depths.
pub fn equal(left: &Value, right: &Value) -> Result<bool, Error> {
    defined(left)?;
    defined(right)?;
    if let Some(order) = datetime::order(left, right) {
        return Ok(order == Ordering::Equal);
    }
    if left.as_object().is_none() || right.as_object().is_none() {
        return Ok(same_scalar(left, right));
    }
    // A tuple equals no list, also where both are written the same.
    if left.is_tuple() != right.is_tuple() {
        return Ok(false);
    }
    Ok(force(left).map_err(into_engine)? == force(right).map_err(into_engine)?)
}

/// Booleans equal 0 and 1, as in Python.
fn same_scalar(left: &Value, right: &Value) -> bool {
    match (left.kind(), right.kind()) {
        (ValueKind::Bool, ValueKind::Number) | (ValueKind::Number, ValueKind::Bool) => {
            number(left) == number(right)
        }
        _ => left == right,
    }
}

/// Returns the order of two values that have one; Python refuses to order a number and a text.
pub fn order(left: &Value, right: &Value, operator: &str) -> Result<Ordering, Error> {
    defined(left)?;
    defined(right)?;
    if let (Some(a), Some(b)) = (left.as_str(), right.as_str()) {
        return Ok(a.cmp(b));
    }
    if left.is_integer() && right.is_integer() {
        return Ok(left.cmp(right));
    }
    if let (Some(a), Some(b)) = (number(left), number(right)) {
        return Ok(a.partial_cmp(&b).unwrap_or(Ordering::Equal));
    }
    if matches!(left.kind(), ValueKind::Seq | ValueKind::Iterable)
        && matches!(right.kind(), ValueKind::Seq | ValueKind::Iterable)
    {
        return order_lists(&items(left)?, &items(right)?, operator);
    }
    if let Some(order) = datetime::order(left, right) {
        return Ok(order);
    }
    let (a, b) = (python::type_name(left), python::type_name(right));
    Err(fail(format!("'{operator}' not supported between instances of '{a}' and '{b}'")))
}

fn order_lists(left: &[Value], right: &[Value], operator: &str) -> Result<Ordering, Error> {
    for (a, b) in left.iter().zip(right) {
        if !equal(a, b)? {
            return order(a, b, operator);
        }
    }
    Ok(left.len().cmp(&right.len()))
}

/// `item in container`.
pub fn contains(item: &Value, container: &Value) -> Result<bool, Error> {
    defined(item)?;
    defined(container)?;
    match container.kind() {
        ValueKind::String => match item.as_str() {
            Some(part) => Ok(container.as_str().unwrap_or_default().contains(part)),
            None => {
                let kind = python::type_name(item);
                Err(fail(format!("'in <string>' requires string as left operand, not {kind}")))
            }
        },
        ValueKind::Map => Ok(match container.downcast_object_ref::<LazyMap>() {
            Some(map) => map.has(item),
            None => container.as_object().is_some_and(|object| object.get_value(item).is_some()),
        }),
        ValueKind::Seq | ValueKind::Iterable => {
            for candidate in items(container)? {
                if equal(item, &candidate)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => Err(fail(format!("argument of type '{}' is not iterable", python::type_name(container)))),
    }
}
