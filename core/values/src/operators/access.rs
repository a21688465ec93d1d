use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use crate::call::into_engine;
use crate::lazy::LazyMap;
use crate::template::{missing, python};
use crate::view::View;

/// `value.name`: an attribute, then a key; undefined stays undefined, so that `default` can follow.
pub fn attribute(value: &Value, name: &Value, path: Option<&str>) -> Result<Value, Error> {
    if value.is_undefined() {
        return Ok(Value::UNDEFINED);
    }
    if let Some(found) = entry(value, name)? {
        return Ok(found);
    }
    let text = name.as_str().unwrap_or_default();
    if text.starts_with("__") {
        let message = format!("access to the attribute '{text}' is unsafe");
        return Ok(missing::undefined(path.unwrap_or_default(), message));
    }
    Ok(no_such(value, name, path))
}

/// `value[key]`: a key or index, counted from the end when negative.
pub fn item(value: &Value, key: &Value, path: Option<&str>) -> Result<Value, Error> {
    if value.is_undefined() || key.is_undefined() {
        return Ok(Value::UNDEFINED);
    }
    match entry(value, key)? {
        Some(found) => Ok(found),
        None => Ok(no_such(value, key, path)),
    }
}

/// Returns an entry, item or letter that is there.
pub fn entry(value: &Value, key: &Value) -> Result<Option<Value>, Error> {
    if let Some(map) = value.downcast_object_ref::<LazyMap>() {
        return match map.entry(key) {
            Ok(found) => Ok(found),
            Err(error) if error.is_undefined() => {
                missing::note("", error);
                Ok(Some(Value::UNDEFINED))
            }
            Err(error) => Err(into_engine(error)),
        };
    }
    if let Some(View(scope)) = value.downcast_object_ref::<View>() {
        return match scope.lazy(key.as_str().unwrap_or_default()) {
            Ok(found) => Ok(found),
            Err(error) if error.is_undefined() => {
                missing::note("", error);
                Ok(Some(Value::UNDEFINED))
            }
            Err(error) => Err(into_engine(error)),
        };
    }
    let found = match value.kind() {
        ValueKind::String => letter(value.as_str().unwrap_or_default(), key),
        ValueKind::Seq | ValueKind::Iterable if key.as_str().is_some() => {
            // Objects of the template language (`loop`, namespaces) have attributes and are no lists.
            value.as_object().and_then(|object| object.get_value(key))
        }
        ValueKind::Number if key.as_str() == Some("real") => Some(value.clone()),
        _ => value.get_item(key).ok().filter(|found| !found.is_undefined()),
    };
    match found {
        Some(invalid) if invalid.kind() == ValueKind::Invalid => Err(unwrap_invalid(invalid)),
        found => Ok(found),
    }
}

/// An invalid value carries an error, which any use of it returns.
fn unwrap_invalid(value: Value) -> Error {
    match std::iter::once(value).collect::<Value>().try_iter() {
        Ok(mut items) => match items.next().map(|item| item.try_iter()) {
            Some(Err(error)) => error,
            _ => crate::call::fail("a value is invalid"),
        },
        Err(error) => error,
    }
}

fn letter(text: &str, key: &Value) -> Option<Value> {
    let index = key.as_i64().filter(|_| key.is_integer())?;
    let found = match usize::try_from(index) {
        Ok(index) => text.chars().nth(index),
        Err(_) => text.chars().rev().nth(usize::try_from(-index - 1).ok()?),
    };
    found.map(|c| Value::from(c.to_string()))
}

fn no_such(value: &Value, key: &Value, path: Option<&str>) -> Value {
    let kind = python::type_name(value);
    let message = format!("object of type '{kind}' has no attribute {}", python::repr(key));
    missing::undefined(path.unwrap_or_default(), message)
}

/// Follows a path such as `a.b.0`, as `map(attribute=...)` and `selectattr` do.
pub fn attribute_path(value: &Value, path: &Value) -> Result<Value, Error> {
    let Some(text) = path.as_str() else { return item(value, path, None) };
    text.split('.').try_fold(value.clone(), |value, part| {
        let key = part.parse::<i64>().map_or_else(|_| Value::from(part), Value::from);
        attribute(&value, &key, None)
    })
}
