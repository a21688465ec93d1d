use minijinja::{Error, State, Value};

use crate::call::{Call, fail, items};
use crate::names_table::{Entry, filter};
use crate::operators::{attribute_path, defined, kwargs};
use crate::template::environment::invoke;
use crate::template::names::{self, Kind};

/// Filters that call a filter or test for each item.
pub const TABLE: &[Entry] = &[
    filter("map", map).lazy(),
    filter("select", |call| select(call, true)).lazy(),
    filter("reject", |call| select(call, false)).lazy(),
    filter("selectattr", |call| selectattr(call, true)).lazy(),
    filter("rejectattr", |call| selectattr(call, false)).lazy(),
];

/// Applies a filter by name, as a template would.
pub fn apply_filter(state: &mut State<'_, '_>, name: &str, args: Vec<Value>) -> Result<Value, Error> {
    let entry = names::filter(name).ok_or_else(|| unknown(Kind::Filter, name))?;
    invoke(entry, state, args)
}

/// Applies a test by name, as a template would.
pub fn apply_test(state: &mut State<'_, '_>, name: &str, args: Vec<Value>) -> Result<bool, Error> {
    let entry = names::test(name).ok_or_else(|| unknown(Kind::Test, name))?;
    invoke(entry, state, args).map(|value| value.is_true())
}

fn unknown(kind: Kind, name: &str) -> Error {
    let error = names::not_found(kind, name);
    let message = error.message.trim_start_matches("Syntax error in template: ");
    fail(format!("{message} {}", error.help.as_deref().unwrap_or_default()).trim_end().to_string())
}

fn map(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let values = items(&call.need("value")?)?;
    if let Some(path) = call.named("attribute") {
        let default = call.named("default");
        return values
            .iter()
            .map(|value| {
                let found = attribute_path(value, &path)?;
                match &default {
                    Some(default) if found.is_undefined() => Ok(default.clone()),
                    _ => Ok(found),
                }
            })
            .collect();
    }
    let name = call.text("filter")?;
    let mut args = call.rest();
    args.extend(kwargs(call.all_named()));
    values
        .into_iter()
        .map(|value| {
            let args = std::iter::once(value).chain(args.iter().cloned()).collect();
            apply_filter(call.state, &name, args)
        })
        .collect()
}

/// What decides about an item: a test with its arguments, or its truth.
struct Judge {
    test: Option<String>,
    args: Vec<Value>,
}

impl Judge {
    fn new(call: &mut Call<'_, '_, '_>) -> Result<Self, Error> {
        let test = call.next("test").map(|name| name.to_string());
        let mut args = call.rest();
        args.extend(kwargs(call.all_named()));
        Ok(Self { test, args })
    }

    fn accepts(&self, state: &mut State<'_, '_>, value: &Value) -> Result<bool, Error> {
        match &self.test {
            Some(test) => {
                let args = std::iter::once(value.clone()).chain(self.args.iter().cloned()).collect();
                apply_test(state, test, args)
            }
            None => {
                defined(value)?;
                Ok(value.is_true())
            }
        }
    }
}

fn select(call: &mut Call<'_, '_, '_>, keep: bool) -> Result<Value, Error> {
    let values = items(&call.need("value")?)?;
    let judge = Judge::new(call)?;
    let mut out = Vec::new();
    for value in values {
        if judge.accepts(call.state, &value)? == keep {
            out.push(value);
        }
    }
    Ok(Value::from(out))
}

fn selectattr(call: &mut Call<'_, '_, '_>, keep: bool) -> Result<Value, Error> {
    let values = items(&call.need("value")?)?;
    let path = call.need("attribute")?;
    let judge = Judge::new(call)?;
    let mut out = Vec::new();
    for value in values {
        let attribute = attribute_path(&value, &path)?;
        if judge.accepts(call.state, &attribute)? == keep {
            out.push(value);
        }
    }
    Ok(Value::from(out))
}
