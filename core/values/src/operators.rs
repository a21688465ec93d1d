//! What the `__` filters do that rewriting puts in the place of operators, attributes and method calls.

mod access;
mod arithmetic;
mod compare;
mod product;
mod slice;

use minijinja::value::{Kwargs, Rest, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, Value};

use crate::call::{fail, into_engine};
use crate::methods;
use crate::scope_of;
use crate::template::{formatter, mutable, program::Dialect, python};

/// Adds the operators to the environment.
pub fn register(environment: &mut Environment<'static>) {
    environment.add_filter("__attr", access::attribute);
    environment.add_filter("__item", access::item);
    environment.add_filter("__slice", slice::slice);
    environment.add_filter("__call", call);
    environment.add_filter("__in", compare::contains);
    environment.add_filter("__eq", |a: &Value, b: &Value| compare::equal(a, b));
    environment.add_filter("__ne", |a: &Value, b: &Value| compare::equal(a, b).map(|equal| !equal));
    environment.add_filter("__lt", |a: &Value, b: &Value| compare::order(a, b, "<").map(|o| o.is_lt()));
    environment.add_filter("__lte", |a: &Value, b: &Value| compare::order(a, b, "<=").map(|o| o.is_le()));
    environment.add_filter("__gt", |a: &Value, b: &Value| compare::order(a, b, ">").map(|o| o.is_gt()));
    environment.add_filter("__gte", |a: &Value, b: &Value| compare::order(a, b, ">=").map(|o| o.is_ge()));
    environment.add_filter("__mod", arithmetic::remainder);
    environment.add_filter("__add", arithmetic::add);
    environment.add_filter("__sub", arithmetic::subtract);
    environment.add_filter("__mul", product::multiply);
    environment.add_filter("__div", product::divide);
    environment.add_filter("__floordiv", product::floor_divide);
    environment.add_filter("__pow", product::power);
    environment.add_filter("__concat", arithmetic::concat);
    environment.add_filter("__own", |value: &Value| mutable::own(value));
    environment.add_filter("__iter", iterable);
    environment.add_filter("__quiet", formatter::quiet);
    environment.add_filter("__render", render);
}

pub use access::{attribute, attribute_path, item};
pub use arithmetic::{add, number};
pub use compare::{contains as is_in, equal, order};
pub use slice::slice;

/// Returns an error when a value is undefined: operators need values.
pub fn defined(value: &Value) -> Result<(), Error> {
    if value.is_undefined() { Err(Error::from(ErrorKind::UndefinedError)) } else { Ok(()) }
}

fn call(
    state: &mut State<'_, '_>,
    receiver: &Value,
    method: &str,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    if receiver.is_undefined() {
        return Ok(Value::UNDEFINED);
    }
    methods::call(state, receiver, method, args.into_values())
}

/// A text is iterated letter by letter, as in Python.
fn iterable(value: &Value) -> Result<Value, Error> {
    defined(value)?;
    match value.kind() {
        ValueKind::String => Ok(Value::from(crate::call::items(value)?)),
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map | ValueKind::Plain => Ok(value.clone()),
        _ => Err(fail(format!("'{}' object is not iterable", python::type_name(value)))),
    }
}

/// Renders a template that stands in a string of a condition.
fn render(state: &mut State<'_, '_>, text: &str) -> Result<Value, Error> {
    let scope = scope_of(state)?;
    let source = switchover_syntax::Source::new("<condition>", text);
    let span = switchover_syntax::Span::new(&source, 0, text.len() as u32);
    let value = scope.evaluate(Dialect::Yaml, text, &span).map_err(|mut error| {
        // The string's own place is not known here; the caller has that of the condition.
        error.span = None;
        into_engine(error)
    })?;
    Ok(value)
}

/// Returns named arguments as the last argument of a call.
pub fn kwargs(named: Vec<(String, Value)>) -> Option<Value> {
    (!named.is_empty()).then(|| Value::from(Kwargs::from_iter(named)))
}
