use serde_json::{Map, Value, json};
use switchover_model::{LOOP_CONTROLS, META_ACTIONS, include_arguments};
use switchover_plugin_host::Catalog;

use super::{any_of, names, object};

/// What an include or import of tasks or a role is called.
const INCLUDES: [&str; 4] = ["import_role", "import_tasks", "include_role", "include_tasks"];

/// Returns what is known of the inside of a keyword's value, beyond its shape.
pub(super) fn keyword(name: &str) -> Option<Value> {
    match name {
        "roles" => Some(roles()),
        "module_defaults" => Some(json!({ "$ref": "#/$defs/module_defaults" })),
        "loop_control" => Some(or_template(closed(&LOOP_CONTROLS))),
        "effect" => Some(effect()),
        "serial" => Some(serial()),
        _ => None,
    }
}

/// Returns the actions that include or import, by every name that they have.
pub(super) fn includes() -> impl Iterator<Item = (String, Value)> {
    INCLUDES.into_iter().flat_map(|word| {
        let mut value = closed(include_arguments(word));
        value["type"] = json!(["object", "string"]);
        all_names(word).map(move |name| (name, value.clone()))
    })
}

/// Returns `meta`, by every name that it has.
pub(super) fn meta() -> impl Iterator<Item = (String, Value)> {
    let words = any_of(&[json!({ "enum": META_ACTIONS }), json!({ "$ref": "#/$defs/template" })]);
    all_names("meta").map(move |name| (name, words.clone()))
}

/// Returns the names by which the engine knows one of its own words.
pub(super) fn all_names(word: &'static str) -> impl Iterator<Item = String> {
    ["", "ansible.builtin.", "ansible.legacy."].into_iter().map(move |before| format!("{before}{word}"))
}

/// Defaults for modules: each argument is known, and none is required.
pub(super) fn module_defaults(catalog: &Catalog) -> Value {
    let mut modules = Map::new();
    for spec in catalog.modules().iter().map(|module| &module.spec) {
        let known: Vec<&String> =
            spec.params.iter().flat_map(|param| std::iter::once(&param.name).chain(&param.aliases)).collect();
        let defaults = or_template(json!({ "type": "object", "propertyNames": { "enum": known } }));
        modules.extend(names(spec).into_iter().map(|name| (name, defaults.clone())));
    }
    let all = json!({ "type": "object", "properties": modules });
    any_of(&[all.clone(), json!({ "type": "array", "items": all }), json!({ "type": "null" })])
}

fn roles() -> Value {
    let named = json!({
        "type": "object",
        "anyOf": [{ "required": ["role"] }, { "required": ["name"] }],
    });
    let role = any_of(&[json!({ "type": "string" }), named]);
    or_template(json!({ "type": "array", "items": role }))
}

fn effect() -> Value {
    let word = json!({ "type": "string", "pattern": r"^\s*(reads|changes|destroys:.*\S.*)\s*$" });
    let lost = json!({ "type": "string", "minLength": 1 });
    let loss = object([("destroys".to_owned(), lost)].into_iter().collect(), Some("destroys"));
    any_of(&[word, loss, template()])
}

/// A number, a share of the hosts, or several of them in turn.
fn serial() -> Value {
    let one = json!({ "type": ["integer", "string", "null"] });
    any_of(&[one.clone(), json!({ "type": "array", "items": one })])
}

fn closed(known: &[&str]) -> Value {
    object(known.iter().map(|name| ((*name).to_owned(), json!({}))).collect(), None)
}

fn or_template(value: Value) -> Value {
    any_of(&[value, json!({ "type": "null" }), template()])
}

fn template() -> Value {
    json!({ "$ref": "#/$defs/template" })
}
