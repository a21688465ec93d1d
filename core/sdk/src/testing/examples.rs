use switchover_protocol::{Map, Value};

use crate::{Module, Params as _};

/// Checks that each example of a module is a task that the module would take: YAML, under the module's name, with
/// arguments that it knows and can read. Templates (`{{ x }}`) stand for text.
///
/// # Panics
/// When an example is none; when there is none at all, or no summary, or a parameter without a sentence.
pub fn examples<M: Module>() {
    let spec = M::SPEC.full::<M::Params>();
    assert!(!spec.summary.is_empty(), "{} has no summary", spec.name);
    assert!(!spec.examples.is_empty(), "{} has no example", spec.name);
    for param in &spec.params {
        assert!(!param.doc.is_empty(), "{} says nothing of `{}`", spec.name, param.name);
    }
    for example in &spec.examples {
        let task: Map = serde_yaml::from_str(&example.yaml)
            .unwrap_or_else(|error| panic!("{}, {}: {error}", spec.name, example.title));
        let arguments = task
            .iter()
            .find(|(key, _)| **key == spec.name || spec.aliases.contains(key))
            .map(|(_, value)| value)
            .unwrap_or_else(|| panic!("{}, {}: not a task of this module", spec.name, example.title));
        let arguments = match arguments {
            Value::Object(map) => map.clone(),
            Value::Null => Map::new(),
            text => Map::from_iter([("_raw_params".to_owned(), text.clone())]),
        };
        for name in arguments.keys() {
            let known = spec.params.iter().any(|param| param.name == *name || param.aliases.contains(name));
            assert!(known, "{}, {}: no argument `{name}`", spec.name, example.title);
        }
        if let Err(error) = M::Params::parse(&arguments) {
            panic!("{}, {}: {error}", spec.name, example.title);
        }
    }
}
