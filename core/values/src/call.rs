//! The arguments of a filter, test or lookup, taken one by one under their names.

use minijinja::value::Kwargs;
use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, State, Value};

use crate::template::python;
use crate::template::root::Root;
use crate::{Scope, TemplateError};

/// A call of a filter, test or lookup.
pub struct Call<'a, 't, 'e> {
    pub state: &'a mut State<'t, 'e>,
    name: &'static str,
    positional: std::vec::IntoIter<Value>,
    named: Vec<(String, Value)>,
}

/// Returns the error of a filter, test or lookup that refuses its values.
pub fn fail(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

impl<'a, 't, 'e> Call<'a, 't, 'e> {
    /// Splits what minijinja passes into positional and named arguments.
    pub fn new(name: &'static str, state: &'a mut State<'t, 'e>, args: Vec<Value>) -> Self {
        let mut positional = args;
        let named = match positional.last().filter(|last| last.is_kwargs()) {
            Some(_) => named_of(positional.pop()),
            None => Vec::new(),
        };
        Self { state, name, positional: positional.into_iter(), named }
    }

    /// Returns the scope of the template that runs.
    pub fn scope(&self) -> Result<Scope, Error> {
        Root::scope(self.state).ok_or_else(|| fail("there are no variables here"))
    }

    /// Returns the next positional argument, or the named one.
    pub fn next(&mut self, name: &str) -> Option<Value> {
        self.positional.next().or_else(|| self.named(name))
    }

    /// Returns a named argument.
    pub fn named(&mut self, name: &str) -> Option<Value> {
        let index = self.named.iter().position(|(key, _)| key == name)?;
        Some(self.named.remove(index).1)
    }

    /// Returns all named arguments.
    pub fn all_named(&mut self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.named)
    }

    /// Returns the remaining positional arguments.
    pub fn rest(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.positional).collect()
    }

    /// Returns an argument that must be there.
    pub fn need(&mut self, name: &str) -> Result<Value, Error> {
        self.next(name).ok_or_else(|| fail(format!("'{}' needs the argument '{name}'", self.name)))
    }

    /// Returns an argument as text; numbers and booleans take their Python form.
    pub fn text(&mut self, name: &str) -> Result<String, Error> {
        self.need(name).map(|value| python::text(&value))
    }

    /// Returns an optional argument as text; `none` counts as not given.
    pub fn text_or(&mut self, name: &str, default: &str) -> String {
        self.maybe_text(name).unwrap_or_else(|| default.to_string())
    }

    /// Returns an optional argument as text; `none` counts as not given.
    pub fn maybe_text(&mut self, name: &str) -> Option<String> {
        self.next(name).filter(|value| !value.is_none()).map(|value| python::text(&value))
    }

    /// Returns an optional number; `none` counts as not given.
    pub fn int_or(&mut self, name: &str, default: i64) -> Result<i64, Error> {
        Ok(self.maybe_int(name)?.unwrap_or(default))
    }

    /// Returns an optional number; `none` counts as not given.
    pub fn maybe_int(&mut self, name: &str) -> Result<Option<i64>, Error> {
        let Some(value) = self.next(name).filter(|value| !value.is_none()) else { return Ok(None) };
        let number = match value.as_str() {
            Some(text) => text.trim().parse().ok(),
            None => i64::try_from(value.clone()).ok(),
        };
        let refused =
            || fail(format!("'{name}' of '{}' is a number, not {}", self.name, python::repr(&value)));
        number.map(Some).ok_or_else(refused)
    }

    /// Returns an optional flag.
    pub fn flag(&mut self, name: &str, default: bool) -> bool {
        self.next(name).map_or(default, |value| value.is_true())
    }

    /// Returns an optional flag that is only given by name.
    pub fn named_flag(&mut self, name: &str, default: bool) -> bool {
        self.named(name).map_or(default, |value| value.is_true())
    }

    /// Refuses arguments that nobody took.
    pub fn finish(mut self) -> Result<(), Error> {
        if let Some((name, _)) = self.named.first() {
            return Err(fail(format!("'{}' has no argument '{name}'", self.name)));
        }
        match self.positional.next() {
            Some(_) => Err(fail(format!("'{}' got more arguments than it takes", self.name))),
            None => Ok(()),
        }
    }
}

fn named_of(value: Option<Value>) -> Vec<(String, Value)> {
    let Some(kwargs) = value.and_then(|value| Kwargs::try_from(value).ok()) else { return Vec::new() };
    kwargs.args().map(|name| (name.to_string(), kwargs.peek::<Value>(name).unwrap_or_default())).collect()
}

/// Returns the items of a list, of a dictionary's keys or of a text's characters.
pub fn items(value: &Value) -> Result<Vec<Value>, Error> {
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map => value.try_iter()?.checked().collect(),
        ValueKind::String => {
            Ok(value.as_str().unwrap_or_default().chars().map(|c| Value::from(c.to_string())).collect())
        }
        _ => Err(fail(format!("'{}' object is not iterable", python::type_name(value)))),
    }
}

/// Returns the items of a list; a text is no list.
pub fn list_items(value: &Value) -> Result<Vec<Value>, Error> {
    match value.kind() {
        ValueKind::String => Err(fail("a list is needed here, not text")),
        _ => items(value),
    }
}

/// Returns keys and values of a dictionary.
pub fn pairs(value: &Value) -> Result<Vec<(Value, Value)>, Error> {
    if value.kind() != ValueKind::Map {
        return Err(fail(format!("a dictionary is needed here, not {}", python::type_name(value))));
    }
    let mut pairs = Vec::new();
    for key in value.try_iter()?.checked() {
        let key = key?;
        let item = value.get_item(&key)?;
        pairs.push((key, item));
    }
    Ok(pairs)
}

/// Turns an error of ours into minijinja's, so that it passes through a running template unchanged.
pub fn into_engine(error: TemplateError) -> Error {
    let kind = if error.is_undefined() { ErrorKind::UndefinedError } else { ErrorKind::InvalidOperation };
    Error::new(kind, error.message.clone()).with_source(error)
}

/// Returns the scope of the template that runs.
pub fn scope_of(state: &State<'_, '_>) -> Result<Scope, Error> {
    Root::scope(state).ok_or_else(|| fail("there are no variables here"))
}
