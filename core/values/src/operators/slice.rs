use minijinja::value::{Tuple, ValueKind};
use minijinja::{Error, Value};

use crate::call::{fail, items};
use crate::template::python;

/// `value[start:stop:step]` of a text or a list; undefined stays undefined.
pub fn slice(value: &Value, start: &Value, stop: &Value, step: &Value) -> Result<Value, Error> {
    if [value, start, stop, step].iter().any(|value| value.is_undefined()) {
        return Ok(Value::UNDEFINED);
    }
    let (start, stop, step) = (bound(start)?, bound(stop)?, bound(step)?.unwrap_or(1));
    match value.kind() {
        ValueKind::String => {
            let chars: Vec<char> = value.as_str().unwrap_or_default().chars().collect();
            let positions = positions(chars.len(), start, stop, step)?;
            Ok(Value::from(positions.map(|at| chars[at]).collect::<String>()))
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let all = items(value)?;
            let part: Vec<Value> =
                positions(all.len(), start, stop, step)?.map(|at| all[at].clone()).collect();
            Ok(if value.is_tuple() { Value::from(Tuple::new(part)) } else { Value::from(part) })
        }
        _ => Err(fail(format!("a value of type '{}' cannot be sliced", python::type_name(value)))),
    }
}

fn bound(value: &Value) -> Result<Option<i64>, Error> {
    match value.as_i64() {
        _ if value.is_none() => Ok(None),
        Some(number) if value.is_integer() => Ok(Some(number)),
        _ => Err(fail("slice indices must be integers or none")),
    }
}

/// Returns the positions that Python's `slice.indices` gives.
fn positions(
    length: usize,
    start: Option<i64>,
    stop: Option<i64>,
    step: i64,
) -> Result<Box<dyn Iterator<Item = usize>>, Error> {
    let length = length as i64;
    let clamp = |bound: i64, low: i64, high: i64| {
        let bound = if bound < 0 { bound.saturating_add(length) } else { bound };
        bound.clamp(low, high)
    };
    match step {
        0 => Err(fail("slice step cannot be zero")),
        step if step > 0 => {
            let start = clamp(start.unwrap_or(0), 0, length);
            let stop = clamp(stop.unwrap_or(length), 0, length);
            let step = usize::try_from(step).unwrap_or(usize::MAX);
            Ok(Box::new((start as usize..stop.max(start) as usize).step_by(step)))
        }
        step => {
            let start = start.map_or(length - 1, |start| clamp(start, -1, length - 1));
            let stop = stop.map_or(-1, |stop| clamp(stop, -1, length - 1));
            let step = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
            Ok(Box::new((stop.min(start) + 1..=start).rev().step_by(step).map(|at| at as usize)))
        }
    }
}
