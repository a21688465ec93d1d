//! The methods of Python's strings, lists and dictionaries that templates call.

pub mod datetime;
mod dictionary;
mod format;
mod list;
pub mod percent;
mod text;

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, State, Value};

use crate::call::{Call, fail, into_engine};
use crate::lazy::{LazyList, LazyMap, force};
use crate::operators::kwargs;
use crate::template::{missing, mutable, python};

pub use text::{call as text_method, capitalized};

/// Calls a method; one that Python's type does not have is undefined, as any attribute.
pub fn call(
    state: &mut State<'_, '_>,
    receiver: &Value,
    method: &str,
    args: Vec<Value>,
) -> Result<Value, Error> {
    if args.iter().any(Value::is_undefined) {
        return Ok(Value::UNDEFINED);
    }
    let receiver = plain(receiver, method)?;
    let mut call = Call::new("method", state, args);
    let result = match receiver.kind() {
        ValueKind::String | ValueKind::Bytes => text::call(&receiver, method, &mut call),
        ValueKind::Map => dictionary::call(&receiver, method, &mut call),
        ValueKind::Seq | ValueKind::Iterable => list::call(&receiver, method, &mut call),
        _ => datetime::call(&receiver, method, &mut call),
    }?;
    if let Some(value) = result {
        call.finish()?;
        return Ok(value);
    }
    own_method(call, &receiver, method)
}

/// Lazy containers are rendered before a method sees them, but not where it only needs keys.
fn plain(receiver: &Value, method: &str) -> Result<Value, Error> {
    let lazy_map = receiver.downcast_object_ref::<LazyMap>().is_some();
    let lazy_list = receiver.downcast_object_ref::<LazyList>().is_some();
    if (lazy_map && !matches!(method, "get" | "keys" | "items")) || lazy_list {
        return force(receiver).map_err(into_engine);
    }
    Ok(receiver.clone())
}

/// Macros of an imported template, cyclers and the like bring their own methods.
fn own_method(mut call: Call<'_, '_, '_>, receiver: &Value, method: &str) -> Result<Value, Error> {
    let mut args = call.rest();
    args.extend(kwargs(call.all_named()));
    let known = receiver.as_object().is_some();
    let result = match known {
        true => receiver.call_method(call.state, method, &args),
        false => Err(Error::from(ErrorKind::UnknownMethod)),
    };
    match result {
        Err(error) if error.kind() == ErrorKind::UnknownMethod => {
            let kind = python::type_name(receiver);
            Ok(missing::undefined("", format!("object of type '{kind}' has no method '{method}'")))
        }
        other => other,
    }
}

/// Returns the error of a method that needs an object that can be changed.
fn not_changeable(method: &str, instead: &str) -> Error {
    fail(format!("'{method}' cannot change this value")).with_source(
        crate::TemplateError::failed(format!(
            "'.{method}()' cannot change a value that a filter or lookup returned"
        ))
        .help(instead.to_string()),
    )
}

/// Returns the changeable list behind a value.
fn changeable_list<'a>(value: &'a Value, method: &str) -> Result<&'a mutable::List, Error> {
    value.downcast_object_ref::<mutable::List>().ok_or_else(|| {
        not_changeable(method, "write `list + [item]`, or `set` the value to a variable first")
    })
}

/// Returns the changeable dictionary behind a value.
fn changeable_dictionary<'a>(value: &'a Value, method: &str) -> Result<&'a mutable::Dictionary, Error> {
    value.downcast_object_ref::<mutable::Dictionary>().ok_or_else(|| {
        not_changeable(method, "write `dict | combine({...})`, or `set` the value to a variable first")
    })
}
