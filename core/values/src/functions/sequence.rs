use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};

use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, State, Value};

use crate::call::{Call, fail};

/// The most numbers that `range` gives; Ansible's sandbox has the same limit.
const MOST: i128 = 100_000;

/// `range([start,] stop[, step])`.
pub fn range(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let mut numbers = Vec::new();
    for value in call.rest() {
        let number = i64::try_from(value.clone()).ok().filter(|_| value.as_str().is_none());
        numbers.push(number.ok_or_else(|| fail(format!("'range' takes whole numbers, not {value}")))?);
    }
    let (start, stop, step) = match numbers.as_slice() {
        [stop] => (0, *stop, 1),
        [start, stop] => (*start, *stop, 1),
        [start, stop, step] => (*start, *stop, *step),
        _ => return Err(fail("'range' takes one to three numbers")),
    };
    if step == 0 {
        return Err(fail("the step of 'range' cannot be 0"));
    }
    let count = (i128::from(stop) - i128::from(start) + i128::from(step - step.signum())) / i128::from(step);
    if count > MOST {
        return Err(fail(format!("'range' gives at most {MOST} numbers")));
    }
    Ok((0..count.max(0)).map(|index| Value::from(start + step * index as i64)).collect())
}

/// `joiner(separator)`: nothing at the first call, then the separator.
#[derive(Debug)]
struct Joiner {
    separator: String,
    used: AtomicBool,
}

impl Object for Joiner {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
        let first = !self.used.swap(true, Ordering::Relaxed);
        Ok(Value::from(if first { "" } else { self.separator.as_str() }))
    }
}

/// Returns a joiner.
pub fn joiner(separator: Option<String>) -> Value {
    let separator = separator.unwrap_or_else(|| ", ".to_string());
    Value::from_object(Joiner { separator, used: AtomicBool::new(false) })
}

/// `cycler(a, b, ...)`: `next()` gives one after the other, again and again.
#[derive(Debug)]
struct Cycler {
    items: Mutex<Vec<Value>>,
    at: AtomicUsize,
}

impl Cycler {
    fn item(&self, index: usize) -> Value {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.get(index % items.len().max(1)).cloned().unwrap_or_default()
    }
}

impl Object for Cycler {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str() == Some("current")).then(|| self.item(self.at.load(Ordering::Relaxed)))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "next" => Ok(self.item(self.at.fetch_add(1, Ordering::Relaxed))),
            "reset" => {
                self.at.store(0, Ordering::Relaxed);
                Ok(Value::from(()))
            }
            _ => Err(Error::from(minijinja::ErrorKind::UnknownMethod)),
        }
    }
}

/// Returns a cycler.
pub fn cycler(items: Vec<Value>) -> Value {
    Value::from_object(Cycler { items: Mutex::new(items), at: AtomicUsize::new(0) })
}
