use minijinja::value::{Tuple, ValueKind};
use minijinja::{Error, Value};

use super::changeable_dictionary;
use crate::call::{Call, fail, items, pairs};
use crate::operators::{defined, equal};
use crate::template::python;

/// Calls a dictionary's method; `None` when dictionaries have none of this name.
pub fn call(map: &Value, method: &str, call: &mut Call<'_, '_, '_>) -> Result<Option<Value>, Error> {
    match method {
        "get" => {
            let key = call.need("key")?;
            let default = call.next("default").unwrap_or_else(|| Value::from(()));
            Ok(Some(map.as_object().and_then(|object| object.get_value(&key)).unwrap_or(default)))
        }
        "keys" => Ok(Some(Value::from(items(map)?))),
        "items" => {
            let entries =
                pairs(map)?.into_iter().map(|(key, value)| Value::from(Tuple::new(vec![key, value])));
            Ok(Some(entries.collect()))
        }
        "values" => {
            let values: Vec<Value> = pairs(map)?.into_iter().map(|(_, value)| value).collect();
            for value in &values {
                defined(value)?;
            }
            Ok(Some(Value::from(values)))
        }
        "copy" => Ok(Some(Value::from_pairs(pairs(map)?))),
        "update" => update(map, call).map(Some),
        "setdefault" => set_default(map, call).map(Some),
        "pop" => pop(map, call).map(Some),
        "popitem" => {
            let entry = changeable_dictionary(map, method)?.entries().pop();
            let (key, value) = entry.ok_or_else(|| fail("popitem(): dictionary is empty"))?;
            Ok(Some(Value::from(Tuple::new(vec![key, value]))))
        }
        "clear" => {
            changeable_dictionary(map, method)?.entries().clear();
            Ok(Some(Value::from(())))
        }
        _ => Ok(None),
    }
}

fn update(map: &Value, call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let named = call.all_named();
    let mut more = match call.next("other") {
        Some(other) if other.kind() == ValueKind::Map => pairs(&other)?,
        Some(other) => list_of_pairs(&other)?,
        None => Vec::new(),
    };
    more.extend(named.into_iter().map(|(key, value)| (Value::from(key), value)));
    changeable_dictionary(map, "update")?.entries().extend(more);
    Ok(Value::from(()))
}

fn list_of_pairs(list: &Value) -> Result<Vec<(Value, Value)>, Error> {
    items(list)?
        .iter()
        .map(|pair| match items(pair)?.as_slice() {
            [key, value] => Ok((key.clone(), value.clone())),
            _ => Err(fail("'update' takes a dictionary or a list of pairs")),
        })
        .collect()
}

fn set_default(map: &Value, call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let key = call.need("key")?;
    let default = call.next("default").unwrap_or_else(|| Value::from(()));
    let mut entries = changeable_dictionary(map, "setdefault")?.entries();
    Ok(entries.entry(key).or_insert(default).clone())
}

fn pop(map: &Value, call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let key = call.need("key")?;
    let default = call.next("default");
    let removed = {
        let mut entries = changeable_dictionary(map, "pop")?.entries();
        let found = entries.keys().find(|other| equal(other, &key).unwrap_or(false)).cloned();
        found.and_then(|found| entries.shift_remove(&found))
    };
    removed.or(default).ok_or_else(|| fail(format!("there is no key {}", python::repr(&key))))
}
