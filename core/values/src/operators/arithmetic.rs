use minijinja::value::{Tuple, ValueKind};
use minijinja::{Error, Value};

use super::defined;
use crate::call::{fail, into_engine, items};
use crate::lazy::force;
use crate::methods::{datetime, percent};
use crate::template::python;

/// `a % b`: Python's formatting for text, else the remainder with the divisor's sign.
pub fn remainder(left: &Value, right: &Value) -> Result<Value, Error> {
    defined(left)?;
    defined(right)?;
    if let Some(format) = left.as_str() {
        let right = match right.is_tuple() {
            true => right.clone(),
            false => force(right).map_err(into_engine)?,
        };
        return percent::format(format, &right).map(Value::from);
    }
    if left.is_integer() && right.is_integer() {
        let (a, b) = (i128::try_from(left.clone())?, i128::try_from(right.clone())?);
        if b == 0 {
            return Err(fail("Error rendering template: integer modulo by zero"));
        }
        return Ok(Value::from(((a % b) + b) % b));
    }
    match (number(left), number(right)) {
        (Some(_), Some(0.0)) => Err(fail("Error rendering template: float modulo")),
        (Some(a), Some(b)) => Ok(Value::from(a - b * (a / b).floor())),
        _ => Err(unsupported("%", left, right)),
    }
}

/// `a + b`: numbers, two texts, two lists.
pub fn add(left: &Value, right: &Value) -> Result<Value, Error> {
    defined(left)?;
    defined(right)?;
    match (left.kind(), right.kind()) {
        (ValueKind::String, ValueKind::String) => Ok(Value::from(format!(
            "{}{}",
            left.as_str().unwrap_or_default(),
            right.as_str().unwrap_or_default()
        ))),
        (ValueKind::Seq | ValueKind::Iterable, ValueKind::Seq | ValueKind::Iterable) => {
            let mut all = items(left)?;
            all.extend(items(right)?);
            Ok(if left.is_tuple() && right.is_tuple() {
                Value::from(Tuple::new(all))
            } else {
                Value::from(all)
            })
        }
        (ValueKind::Number | ValueKind::Bool, ValueKind::Number | ValueKind::Bool) => sum(left, right),
        (ValueKind::String, _) => {
            Err(fail(format!("can only concatenate str (not \"{}\") to str", python::type_name(right))))
        }
        (ValueKind::Seq, _) => {
            Err(fail(format!("can only concatenate list (not \"{}\") to list", python::type_name(right))))
        }
        _ => Err(unsupported("+", left, right)),
    }
}

/// `a - b`: numbers, and points in time.
pub fn subtract(left: &Value, right: &Value) -> Result<Value, Error> {
    defined(left)?;
    defined(right)?;
    if let Some(duration) = datetime::difference(left, right) {
        return Ok(duration);
    }
    let integer = |value: &Value| value.is_integer() || value.kind() == ValueKind::Bool;
    if integer(left) && integer(right) {
        let (a, b) = (i128::try_from(left.clone())?, i128::try_from(right.clone())?);
        return a.checked_sub(b).map(Value::from).ok_or_else(|| fail("a number is too large"));
    }
    match (number(left), number(right)) {
        (Some(a), Some(b)) => Ok(Value::from(a - b)),
        _ => Err(unsupported("-", left, right)),
    }
}

fn sum(left: &Value, right: &Value) -> Result<Value, Error> {
    let integer = |value: &Value| value.is_integer() || value.kind() == ValueKind::Bool;
    if integer(left) && integer(right) {
        let (a, b) = (i128::try_from(left.clone())?, i128::try_from(right.clone())?);
        return a.checked_add(b).map(Value::from).ok_or_else(|| fail("a number is too large"));
    }
    match (number(left), number(right)) {
        (Some(a), Some(b)) => Ok(Value::from(a + b)),
        _ => Err(unsupported("+", left, right)),
    }
}

/// `a ~ b`: the texts of both.
pub fn concat(left: &Value, right: &Value) -> Result<Value, Error> {
    defined(left)?;
    defined(right)?;
    let left = force(left).map_err(into_engine)?;
    let right = force(right).map_err(into_engine)?;
    Ok(Value::from(python::text(&left) + &python::text(&right)))
}

/// Returns a number as a float; booleans count as 0 and 1.
pub fn number(value: &Value) -> Option<f64> {
    match value.kind() {
        ValueKind::Bool => Some(f64::from(u8::from(value.is_true()))),
        ValueKind::Number => f64::try_from(value.clone()).ok(),
        _ => None,
    }
}

pub fn unsupported(operator: &str, left: &Value, right: &Value) -> Error {
    let (a, b) = (python::type_name(left), python::type_name(right));
    fail(format!("unsupported operand type(s) for {operator}: '{a}' and '{b}'"))
}
