use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Value};

use crate::call::{Call, fail};
use crate::names_table::{Entry, filter};
use crate::template::{missing, python};

/// Filters about values that may be missing, and about what a value is.
pub const TABLE: &[Entry] = &[
    filter("default", default).anything(),
    filter("d", default).anything(),
    filter("mandatory", mandatory).anything(),
    filter("ternary", ternary).anything(),
    filter("bool", boolean),
    filter("type_debug", type_debug).anything(),
    filter("string", string).lazy(),
    filter("safe", identity),
];

fn default(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let fallback = call.next("default_value").unwrap_or_else(|| Value::from(""));
    let also_false = call.flag("boolean", false);
    let missing = value.is_undefined() || (also_false && !value.is_true());
    Ok(if missing { fallback } else { value })
}

fn mandatory(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let message = call.maybe_text("msg");
    if !value.is_undefined() {
        return Ok(value);
    }
    match message {
        Some(message) => Err(fail(message)),
        None => {
            let reason = missing::reason("").map_or_else(|| "a value".to_string(), |error| error.message);
            Err(fail(match reason.strip_suffix(" is undefined") {
                Some(name) => format!("Mandatory variable {name} not defined."),
                None => format!("Mandatory variable not defined: {reason}"),
            }))
        }
    }
}

fn ternary(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let (yes, no, none) = (call.need("true_val")?, call.need("false_val")?, call.next("none_val"));
    // What is not taken may be undefined; what decides may not.
    if value.is_undefined() {
        return Ok(value);
    }
    Ok(match none {
        Some(none) if value.is_none() && !none.is_none() => none,
        _ if value.is_true() => yes,
        _ => no,
    })
}

/// Ansible's `bool`: some words are true, all else is false.
fn boolean(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    if value.kind() == ValueKind::Bool {
        return Ok(value);
    }
    let text = python::text(&value).to_lowercase();
    Ok(Value::from(matches!(text.as_str(), "yes" | "on" | "1" | "true" | "1.0")))
}

fn type_debug(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    Ok(Value::from(python::type_name(&value)))
}

fn string(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let value = crate::lazy::force_with_tuples(&value).map_err(crate::call::into_engine)?;
    Ok(Value::from(python::text(&value)))
}

fn identity(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    call.need("value")
}
