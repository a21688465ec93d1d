use std::cmp::Ordering;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, ValueKind};
use minijinja::{Error, Value};

use crate::call::{Call, fail, items, list_items, pairs};
use crate::names_table::{Entry, filter};
use crate::operators::{attribute_path, equal, order};
use crate::template::{missing, python};

/// Filters that depend on the order of values.
pub const TABLE: &[Entry] = &[
    filter("sort", sort),
    filter("dictsort", dictsort),
    filter("reverse", reverse),
    filter("unique", unique),
    filter("min", |call| extreme(call, Ordering::Less)),
    filter("max", |call| extreme(call, Ordering::Greater)),
    filter("groupby", groupby),
    filter("version_sort", version_sort),
];

/// Sorts values that can be ordered, stably.
pub fn sorted(mut values: Vec<Value>, reverse: bool) -> Result<Vec<Value>, Error> {
    sort_by_keys(&mut values, reverse, &|value| Ok(vec![value.clone()]))?;
    Ok(values)
}

/// The keys by which an item is sorted.
type Keys<'a> = &'a dyn Fn(&Value) -> Result<Vec<Value>, Error>;

fn sort_by_keys(values: &mut Vec<Value>, reverse: bool, keys: Keys<'_>) -> Result<(), Error> {
    let mut failed = None;
    let mut keyed = Vec::with_capacity(values.len());
    for value in values.drain(..) {
        keyed.push((keys(&value)?, value));
    }
    keyed.sort_by(|(a, _), (b, _)| {
        let ordering = compare(a, b).unwrap_or_else(|error| {
            failed.get_or_insert(error);
            Ordering::Equal
        });
        if reverse { ordering.reverse() } else { ordering }
    });
    match failed {
        Some(error) => Err(error),
        None => {
            values.extend(keyed.into_iter().map(|(_, value)| value));
            Ok(())
        }
    }
}

fn compare(left: &[Value], right: &[Value]) -> Result<Ordering, Error> {
    for (a, b) in left.iter().zip(right) {
        match order(a, b, "<")? {
            Ordering::Equal => {}
            other => return Ok(other),
        }
    }
    Ok(Ordering::Equal)
}

/// Texts are compared in small letters unless the case is to count.
fn folded(value: Value, case_sensitive: bool) -> Value {
    match value.as_str() {
        Some(text) if !case_sensitive => Value::from(text.to_lowercase()),
        _ => value,
    }
}

fn sort(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let mut values = items(&call.need("value")?)?;
    let reverse = call.flag("reverse", false);
    let case_sensitive = call.flag("case_sensitive", false);
    let paths: Vec<String> = match call.maybe_text("attribute") {
        Some(paths) => paths.split(',').map(|path| path.trim().to_string()).collect(),
        None => Vec::new(),
    };
    sort_by_keys(&mut values, reverse, &|value| {
        if paths.is_empty() {
            return Ok(vec![folded(value.clone(), case_sensitive)]);
        }
        paths
            .iter()
            .map(|path| Ok(folded(attribute_path(value, &Value::from(path.as_str()))?, case_sensitive)))
            .collect()
    })?;
    Ok(Value::from(values))
}

fn dictsort(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let entries = pairs(&call.need("value")?)?;
    let case_sensitive = call.flag("case_sensitive", false);
    let by = call.text_or("by", "key");
    let reverse = call.flag("reverse", false);
    let at = match by.as_str() {
        "key" => 0,
        "value" => 1,
        _ => return Err(fail("'dictsort' sorts by 'key' or 'value'")),
    };
    let mut rows: Vec<Value> = entries
        .into_iter()
        .map(|(key, value)| Value::from(minijinja::value::Tuple::new(vec![key, value])))
        .collect();
    sort_by_keys(&mut rows, reverse, &|row| Ok(vec![folded(row.get_item_by_index(at)?, case_sensitive)]))?;
    Ok(Value::from(rows))
}

fn reverse(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    if let Some(text) = value.as_str() {
        return Ok(Value::from(text.chars().rev().collect::<String>()));
    }
    let mut values = items(&value)?;
    values.reverse();
    Ok(Value::from(values))
}

fn unique(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let values = list_items(&call.need("value")?)?;
    let case_sensitive = call.flag("case_sensitive", false);
    let attribute = call.next("attribute").filter(|path| !path.is_none());
    let mut seen: Vec<Value> = Vec::new();
    let mut quick = std::collections::HashSet::new();
    let mut out = Vec::new();
    for value in values {
        let key = attribute.as_ref().map_or(Ok(value.clone()), |path| attribute_path(&value, path))?;
        let key = folded(key, case_sensitive);
        let is_new = match key.as_str() {
            Some(text) => quick.insert(text.to_string()),
            None => {
                let mut found = false;
                for other in &seen {
                    found |= equal(other, &key)?;
                }
                if !found {
                    seen.push(key);
                }
                !found
            }
        };
        if is_new {
            out.push(value);
        }
    }
    Ok(Value::from(out))
}

fn extreme(call: &mut Call<'_, '_, '_>, wanted: Ordering) -> Result<Value, Error> {
    let values = items(&call.need("value")?)?;
    let case_sensitive = call.flag("case_sensitive", false);
    let attribute = call.next("attribute").filter(|path| !path.is_none());
    let mut best: Option<(Value, Value)> = None;
    for value in values {
        let key = attribute.as_ref().map_or(Ok(value.clone()), |path| attribute_path(&value, path))?;
        let key = folded(key, case_sensitive);
        let better = match &best {
            Some((top, _)) => order(&key, top, "<")? == wanted,
            None => true,
        };
        if better {
            best = Some((key, value));
        }
    }
    Ok(best.map_or_else(
        || missing::undefined("", "No aggregated item, sequence was empty."),
        |(_, value)| value,
    ))
}

fn groupby(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let mut values = items(&call.need("value")?)?;
    let path = call.need("attribute")?;
    let default = call.next("default");
    let case_sensitive = call.flag("case_sensitive", false);
    let key_of = |value: &Value| -> Result<Value, Error> {
        let key = attribute_path(value, &path)?;
        match (&default, key.is_undefined()) {
            (Some(default), true) => Ok(default.clone()),
            _ => Ok(key),
        }
    };
    sort_by_keys(&mut values, false, &|value| Ok(vec![folded(key_of(value)?, case_sensitive)]))?;
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for value in values {
        let key = key_of(&value)?;
        let same = match groups.last() {
            Some((last, _)) => {
                equal(&folded(last.clone(), case_sensitive), &folded(key.clone(), case_sensitive))?
            }
            None => false,
        };
        match groups.last_mut() {
            Some((_, group)) if same => group.push(value),
            _ => groups.push((key, vec![value])),
        }
    }
    Ok(groups
        .into_iter()
        .map(|(grouper, group)| Value::from_object(Group { grouper, list: Value::from(group) }))
        .collect())
}

/// A group of `groupby`: a pair whose halves have names too.
#[derive(Debug)]
struct Group {
    grouper: Value,
    list: Value,
}

/// Returns whether this is a group of `groupby`.
pub fn is_group(value: &Value) -> bool {
    value.downcast_object_ref::<Group>().is_some()
}

impl Object for Group {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match (key.as_str(), key.as_i64()) {
            (Some("grouper"), _) | (None, Some(0)) => Some(self.grouper.clone()),
            (Some("list"), _) | (None, Some(1)) => Some(self.list.clone()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(2)
    }
}

fn version_sort(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let mut values = items(&call.need("value")?)?;
    let reverse = call.flag("reverse", false);
    if let Some(wrong) = values.iter().find(|value| value.kind() != ValueKind::String) {
        return Err(fail(format!("'version_sort' takes texts, not {}", python::repr(wrong))));
    }
    values.sort_by(|a, b| {
        crate::version::loose(a.as_str().unwrap_or_default(), b.as_str().unwrap_or_default())
            .unwrap_or(Ordering::Equal)
    });
    if reverse {
        values.reverse();
    }
    Ok(Value::from(values))
}
