use minijinja::{Error, Value};

use crate::call::{Call, fail};
use crate::convert::trusted;
use crate::names_table::{Entry, filter};
use crate::tags;
use crate::template::python;

/// Filters of Ansible's own collection `ansible._protomatter`, which its tests and a few playbooks use.
pub const TABLE: &[Entry] = &[
    filter("ansible._protomatter.finalize", finalize),
    filter("ansible._protomatter.unmask", finalize),
    filter("ansible._protomatter.apply_trust", apply_trust),
    filter("ansible._protomatter.dump_object", finalize),
    filter("ansible._protomatter.tag_names", tag_names).lazy(),
    filter("ansible._protomatter.python_literal_eval", literal),
    filter("ansible._protomatter.true_type", |call| Ok(Value::from(python::type_name(&call.need("value")?)))),
];

/// Arguments of filters are rendered through and through already.
fn finalize(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    call.next("types");
    Ok(value)
}

fn apply_trust(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    Ok(value.as_str().map(trusted).unwrap_or(value))
}

fn tag_names(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let tags = tags::of(&call.need("value")?);
    Ok(Value::from_iter(tags.into_iter().map(tags::Tag::name)))
}

/// Reads a literal of Python.
fn literal(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let lenient = call.flag("ignore_errors", false);
    let Some(text) = value.as_str() else { return Ok(value) };
    let nothing_known = minijinja::Environment::empty();
    let read = nothing_known.compile_expression_owned(text.to_owned());
    match read.and_then(|expression| expression.eval(())) {
        Ok(result) if !result.is_undefined() => Ok(result),
        _ if lenient => Ok(value),
        Ok(_) => Err(fail(format!("malformed node or string: {text}"))),
        Err(error) => Err(fail(format!("{text} is no literal: {error}"))),
    }
}
