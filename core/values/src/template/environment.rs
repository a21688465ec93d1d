use std::sync::LazyLock;

use minijinja::value::{Rest, ValueOrKwargs};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value};

use super::{formatter, loader, names, printer};
use crate::call::{Call, into_engine};
use crate::names_table::{Accepts, Entry};
use crate::{Fault, TemplateError, filters, functions, lazy, operators, tests};

/// The process's only environment; it holds no variables.
static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(build);

/// Returns the environment of all templates.
pub fn environment() -> &'static Environment<'static> {
    &ENVIRONMENT
}

fn build() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_formatter(formatter::write);
    environment.set_syntax(printer::syntax());
    environment.set_recursion_limit(200);
    // Debug information looks all variables up again, which would render them twice at each level.
    environment.set_debug(false);
    environment.set_path_join_callback(loader::join);
    environment.set_loader(loader::load);
    for entry in filters::all() {
        add_filter(&mut environment, entry);
    }
    for entry in tests::all() {
        add_test(&mut environment, entry);
    }
    operators::register(&mut environment);
    functions::register(&mut environment);
    environment
}

fn add_filter(environment: &mut Environment<'static>, entry: &'static Entry) {
    let filter =
        move |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| invoke(entry, state, args.into_values());
    environment.add_filter(entry.name, filter);
    for name in names::qualified(entry) {
        environment.add_filter(name, filter);
    }
}

fn add_test(environment: &mut Environment<'static>, entry: &'static Entry) {
    let test =
        move |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| invoke(entry, state, args.into_values());
    environment.add_test(entry.name, test);
    for name in names::qualified(entry) {
        environment.add_test(name, test);
    }
}

/// Calls a filter or test by its table entry, as a template would.
pub fn invoke(
    entry: &'static Entry,
    state: &mut State<'_, '_>,
    mut args: Vec<Value>,
) -> Result<Value, Error> {
    match entry.accepts {
        Accepts::Anything => {}
        // A missing value goes through filters unchanged until something needs it: Ansible's rule.
        Accepts::Lazy | Accepts::Values if args.iter().any(Value::is_undefined) => {
            return match entry.is_test {
                true => Err(Error::from(minijinja::ErrorKind::UndefinedError)),
                false => Ok(Value::UNDEFINED),
            };
        }
        Accepts::Lazy => {}
        Accepts::Values => {
            for arg in args.iter_mut().filter(|arg| arg.as_object().is_some() && !arg.is_kwargs()) {
                *arg = lazy::force(arg).map_err(crate::call::into_engine)?;
            }
        }
    }
    let mut call = Call::new(entry.name, state, args);
    let value = (entry.run)(&mut call).and_then(|value| call.finish().map(|()| value));
    value.map_err(|error| refused(entry, error))
}

/// What a filter or a test makes of its values is told in Ansible's words, with the filter in front. What is not defined,
/// and what a part of it told already, stays as it is.
fn refused(entry: &Entry, error: Error) -> Error {
    let nested = super::run::nested(&error);
    let text = match nested {
        Some(nested) => nested.message.clone(),
        None => error.detail().unwrap_or_default().to_owned(),
    };
    let is_failure = match nested {
        Some(nested) => nested.fault == Fault::Failed,
        None => matches!(error.kind(), ErrorKind::InvalidOperation),
    };
    if !is_failure || text.is_empty() || text.starts_with("The ") && text.contains(" plugin '") {
        return error;
    }
    let kind = if entry.is_test { "test" } else { "filter" };
    let name = names::full(entry);
    let mut told = nested.cloned().unwrap_or_else(|| TemplateError::failed(""));
    told.message = format!("The {kind} plugin '{name}' failed: {text}");
    into_engine(told)
}
