//! The functions that templates can call: `lookup`, `query`, `now`, `range`, `dict`, `namespace`, `undef`...

mod now;
mod sequence;

use minijinja::value::{Kwargs, Rest, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, State, Value};

use crate::call::{Call, fail};
use crate::lookups;
use crate::template::missing;

/// The names of all functions; a variable of such a name hides the function.
pub const NAMES: [&str; 13] = [
    "lookup",
    "query",
    "q",
    "now",
    "undef",
    "range",
    "dict",
    "namespace",
    "debug",
    "joiner",
    "cycler",
    "lipsum",
    "finalize",
];

/// Adds the functions to the environment.
pub fn register(environment: &mut Environment<'static>) {
    environment.add_function("lookup", |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
        lookups::call(Call::new("lookup", state, args.into_values()), false)
    });
    for name in ["query", "q"] {
        environment.add_function(name, move |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
            lookups::call(Call::new(name, state, args.into_values()), true)
        });
    }
    environment.add_function("now", |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
        crate::outside::note_outside_look();
        let mut call = Call::new("now", state, args.into_values());
        let value = now::now(&mut call)?;
        call.finish().map(|()| value)
    });
    environment.add_function("undef", undef);
    environment.add_function("range", |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
        sequence::range(&mut Call::new("range", state, args.into_values()))
    });
    environment.add_function("dict", |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
        dict(Call::new("dict", state, args.into_values()))
    });
    environment.add_function("namespace", minijinja::functions::namespace);
    environment.add_function("joiner", |separator: Option<String>| sequence::joiner(separator));
    environment.add_function("cycler", |items: Rest<Value>| sequence::cycler(items.0));
    environment.add_function("lipsum", |_: Rest<Value>| -> Result<Value, Error> {
        Err(fail("'lipsum' is not supported: nobody wants made-up Latin in a configuration"))
    });
}

fn undef(hint: Option<Value>, named: Kwargs) -> Value {
    let hint = hint.or_else(|| named.get("hint").ok()).filter(|hint| !hint.is_none());
    let message = hint
        .map_or_else(|| "Mandatory variable has not been overridden".to_string(), |hint| hint.to_string());
    missing::undefined("", message)
}

fn dict(mut call: Call<'_, '_, '_>) -> Result<Value, Error> {
    let named = call.all_named();
    let mut entries: Vec<(Value, Value)> = Vec::new();
    if let Some(base) = call.next("") {
        match base.kind() {
            ValueKind::Map => entries.extend(crate::call::pairs(&base)?),
            _ => {
                for pair in crate::call::items(&base)? {
                    match crate::call::items(&pair)?.as_slice() {
                        [key, value] => entries.push((key.clone(), value.clone())),
                        _ => return Err(fail("'dict' takes a list of pairs")),
                    }
                }
            }
        }
    }
    entries.extend(named.into_iter().map(|(key, value)| (Value::from(key), value)));
    call.finish()?;
    Ok(Value::from_pairs(entries))
}
