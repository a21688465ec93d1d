use minijinja::value::{Tuple, ValueKind};
use minijinja::{Error, Value};

use super::arithmetic::{number, unsupported};
use super::defined;
use crate::call::{fail, items};

/// Text and lists that are repeated more often than this are a mistake.
const MOST: usize = 10_000_000;

fn by_zero(what: &str) -> Error {
    fail(format!("Error rendering template: {what}"))
}

/// Returns both as whole numbers; truths count as 0 and 1.
fn integers(left: &Value, right: &Value) -> Option<(i128, i128)> {
    let whole = |value: &Value| match value.kind() {
        ValueKind::Bool => Some(i128::from(value.is_true())),
        _ if value.is_integer() => i128::try_from(value.clone()).ok(),
        _ => None,
    };
    Some((whole(left)?, whole(right)?))
}

fn checked(result: Option<i128>) -> Result<Value, Error> {
    result.map(Value::from).ok_or_else(|| fail("the number is too large: 128 bits are the most"))
}

/// `a * b`: numbers, and text or a list that is repeated.
pub fn multiply(left: &Value, right: &Value) -> Result<Value, Error> {
    defined(left)?;
    defined(right)?;
    if let Some((a, b)) = integers(left, right) {
        return checked(a.checked_mul(b));
    }
    if let (Some(a), Some(b)) = (number(left), number(right)) {
        return Ok(Value::from(a * b));
    }
    let (many, times) = if right.is_integer() { (left, right) } else { (right, left) };
    let Ok(times) = i64::try_from(times.clone()) else { return Err(unsupported("*", left, right)) };
    let times = usize::try_from(times).unwrap_or(0);
    let allowed = |length: usize| match length.saturating_mul(times) <= MOST {
        true => Ok(()),
        false => Err(fail("the result of `*` is too long")),
    };
    match many.kind() {
        ValueKind::String => {
            let text = many.as_str().unwrap_or_default();
            allowed(text.len())?;
            Ok(Value::from(text.repeat(times)))
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let all = items(many)?;
            allowed(all.len())?;
            let count = all.len() * times;
            let repeated: Vec<Value> = all.into_iter().cycle().take(count).collect();
            Ok(if many.is_tuple() { Value::from(Tuple::new(repeated)) } else { Value::from(repeated) })
        }
        _ => Err(unsupported("*", left, right)),
    }
}

/// `a / b`, which is never a whole number's type.
pub fn divide(left: &Value, right: &Value) -> Result<Value, Error> {
    defined(left)?;
    defined(right)?;
    match (number(left), number(right)) {
        (Some(_), Some(0.0)) => Err(by_zero("division by zero")),
        (Some(a), Some(b)) => Ok(Value::from(a / b)),
        _ => Err(unsupported("/", left, right)),
    }
}

/// `a // b`, rounded down.
pub fn floor_divide(left: &Value, right: &Value) -> Result<Value, Error> {
    defined(left)?;
    defined(right)?;
    if let Some((a, b)) = integers(left, right) {
        if b == 0 {
            return Err(by_zero("integer division or modulo by zero"));
        }
        let exact = a % b == 0 || (a < 0) == (b < 0);
        return checked(a.checked_div(b).map(|whole| if exact { whole } else { whole - 1 }));
    }
    match (number(left), number(right)) {
        (Some(_), Some(0.0)) => Err(by_zero("float floor division by zero")),
        (Some(a), Some(b)) => Ok(Value::from((a / b).floor())),
        _ => Err(unsupported("//", left, right)),
    }
}

/// `a ** b`: whole when both are and `b` is not negative.
pub fn power(left: &Value, right: &Value) -> Result<Value, Error> {
    defined(left)?;
    defined(right)?;
    if let Some((a, b)) = integers(left, right)
        && b >= 0
    {
        return checked(u32::try_from(b).ok().and_then(|b| a.checked_pow(b)));
    }
    match (number(left), number(right)) {
        (Some(0.0), Some(b)) if b < 0.0 => Err(by_zero("0.0 cannot be raised to a negative power")),
        (Some(a), Some(b)) => Ok(Value::from(a.powf(b))),
        _ => Err(unsupported("** or pow()", left, right)),
    }
}
