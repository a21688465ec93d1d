//! Files beside playbooks, whose words no plugin adds to.

use serde_json::{Value, json};

const NAME: &str = "^[A-Za-z_][A-Za-z0-9_]*$";
const TYPES: [&str; 12] =
    ["str", "list", "dict", "bool", "int", "float", "path", "raw", "jsonarg", "json", "bytes", "bits"];

/// Variables: defaults and vars of a role, `group_vars`, `vars_files`.
pub(super) fn variables() -> Value {
    json!({ "type": ["object", "null"], "propertyNames": { "pattern": NAME } })
}

/// An inventory in YAML: groups, or the settings of a plugin.
pub(super) fn inventory() -> Value {
    let no_list =
        |items: Value| json!({ "type": ["object", "null", "string"], "additionalProperties": items });
    json!({
        "type": ["object", "null"],
        "if": { "required": ["plugin"] },
        "then": { "properties": { "plugin": { "type": "string" } } },
        "else": { "additionalProperties": { "$ref": "#/$defs/group" } },
        "$defs": {
            "group": {
                "type": ["object", "null"],
                "properties": {
                    "hosts": no_list(variables()),
                    "vars": variables(),
                    "children": no_list(json!({ "$ref": "#/$defs/group" })),
                },
                "additionalProperties": false,
            },
        },
    })
}

/// `meta/argument_specs` of a role.
pub(super) fn argument_specs() -> Value {
    json!({
        "type": "object",
        "properties": { "argument_specs": { "$ref": "#/$defs/specs" } },
        "required": ["argument_specs"],
        "additionalProperties": false,
        "$defs": specs(),
    })
}

/// `meta/main` of a role.
pub(super) fn role_meta() -> Value {
    let role = json!({ "anyOf": [
        { "type": "string" },
        { "type": "object", "anyOf": [{ "required": ["role"] }, { "required": ["name"] }, { "required": ["src"] }] },
    ]});
    json!({
        "type": ["object", "null"],
        "properties": {
            "dependencies": { "type": ["array", "null"], "items": role, "description": "roles that are played before" },
            "allow_duplicates": { "type": ["boolean", "string"], "description": "whether it is played more than once" },
            "argument_specs": { "$ref": "#/$defs/specs" },
            "collections": { "type": ["array", "string"] },
            "galaxy_info": { "type": "object", "description": "what describes the role to others" },
            "standalone": { "type": "boolean" },
        },
        "additionalProperties": false,
        "$defs": specs(),
    })
}

fn specs() -> Value {
    let texts = json!({ "type": ["string", "array"] });
    let lists = json!({ "type": "array", "items": { "type": ["array", "string"] } });
    let mut option = json!({
        "description": texts, "type": { "enum": TYPES }, "elements": { "enum": TYPES },
        "required": { "type": "boolean" }, "default": {}, "choices": { "type": ["array", "object", "string"] },
        "aliases": { "type": "array", "items": { "type": "string" } }, "no_log": { "type": "boolean" },
        "options": { "$ref": "#/$defs/options" }, "apply_defaults": { "type": "boolean" }, "fallback": {},
        "version_added": {}, "deprecated": {}, "removed_in_version": {}, "removed_at_date": {},
        "removed_from_collection": {}, "deprecated_aliases": {},
    });
    let rules = json!({
        "mutually_exclusive": lists, "required_together": lists, "required_one_of": lists, "required_if": lists,
        "required_by": { "type": "object" },
    });
    let mut entry = json!({
        "short_description": { "type": "string" }, "description": texts, "version_added": {}, "author": texts,
        "deprecated": {}, "seealso": {}, "attributes": {}, "notes": texts, "examples": {},
        "options": { "$ref": "#/$defs/options" },
    });
    for words in [&mut option, &mut entry] {
        if let (Value::Object(words), Value::Object(rules)) = (words, rules.clone()) {
            words.extend(rules);
        }
    }
    json!({
        "specs": { "type": "object", "additionalProperties": { "$ref": "#/$defs/specs_entry" } },
        "specs_entry": { "type": ["object", "null"], "properties": entry, "additionalProperties": false },
        "options": {
            "type": ["object", "null"],
            "propertyNames": { "pattern": NAME },
            "additionalProperties": { "type": "object", "properties": option, "additionalProperties": false },
        },
    })
}

/// `requirements.yml`: roles, collections, or a list of roles alone.
pub(super) fn requirements() -> Value {
    let text = json!({ "type": ["string", "number"] });
    let entry = |words: &[&str], needed: &[&str]| {
        let properties: serde_json::Map<String, Value> =
            words.iter().map(|word| ((*word).to_owned(), text.clone())).collect();
        let any: Vec<Value> = needed.iter().map(|word| json!({ "required": [word] })).collect();
        json!({ "anyOf": [
            { "type": "string" },
            { "type": "object", "properties": properties, "additionalProperties": false, "anyOf": any },
        ]})
    };
    let role = entry(&["src", "name", "version", "scm", "include"], &["src", "name", "include"]);
    let mut collection = entry(&["name", "version", "source", "type"], &["name"]);
    collection["anyOf"][1]["properties"]["signatures"] = json!({ "type": "array" });
    json!({
        "type": ["array", "object"],
        "items": role,
        "properties": {
            "roles": { "type": "array", "items": role },
            "collections": { "type": "array", "items": collection },
        },
        "additionalProperties": false,
    })
}
