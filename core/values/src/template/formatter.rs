use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, Output, State, Value};

use super::python;
use crate::call::into_engine;
use crate::is_omit;
use crate::lazy::force_for_output;

/// What a template put out: the value survives when it is the only one.
#[derive(Default)]
pub struct Outputs {
    pub count: usize,
    pub last: Option<Value>,
}

/// A value that is put out inside of a block which takes its output as text.
#[derive(Debug)]
struct Quiet(Value);

impl Object for Quiet {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Marks a value as no output of the template itself; an undefined one stays what it is.
pub fn quiet(value: &Value) -> Value {
    if value.is_undefined() { value.clone() } else { Value::from_object(Quiet(value.clone())) }
}

/// Writes one value into a template's text: `none` writes nothing, the rest is Python's `str()`.
pub fn write(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if let Some(Quiet(value)) = value.downcast_object_ref::<Quiet>() {
        return write_text(out, value);
    }
    if value.is_none() {
        return Ok(());
    }
    let outputs = state.get_or_insert_extension(Outputs::default());
    outputs.count += 1;
    outputs.last = (outputs.count == 1).then(|| value.clone());
    write_text(out, value)
}

fn write_text(out: &mut Output<'_>, value: &Value) -> Result<(), Error> {
    if value.is_none() || value.is_undefined() {
        return Ok(());
    }
    if let Some(text) = value.as_str() {
        return Ok(out.write_str(text)?);
    }
    if is_omit(value) {
        return Err(crate::call::fail("'omit' has no text; it is only the value of a whole argument"));
    }
    let forced = force_for_output(value).map_err(into_engine)?;
    Ok(out.write_str(&python::text(&forced))?)
}
