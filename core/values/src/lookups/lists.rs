use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::{Lookup, Request, lookup};
use crate::call::{fail, items, list_items, pairs};
use crate::random::Random;
use crate::template::python;

/// Lookups that take lists and dictionaries apart, mostly for `with_<name>`.
pub const TABLE: &[Lookup] = &[
    lookup("items", flat_items),
    lookup("list", |request| Ok(request.terms.clone())),
    lookup("dict", dict),
    lookup("flattened", flattened),
    lookup("nested", nested),
    lookup("cartesian", nested),
    lookup("together", together),
    lookup("subelements", subelements),
    lookup("indexed_items", indexed),
    lookup("random_choice", random_choice),
];

fn is_list(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable)
}

/// Lists among the terms give their items, one level deep.
fn one_level(terms: &[Value]) -> Result<Vec<Value>, Error> {
    let mut out = Vec::new();
    for term in terms {
        if is_list(term) { out.extend(items(term)?) } else { out.push(term.clone()) }
    }
    Ok(out)
}

fn flat_items(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    one_level(&request.terms)
}

fn dict(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let mut out = Vec::new();
    for term in one_level(&request.terms)? {
        if term.kind() != ValueKind::Map {
            return Err(fail(format!(
                "the 'dict' lookup plugin expects a dictionary, got '{}' of type <class '{}'>)",
                python::text(&term),
                python::type_name(&term)
            )));
        }
        let entries = pairs(&term)?.into_iter();
        out.extend(entries.map(|(key, value)| Value::from_pairs([("key", key), ("value", value)])));
    }
    Ok(out)
}

fn flattened(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    fn deep(values: Vec<Value>, out: &mut Vec<Value>) -> Result<(), Error> {
        for value in values {
            match is_list(&value) {
                true => deep(items(&value)?, out)?,
                false if value.is_none() => {}
                false => out.push(value),
            }
        }
        Ok(())
    }
    let mut out = Vec::new();
    deep(request.terms.clone(), &mut out)?;
    Ok(out)
}

/// Every combination of one item of each list; the last list changes fastest.
fn nested(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    if request.terms.is_empty() {
        return Err(fail(format!("with_{} requires at least one element in the nested list", request.name)));
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for term in &request.terms {
        let column = if is_list(term) { items(term)? } else { vec![term.clone()] };
        rows = rows
            .iter()
            .flat_map(|row| {
                column.iter().map(move |item| [row.as_slice(), std::slice::from_ref(item)].concat())
            })
            .collect();
    }
    // An item that is a list gives its own items to the row.
    rows.into_iter().map(|row| one_level(&row).map(Value::from)).collect()
}

fn together(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let columns: Vec<Vec<Value>> = request.terms.iter().map(list_items).collect::<Result<_, _>>()?;
    if columns.is_empty() {
        return Err(fail("with_together requires at least one element in each list"));
    }
    let longest = columns.iter().map(Vec::len).max().unwrap_or(0);
    let none = || Value::from(());
    Ok((0..longest)
        .map(|at| columns.iter().map(|column| column.get(at).cloned().unwrap_or_else(none)).collect())
        .collect())
}

fn subelements(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let wrong = |what: &str| fail(format!("subelements lookup expects a list of two or three items{what}"));
    let (list, path, flags) = match request.terms.as_slice() {
        [list, path] => (list, path, None),
        [list, path, flags] => (list, path, Some(flags)),
        _ => return Err(wrong(",")),
    };
    if !matches!(list.kind(), ValueKind::Map | ValueKind::Seq | ValueKind::Iterable)
        || path.as_str().is_none()
    {
        return Err(wrong(", first a dict or a list, second a string pointing to the subkey"));
    }
    let skip_missing = match flags {
        None => false,
        Some(flags) if flags.kind() == ValueKind::Map => {
            flags.get_item(&Value::from("skip_missing")).is_ok_and(|flag| flag.is_true())
        }
        Some(_) => return Err(wrong(", the optional third item must be a dict with flags skip_missing")),
    };
    // A result of a loop whose item was skipped has no elements.
    let skipped =
        |element: &Value| element.get_item(&Value::from("skipped")).is_ok_and(|flag| flag.is_true());
    // So has the result of a task that was skipped itself.
    if list.kind() == ValueKind::Map && skipped(list) {
        return Ok(Vec::new());
    }
    let list: Vec<Value> = if list.kind() == ValueKind::Map {
        pairs(list)?.into_iter().map(|(_, value)| value).collect()
    } else {
        list_items(list)?
    };
    if let Some(other) = list.iter().find(|element| element.kind() != ValueKind::Map) {
        let shown = crate::template::python::text(other);
        return Err(fail(format!("subelements lookup expects a dictionary, got '{shown}'")));
    }
    let list: Vec<Value> = list.into_iter().filter(|element| !skipped(element)).collect();
    let rows = crate::filters::subelements(&Value::from(list), path, skip_missing)?;
    rows.iter().map(|row| without_elements(row, path)).collect()
}

/// The outer item of a row comes without the list that the row is from: Ansible's way for this lookup.
fn without_elements(row: &Value, path: &Value) -> Result<Value, Error> {
    fn removed(value: &Value, path: &[&str]) -> Result<Value, Error> {
        let [first, rest @ ..] = path else { return Ok(value.clone()) };
        let mut out = Vec::new();
        for (key, entry) in pairs(value)? {
            match (key.as_str() == Some(first), rest.is_empty()) {
                (true, true) => {}
                (true, false) => out.push((key, removed(&entry, rest)?)),
                (false, _) => out.push((key, entry)),
            }
        }
        Ok(Value::from_pairs(out))
    }
    let parts = items(row)?;
    let path = python::text(path);
    let path: Vec<&str> = path.split('.').collect();
    Ok(Value::from(vec![removed(&parts[0], &path)?, parts[1].clone()]))
}

fn indexed(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let all = one_level(&request.terms)?;
    Ok(all.into_iter().enumerate().map(|(index, item)| Value::from(vec![Value::from(index), item])).collect())
}

fn random_choice(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    if request.terms.is_empty() {
        return Ok(Vec::new());
    }
    let at = Random::new(None).below(request.terms.len() as u64)? as usize;
    Ok(vec![request.terms.swap_remove(at)])
}
