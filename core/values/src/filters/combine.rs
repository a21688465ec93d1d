use indexmap::IndexMap;
use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use crate::call::{Call, fail, items, pairs};
use crate::names_table::{Entry, filter};
use crate::operators::equal;
use crate::template::python;

/// The filter `combine`.
pub const TABLE: &[Entry] = &[filter("combine", combine)];

/// How `combine` joins two lists under the same key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lists {
    Replace,
    Keep,
    Append,
    Prepend,
    AppendNew,
    PrependNew,
}

impl Lists {
    fn named(name: &str) -> Result<Self, Error> {
        Ok(match name {
            "replace" => Self::Replace,
            "keep" => Self::Keep,
            "append" => Self::Append,
            "prepend" => Self::Prepend,
            "append_rp" => Self::AppendNew,
            "prepend_rp" => Self::PrependNew,
            _ => {
                return Err(fail(
                    "merge_hash: 'list_merge' argument can only be equal to 'replace', 'keep', 'append', 'prepend', 'append_rp' or 'prepend_rp'",
                ));
            }
        })
    }
}

fn combine(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let recursive = call.named_flag("recursive", false);
    let lists =
        Lists::named(&call.named("list_merge").map_or("replace".to_string(), |name| name.to_string()))?;
    if !call.all_named().is_empty() {
        return Err(fail("'recursive' and 'list_merge' are the only valid keyword arguments"));
    }
    let mut dictionaries = Vec::new();
    for argument in call.rest() {
        gather(&mut dictionaries, &argument)?;
    }
    // What stands alone is not looked at, as in Ansible.
    if let [only] = dictionaries.as_slice() {
        return Ok(only.clone());
    }
    let mut result: Option<Value> = None;
    for dictionary in dictionaries {
        result = Some(match result {
            Some(base) => merge(&base, &dictionary, recursive, lists)?,
            None => dictionary,
        });
    }
    Ok(result.unwrap_or_else(|| Value::from_pairs(Vec::<(Value, Value)>::new())))
}

/// Merges dictionaries at all depths, the weakest first; lists replace each other.
pub fn merge_all(dictionaries: Vec<Value>) -> Result<Value, Error> {
    let mut dictionaries = dictionaries.into_iter();
    let first = dictionaries.next().unwrap_or_default();
    dictionaries.try_fold(first, |base, over| merge(&base, &over, true, Lists::Replace))
}

/// A list of dictionaries counts as the dictionaries in it; nothing is passed over.
fn gather(out: &mut Vec<Value>, argument: &Value) -> Result<(), Error> {
    let all = match argument.kind() {
        ValueKind::Seq | ValueKind::Iterable => items(argument)?,
        _ => vec![argument.clone()],
    };
    out.extend(all.into_iter().filter(|item| !item.is_none()));
    Ok(())
}

fn merge(base: &Value, over: &Value, recursive: bool, lists: Lists) -> Result<Value, Error> {
    if base.kind() != ValueKind::Map || over.kind() != ValueKind::Map {
        let (base, over) = (python::type_name(base), python::type_name(over));
        let message =
            format!("failed to combine variables, expected dicts but got a '{base}' and a '{over}'.");
        return Err(fail(message));
    }
    let mut out: IndexMap<Value, Value> = pairs(base)?.into_iter().collect();
    for (key, value) in pairs(over)? {
        let merged = match out.get(&key) {
            Some(old) if recursive && old.kind() == ValueKind::Map && value.kind() == ValueKind::Map => {
                merge(old, &value, recursive, lists)?
            }
            Some(old) if old.kind() == ValueKind::Seq && value.kind() == ValueKind::Seq => {
                join(old, &value, lists)?
            }
            _ => value,
        };
        out.insert(key, merged);
    }
    Ok(Value::from_pairs(out))
}

fn join(old: &Value, new: &Value, lists: Lists) -> Result<Value, Error> {
    let (a, b) = (items(old)?, items(new)?);
    let without = |list: &[Value], other: &[Value]| -> Result<Vec<Value>, Error> {
        let mut out = Vec::new();
        for value in list {
            let mut found = false;
            for candidate in other {
                found |= equal(value, candidate)?;
            }
            if !found {
                out.push(value.clone());
            }
        }
        Ok(out)
    };
    Ok(Value::from(match lists {
        Lists::Replace => b,
        Lists::Keep => a,
        Lists::Append => [a, b].concat(),
        Lists::Prepend => [b, a].concat(),
        Lists::AppendNew => [without(&a, &b)?, b].concat(),
        Lists::PrependNew => [b.clone(), without(&a, &b)?].concat(),
    }))
}
