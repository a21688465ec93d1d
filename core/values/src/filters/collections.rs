use indexmap::IndexMap;
use minijinja::value::{Tuple, ValueKind};
use minijinja::{Error, Value};

use crate::call::{Call, fail, items, list_items, pairs};
use crate::names_table::{Entry, filter};
use crate::operators::{attribute_path, defined, item};
use crate::template::python;

/// Filters that turn dictionaries into lists and back, and reach into them.
pub const TABLE: &[Entry] = &[
    filter("dict2items", dict2items),
    filter("items2dict", items2dict),
    filter("items", entries),
    filter("extract", extract).lazy(),
    filter("attr", attr).lazy(),
    filter("subelements", subelements_filter),
    filter("rekey_on_member", rekey_on_member),
    filter("dict_kv", dict_kv),
    filter("dict", dict),
];

fn dict2items(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let map = call.need("value")?;
    let (key_name, value_name) = (call.text_or("key_name", "key"), call.text_or("value_name", "value"));
    if map.kind() != ValueKind::Map {
        return Err(fail(format!(
            "dict2items requires a dictionary, got <class '{}'> instead.",
            python::type_name(&map)
        )));
    }
    Ok(pairs(&map)?
        .into_iter()
        .map(|(key, value)| Value::from_pairs([(key_name.as_str(), key), (value_name.as_str(), value)]))
        .collect())
}

fn items2dict(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let list = call.need("value")?;
    let key_name = call.next("key_name").unwrap_or_else(|| Value::from("key"));
    let value_name = call.next("value_name").unwrap_or_else(|| Value::from("value"));
    if !matches!(list.kind(), ValueKind::Seq | ValueKind::Iterable) {
        let kind = python::type_name(&list);
        return Err(fail(format!("items2dict requires a list, got <class '{kind}'> instead.")));
    }
    let entries = items(&list)?;
    let are_maps = entries.iter().all(|entry| entry.kind() == ValueKind::Map);
    let mut out = Vec::new();
    for entry in entries {
        let part = |name: &Value| {
            let found = item(&entry, name, None)?;
            match found.is_undefined() {
                true if !are_maps => {
                    let got = python::repr(&list);
                    Err(fail(format!("items2dict requires a list of dictionaries, got {got} instead.")))
                }
                true => Err(fail(format!(
                    "items2dict requires each dictionary in the list to contain the keys '{key_name}' and '{value_name}', \
                     got {} instead.",
                    python::repr(&list)
                ))),
                false => Ok(found),
            }
        };
        out.push((part(&key_name)?, part(&value_name)?));
    }
    Ok(Value::from_pairs(out))
}

fn entries(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let entries = pairs(&call.need("value")?)?;
    Ok(entries.into_iter().map(|(key, value)| Value::from(Tuple::new(vec![key, value]))).collect())
}

/// `key | extract(container, [more keys])`
fn extract(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let (key, container) = (call.need("item")?, call.need("container")?);
    let more = match call.next("morekeys").filter(|more| !more.is_none()) {
        Some(more) if matches!(more.kind(), ValueKind::Seq | ValueKind::Iterable) => items(&more)?,
        Some(one) => vec![one],
        None => Vec::new(),
    };
    std::iter::once(key).chain(more).try_fold(container, |value, key| item(&value, &key, None))
}

fn attr(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let (value, name) = (call.need("value")?, call.need("name")?);
    item(&value, &name, None)
}

fn subelements_filter(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let (list, path) = (call.need("obj")?, call.need("subelements")?);
    let skip_missing = call.flag("skip_missing", false);
    subelements(&list, &path, skip_missing).map(Value::from)
}

/// Follows the keys into an element; `None` when one is missing and may be.
fn below(element: &Value, keys: &[Value], skip_missing: bool) -> Result<Option<Value>, Error> {
    let mut inner = element.clone();
    for (depth, key) in keys.iter().enumerate() {
        if depth > 0 && inner.kind() != ValueKind::Map {
            if skip_missing {
                return Ok(None);
            }
            let (key, found) = (python::repr(&keys[depth - 1]), python::repr(&inner));
            return Err(fail(format!("the key {key} should point to a dictionary, got {found}")));
        }
        let next = item(&inner, key, None)?;
        if next.is_undefined() && skip_missing {
            return Ok(None);
        }
        if next.is_undefined() {
            let (key, inner) = (python::repr(key), python::repr(&inner));
            return Err(fail(format!("could not find {key} key in iterated item {inner}")));
        }
        inner = next;
    }
    Ok(Some(inner))
}

/// Returns a pair of outer and inner item for each inner item under a path.
pub fn subelements(list: &Value, path: &Value, skip_missing: bool) -> Result<Vec<Value>, Error> {
    let outer = match list.kind() {
        ValueKind::Map => pairs(list)?.into_iter().map(|(_, value)| value).collect(),
        ValueKind::Seq | ValueKind::Iterable => items(list)?,
        _ => return Err(fail("obj must be a list of dicts or a nested dict")),
    };
    let keys: Vec<Value> = match (path.as_str(), path.kind()) {
        (Some(path), _) => path.split('.').map(Value::from).collect(),
        (None, ValueKind::Seq | ValueKind::Iterable) => items(path)?,
        _ => return Err(fail("subelements must be a list or a string")),
    };
    let mut out = Vec::new();
    for element in outer {
        let Some(inner) = below(&element, &keys, skip_missing)? else { continue };
        if !matches!(inner.kind(), ValueKind::Seq | ValueKind::Iterable) {
            let (key, found) = (keys.last().map(python::repr).unwrap_or_default(), python::repr(&inner));
            return Err(fail(format!("the key {key} should point to a list, got {found}")));
        }
        for value in list_items(&inner)? {
            out.push(Value::from(Tuple::new(vec![element.clone(), value])));
        }
    }
    Ok(out)
}

fn rekey_on_member(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let (data, key) = (call.need("data")?, call.need("key")?);
    let duplicates = call.text_or("duplicates", "error");
    let rows = match data.kind() {
        ValueKind::Map => pairs(&data)?.into_iter().map(|(_, value)| value).collect(),
        _ => list_items(&data)?,
    };
    let mut out: IndexMap<Value, Value> = IndexMap::new();
    for row in rows {
        let member = attribute_path(&row, &key)?;
        defined(&member)?;
        if duplicates == "error" && out.contains_key(&member) {
            return Err(fail(format!("the key {} is not unique", python::repr(&member))));
        }
        out.insert(member, row);
    }
    Ok(Value::from_pairs(out))
}

fn dict_kv(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let (value, key) = (call.need("value")?, call.need("key")?);
    Ok(Value::from_pairs([(key, value)]))
}

/// A list of pairs as a dictionary.
fn dict(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let rows = list_items(&call.need("value")?)?;
    let pairs: Result<Vec<(Value, Value)>, Error> = rows
        .iter()
        .map(|row| match items(row)?.as_slice() {
            [key, value] => Ok((key.clone(), value.clone())),
            _ => Err(fail("'dict' takes a list of pairs")),
        })
        .collect();
    pairs.map(Value::from_pairs)
}
