//! The lookups: values from outside of the variables, or made from them; `with_<name>` uses them too.

mod environment;
pub mod files;
mod first_found;
mod interpolation;
mod lists;
mod password;
mod process;
mod sequence;
mod tables;
mod template;
mod variables;

use minijinja::{Error, Value};

use crate::call::{Call, fail};
use crate::lazy::force;
use crate::template::names::{self, Kind};
use crate::{Fault, Scope, TemplateError};

pub use password::random as random_text;

/// What a lookup is asked for.
pub struct Request<'a> {
    pub scope: &'a Scope,
    pub name: &'static str,
    pub terms: Vec<Value>,
    /// Where `with_first_found` looks before the folders themselves; `lookup('first_found')` does not.
    subfolder: Option<&'static str>,
    named: Vec<(String, Value)>,
}

/// The code of a lookup.
type Run = fn(&mut Request<'_>) -> Result<Vec<Value>, Error>;

/// One lookup.
pub struct Lookup {
    pub name: &'static str,
    run: Run,
}

const fn lookup(name: &'static str, run: Run) -> Lookup {
    Lookup { name, run }
}

fn all() -> impl Iterator<Item = &'static Lookup> {
    [
        environment::TABLE,
        files::TABLE,
        first_found::TABLE,
        lists::TABLE,
        password::TABLE,
        process::TABLE,
        sequence::TABLE,
        tables::TABLE,
        template::TABLE,
        variables::TABLE,
    ]
    .into_iter()
    .flatten()
}

/// Returns a lookup by its short name.
pub fn find(name: &str) -> Option<&'static Lookup> {
    all().find(|lookup| lookup.name == name)
}

/// Returns the short names of all lookups.
pub fn names() -> impl Iterator<Item = &'static str> {
    all().map(|lookup| lookup.name)
}

/// Returns whether there is a lookup, by its short or full name; so `with_<name>` is known.
pub fn known_lookup(name: &str) -> bool {
    find(names::short_name(name)).is_some()
}

/// Runs a lookup for `with_<name>` of a module, whose files are in a subfolder; terms are plain values.
pub fn run_loop_lookup(
    name: &str,
    terms: Vec<Value>,
    subfolder: &'static str,
    scope: &Scope,
) -> Result<Vec<Value>, TemplateError> {
    run(name, terms, Vec::new(), Some(subfolder), scope)
}

/// Runs a lookup; terms and arguments are plain values.
pub fn run_lookup(
    name: &str,
    terms: Vec<Value>,
    kwargs: Vec<(String, Value)>,
    scope: &Scope,
) -> Result<Vec<Value>, TemplateError> {
    run(name, terms, kwargs, None, scope)
}

fn run(
    name: &str,
    terms: Vec<Value>,
    named: Vec<(String, Value)>,
    subfolder: Option<&'static str>,
    scope: &Scope,
) -> Result<Vec<Value>, TemplateError> {
    let lookup = find(names::short_name(name)).ok_or_else(|| names::not_found(Kind::Lookup, name))?;
    let mut request = Request { scope, name: lookup.name, terms, subfolder, named };
    crate::outside::note_outside_look();
    let result = (lookup.run)(&mut request).and_then(|result| request.finish().map(|()| result));
    result.map_err(|error| refused(lookup.name, error.into()))
}

/// What went wrong is told in Ansible's words, with the lookup in front.
fn refused(lookup: &str, error: TemplateError) -> TemplateError {
    match error.fault {
        Fault::Failed if !error.message.starts_with("The lookup plugin '") => {
            let message = format!("The lookup plugin '{lookup}' failed: {}", error.message);
            TemplateError { message, ..error }
        }
        _ => error,
    }
}

/// `lookup(name, *terms, **arguments)` and `query(...)`, which always gives a list.
pub fn call(mut call: Call<'_, '_, '_>, always_list: bool) -> Result<Value, Error> {
    let scope = call.scope()?;
    let name = call.text("name")?;
    let forced = |value: Value| force(&value).map_err(crate::call::into_engine);
    let mut named = Vec::new();
    for (key, value) in call.all_named() {
        // Only a default may be undefined: `default=undef()`.
        if value.is_undefined() && key != "default" {
            return Ok(Value::UNDEFINED);
        }
        named.push((key, if value.is_undefined() { value } else { forced(value)? }));
    }
    let terms: Vec<Value> = call.rest();
    if terms.iter().any(Value::is_undefined) {
        return Ok(Value::UNDEFINED);
    }
    let terms = terms.into_iter().map(forced).collect::<Result<Vec<Value>, Error>>()?;
    call.finish()?;
    let mut take = |key: &str| named.iter().position(|(k, _)| k == key).map(|at| named.remove(at).1);
    let wants_list = take("wantlist").is_some_and(|flag| flag.is_true()) || always_list;
    let errors = take("errors").map_or_else(|| "strict".to_string(), |value| value.to_string());
    let result = match run_lookup(&name, terms, named, &scope) {
        Ok(result) => result,
        Err(error) if !matches!(errors.as_str(), "ignore" | "warn") || !can_be_ignored(&error) => {
            return Err(crate::call::into_engine(error));
        }
        // `warn` has nowhere to show a warning; the value is the same.
        Err(_) if wants_list => return Ok(Value::from(Vec::<Value>::new())),
        Err(_) => return Ok(Value::from(())),
    };
    Ok(if wants_list { Value::from(result) } else { joined(result) })
}

/// A mistake of the template's is none of the lookup's.
fn can_be_ignored(error: &TemplateError) -> bool {
    !error.is_undefined() && error.fault != Fault::UnknownName
}

/// One result is itself, texts are joined by commas, and other results stay a list.
fn joined(mut result: Vec<Value>) -> Value {
    if result.len() == 1 {
        return result.remove(0);
    }
    let texts: Option<Vec<&str>> = result.iter().map(Value::as_str).collect();
    match texts {
        Some(texts) if !texts.is_empty() => Value::from(texts.join(",")),
        _ => Value::from(result),
    }
}

impl Request<'_> {
    /// Returns an argument that is given by name.
    fn named(&mut self, name: &str) -> Option<Value> {
        let at = self.named.iter().position(|(key, _)| key == name)?;
        Some(self.named.remove(at).1).filter(|value| !value.is_none())
    }

    fn named_text(&mut self, name: &str) -> Option<String> {
        self.named(name).map(|value| crate::template::python::text(&value))
    }

    fn named_flag(&mut self, name: &str, default: bool) -> bool {
        self.named(name).map_or(default, |value| match value.as_str() {
            Some(text) => matches!(text.to_ascii_lowercase().as_str(), "yes" | "true" | "1" | "on"),
            None => value.is_true(),
        })
    }

    /// Returns the terms as texts.
    fn texts(&self) -> Vec<String> {
        self.terms.iter().map(crate::template::python::text).collect()
    }

    fn finish(&self) -> Result<(), Error> {
        match self.named.first() {
            Some((key, _)) => Err(fail(format!("the lookup '{}' has no argument '{key}'", self.name))),
            None => Ok(()),
        }
    }
}
