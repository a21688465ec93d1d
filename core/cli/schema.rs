use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use switchover_model::{KEYWORDS, Place, Shape};
use switchover_plugin_host::Catalog;
use switchover_protocol::{ModuleSpec, ParamKind, ParamSpec};

use crate::exit;
use crate::plugins::PluginSource;

mod files;
mod nested;

/// What may stand wherever a value may be computed.
const TEMPLATE: &str = r"\{\{|\{%";

#[derive(Args, Debug)]
pub struct SchemaArgs {
    /// What the schema is for.
    #[arg(long, value_enum, default_value_t = Document::Playbook)]
    r#for: Document,
    #[command(flatten)]
    plugins: PluginSource,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Document {
    /// Plays.
    Playbook,
    /// Tasks or handlers, as in a role.
    Tasks,
    /// Variables: defaults and vars of a role, `group_vars`, `host_vars`.
    Vars,
    /// An inventory in YAML.
    Inventory,
    /// `meta/main.yml` of a role.
    RoleMeta,
    /// `meta/argument_specs.yml` of a role.
    ArgumentSpecs,
    /// `requirements.yml`.
    Requirements,
}

/// Prints a JSON Schema (draft 2020-12), for playbooks and tasks with the modules that are found.
pub fn run(arguments: &SchemaArgs) -> u8 {
    let schema = schema(&arguments.plugins.catalog(), arguments.r#for);
    println!("{}", serde_json::to_string_pretty(&schema).expect("a schema is made of JSON"));
    exit::OK
}

fn schema(catalog: &Catalog, document: Document) -> Value {
    let mut root = match document {
        Document::Playbook => {
            json!({ "type": "array", "items": { "$ref": "#/$defs/entry" }, "$defs": definitions(catalog) })
        }
        Document::Tasks => json!({ "$ref": "#/$defs/tasks", "$defs": definitions(catalog) }),
        Document::Vars => files::variables(),
        Document::Inventory => files::inventory(),
        Document::RoleMeta => files::role_meta(),
        Document::ArgumentSpecs => files::argument_specs(),
        Document::Requirements => files::requirements(),
    };
    root["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    root["title"] = "Switchover".into();
    root
}

fn definitions(catalog: &Catalog) -> Value {
    let mut modules = Map::new();
    let mut actions = Map::new();
    for module in catalog.modules() {
        let spec = &module.spec;
        modules.insert(spec.name.clone(), arguments(spec));
        for name in names(spec) {
            actions.insert(name, json!({ "$ref": format!("#/$defs/modules/{}", spec.name) }));
        }
    }
    for name in switchover_engine::action_names() {
        for name in nested::all_names(name) {
            let known = switchover_engine::action_arguments(&name);
            actions.insert(name, engine_action(known));
        }
    }
    actions.extend(nested::includes().chain(nested::meta()));
    let task = Place::TASK.or(Place::HANDLER).or(Place::INCLUDE);
    let mut in_task = keywords(task);
    let one_action = one_of(actions.keys().map(String::as_str).chain(["action", "local_action"]));
    in_task.extend(actions);
    let import = json!({ "type": "string" });
    json!({
        "template": { "type": "string", "pattern": TEMPLATE },
        "boolean": any_of(&[
            json!({ "type": "boolean" }),
            json!({ "enum": [0, 1] }),
            json!({ "type": "string", "pattern": r"^\s*([yY]([eE][sS])?|[nN][oO]?|[oO][nN]|[oO][fF][fF]|[tT]([rR][uU][eE])?|[fF]([aA][lL][sS][eE])?|[01](\.0)?)\s*$" }),
            json!({ "$ref": "#/$defs/template" }),
            json!({ "type": "null" }),
        ]),
        "entry": {
            "type": "object",
            "if": { "anyOf": [{ "required": ["import_playbook"] }, { "required": ["ansible.builtin.import_playbook"] }] },
            "then": object(with(keywords(Place::IMPORT_PLAYBOOK), "ansible.builtin.import_playbook", import), None),
            "else": { "$ref": "#/$defs/play" },
        },
        "play": object(keywords(Place::PLAY), Some("hosts")),
        "tasks": { "type": ["array", "null"], "items": { "$ref": "#/$defs/step" } },
        "step": {
            "type": "object",
            "if": { "required": ["block"] },
            "then": { "$ref": "#/$defs/block" },
            "else": { "$ref": "#/$defs/task" },
        },
        "block": object(keywords(Place::BLOCK), Some("block")),
        "task": with_loops(object(in_task, None), one_action),
        "module_defaults": nested::module_defaults(catalog),
        "modules": modules,
    })
}

fn with(mut words: Map<String, Value>, name: &str, value: Value) -> Map<String, Value> {
    words.insert(name.to_owned(), value);
    words
}

fn with_loops(mut task: Value, one_action: Value) -> Value {
    task["patternProperties"] =
        json!({ "^with_": { "description": "run once for each item that this lookup finds" } });
    task["oneOf"] = one_action;
    task
}

/// A task does one thing: two modules in it are as wrong as none.
fn one_of<'a>(actions: impl Iterator<Item = &'a str>) -> Value {
    actions.map(|name| json!({ "required": [name] })).collect()
}

fn object(properties: Map<String, Value>, required: Option<&str>) -> Value {
    let required: Vec<&str> = required.into_iter().collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// Returns the keywords that may stand here, each with its meaning.
fn keywords(place: Place) -> Map<String, Value> {
    let here = KEYWORDS.iter().filter(|keyword| place.is_in(keyword.places));
    here.map(|keyword| {
        let mut value = nested::keyword(keyword.name).unwrap_or_else(|| shape(keyword.shape));
        value["description"] = keyword.doc.into();
        (keyword.name.to_owned(), value)
    })
    .collect()
}

fn shape(shape: Shape) -> Value {
    let scalar = json!(["string", "number", "boolean", "null"]);
    let or_template =
        |value: Value| any_of(&[value, json!({ "$ref": "#/$defs/template" }), json!({ "type": "null" })]);
    match shape {
        Shape::Any => json!({}),
        Shape::Bool => json!({ "$ref": "#/$defs/boolean" }),
        Shape::Number => any_of(&[
            json!({ "type": ["number", "null"] }),
            json!({ "type": "string", "pattern": format!(r"^\s*-?[0-9.]+%?\s*$|{TEMPLATE}") }),
        ]),
        Shape::Text => json!({ "type": scalar }),
        Shape::Texts | Shape::Tags | Shape::Conditions => {
            any_of(&[json!({ "type": scalar }), json!({ "type": "array", "items": { "type": scalar } })])
        }
        Shape::List => or_template(json!({ "type": "array" })),
        Shape::Mapping => or_template(json!({ "type": "object" })),
        Shape::Mappings => or_template(json!({ "type": ["object", "array"] })),
        Shape::Tasks => json!({ "$ref": "#/$defs/tasks" }),
        Shape::Variable => json!({ "type": "string" }),
    }
}

/// Returns every name that means the module in a playbook.
fn names(spec: &ModuleSpec) -> Vec<String> {
    let own = std::iter::once(&spec.name).chain(&spec.aliases).cloned();
    let legacy = spec.name.strip_prefix("ansible.builtin.").map(|short| format!("ansible.legacy.{short}"));
    own.chain(legacy).collect()
}

/// An action of the engine: text, or the arguments that it knows.
fn engine_action(known: Option<&[&str]>) -> Value {
    let Some(known) = known else { return json!({ "type": ["object", "string", "null"] }) };
    let properties: Map<String, Value> = known.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
    json!({ "type": ["object", "string", "null"], "properties": properties, "additionalProperties": false })
}

/// Returns the arguments of a module. Text is `key=value`, free form, or a template.
fn arguments(spec: &ModuleSpec) -> Value {
    let mut properties = Map::new();
    for spec in &spec.params {
        for name in std::iter::once(&spec.name).chain(&spec.aliases) {
            properties.insert(name.clone(), parameter(spec, name));
        }
    }
    let params = if may_be_given_elsewhere(spec) { &[][..] } else { &spec.params[..] };
    let mut rules: Vec<Value> = params.iter().filter(|param| param.required).map(given).collect();
    let sets = if may_be_given_elsewhere(spec) { &[][..] } else { &spec.required_one_of[..] };
    rules.extend(sets.iter().map(|names| {
        let params: Vec<Value> =
            spec.params.iter().filter(|param| names.contains(&param.name)).map(given).collect();
        json!({ "anyOf": params })
    }));
    let mut value = json!({
        "type": ["object", "string", "null"],
        "description": spec.summary,
        "properties": properties,
        "additionalProperties": false,
    });
    // Rules hold for arguments that are a mapping; text is judged before a run.
    if !rules.is_empty() {
        value["if"] = json!({ "type": "object" });
        value["then"] = json!({ "allOf": rules });
    }
    value
}

/// Modules of a product's family take what they share from `module_defaults` of the play (`group/FAMILY`), which no
/// task file shows: what is missing there is told before a run.
fn may_be_given_elsewhere(spec: &ModuleSpec) -> bool {
    spec.name.split_once('.').is_some_and(|(family, _)| !matches!(family, "ansible" | "community"))
}

/// Says that a parameter must be there, under any of its names.
fn given(param: &ParamSpec) -> Value {
    let names = std::iter::once(&param.name).chain(&param.aliases);
    let any: Vec<Value> = names.map(|name| json!({ "required": [name] })).collect();
    if any.len() == 1 { any[0].clone() } else { json!({ "anyOf": any }) }
}

fn parameter(param: &ParamSpec, name: &str) -> Value {
    let mut value = kind(&param.kind, param);
    let mut words = vec![param.doc.clone()];
    words.extend(param.deprecated.as_ref().map(|instead| format!("Deprecated: {instead}.")));
    words.extend(param.refused.as_ref().map(|reason| format!("Refused: {reason}.")));
    value["description"] = words.join(" ").into();
    if let Some(default) = &param.default {
        value["default"] = default.clone();
    }
    if param.deprecated.is_some() || param.old_names.iter().any(|old| old == name) {
        value["deprecated"] = true.into();
    }
    if param.secret {
        value["writeOnly"] = true.into();
    }
    value
}

fn kind(kind: &ParamKind, param: &ParamSpec) -> Value {
    let number = |word: &str, pattern: &str| {
        let mut number = json!({ "type": word });
        for (key, limit) in [("minimum", param.min), ("maximum", param.max)] {
            if let Some(limit) = limit {
                number[key] = limit.into();
            }
        }
        let text = json!({ "type": "string", "pattern": format!("{pattern}|{TEMPLATE}") });
        any_of(&[number, text, json!({ "type": ["boolean", "null"] })])
    };
    match kind {
        _ if !param.choices.is_empty() && !matches!(kind, ParamKind::List(_)) => choices(param),
        // Everything has a text.
        ParamKind::Str | ParamKind::Path | ParamKind::Raw => json!({}),
        ParamKind::Bool => json!({ "$ref": "#/$defs/boolean" }),
        ParamKind::Int => number("integer", r"^\s*[-+]?[0-9_]+(\.0*)?\s*$"),
        ParamKind::Float => number("number", r"^\s*[-+]?[0-9_.eE+-]+\s*$"),
        ParamKind::List(of) => {
            let items = self::kind(of, param);
            any_of(&[
                json!({ "type": "array", "items": items }),
                json!({ "type": ["string", "number", "boolean", "null"] }),
            ])
        }
        ParamKind::Dict => json!({ "type": ["object", "string", "null"] }),
    }
}

/// YAML turns words such as `yes` into booleans, and a number is its text.
fn choices(param: &ParamSpec) -> Value {
    let mut words: Vec<Value> = param.choices.iter().map(|word| word.as_str().into()).collect();
    for word in &param.choices {
        match word.to_lowercase().as_str() {
            "yes" | "true" | "on" => words.push(true.into()),
            "no" | "false" | "off" => words.push(false.into()),
            number => words.extend(number.parse::<i64>().ok().map(Value::from)),
        }
    }
    words.dedup();
    any_of(&[json!({ "enum": words }), json!({ "$ref": "#/$defs/template" }), json!({ "type": "null" })])
}

fn any_of(choices: &[Value]) -> Value {
    json!({ "anyOf": choices })
}
