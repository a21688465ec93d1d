use serde::{Deserialize, Serialize};

use crate::{Map, Value};

/// Everything that one plugin library offers, as `describe` answers it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PluginSpec {
    /// The crate's or library's name.
    pub name: String,
    pub version: String,
    pub modules: Vec<ModuleSpec>,
    /// Modules that playbooks name and this plugin knows only to say why they are not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedModules>,
}

/// Modules that are not supported, and the way around them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedModules {
    /// As playbooks write them; `*` at the end stands for any letters.
    pub names: Vec<String>,
    pub why: String,
    /// What to write instead.
    pub instead: String,
}

impl RefusedModules {
    /// Returns whether a name is one of these; `ansible.builtin.` and `ansible.legacy.` before it do not matter.
    pub fn includes(&self, name: &str) -> bool {
        let short = name
            .strip_prefix("ansible.builtin.")
            .or_else(|| name.strip_prefix("ansible.legacy."))
            .unwrap_or(name);
        self.names.iter().any(|known| match known.strip_suffix('*') {
            Some(start) => short.starts_with(start),
            None => short == known,
        })
    }
}

/// A module as its author declared it: the one source of parsing, messages, documentation and schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModuleSpec {
    /// The full name, such as `ansible.builtin.copy` or `alation.conf`.
    pub name: String,
    /// Other names it answers to, such as `copy`.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// One sentence.
    pub summary: String,
    #[serde(default)]
    pub description: String,
    pub effect: Effect,
    /// It works for long: its output is shown live.
    #[serde(default)]
    pub long: bool,
    /// `apply` makes exactly one call to the host, an `Exec`, and fails exactly when its exit code is not 0; `check`
    /// asks nothing of the host unless arguments such as `creates` make it. Such steps may be sent ahead.
    #[serde(default)]
    pub one_exec: bool,
    /// Takes the text after its name as one argument (`command: ls -l`).
    #[serde(default)]
    pub free_form: bool,
    pub params: Vec<ParamSpec>,
    /// Sets of parameters of which at most one may be given.
    #[serde(default)]
    pub mutually_exclusive: Vec<Vec<String>>,
    /// Sets of parameters of which at least one must be given.
    #[serde(default)]
    pub required_one_of: Vec<Vec<String>>,
    /// Sets of parameters that go together.
    #[serde(default)]
    pub required_together: Vec<Vec<String>>,
    /// Parameters that others make necessary.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Requires>,
    /// What is said when a required parameter is missing, where Ansible has words of its own for this module.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// Values of parameters with which the module destroys, whatever it does with others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub destroys_when: Vec<DestroysWhen>,
    #[serde(default)]
    pub examples: Vec<Example>,
    #[serde(default)]
    pub returns: Vec<ReturnSpec>,
}

/// A parameter that makes others necessary when it is given, or only when it has one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requires {
    pub param: String,
    /// The value as text (`present`, `true`, `3`); without one any value counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
    /// All of these must be given then.
    pub params: Vec<String>,
}

/// A value of a parameter with which a module loses something that cannot be had back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestroysWhen {
    pub param: String,
    /// The value as text (`absent`, `true`).
    pub is: String,
    /// What is lost, in words.
    pub what: String,
}

impl ModuleSpec {
    /// Returns what the module may do with these arguments, which are converted and have their defaults.
    pub fn effect_with(&self, params: &Map) -> Effect {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let is = |when: &&DestroysWhen| params.get(&when.param).map(text).as_ref() == Some(&when.is);
        let destroys = self.destroys_when.iter().find(is);
        destroys.map_or_else(|| self.effect.clone(), |when| Effect::Destroys { what: when.what.clone() })
    }
}

/// What a module may do to a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Changes nothing. Its `apply` runs in check mode too.
    Reads,
    Changes,
    /// Loses something that cannot be had back; it runs only behind an approval.
    Destroys {
        /// What is lost, in words.
        what: String,
    },
}

/// One parameter of a module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParamSpec {
    pub name: String,
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What it means, in a sentence.
    pub doc: String,
    pub kind: ParamKind,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub default: Option<Value>,
    /// The only values allowed; empty when free.
    #[serde(default)]
    pub choices: Vec<String>,
    /// The smallest and the largest number allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Its value is masked everywhere.
    #[serde(default)]
    pub secret: bool,
    /// What to use instead: it still works, and whoever writes it is warned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// Those of its aliases that are names of the past: they still work, and whoever writes one is warned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub old_names: Vec<String>,
    /// Why no other value than the default is taken: Ansible knows the parameter and this module does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

impl ModuleSpec {
    /// Returns a module that only reads and says nothing else of itself.
    pub fn new(name: impl Into<String>, params: Vec<ParamSpec>) -> Self {
        Self {
            name: name.into(),
            aliases: Vec::new(),
            summary: String::new(),
            description: String::new(),
            effect: Effect::Reads,
            long: false,
            one_exec: false,
            free_form: false,
            params,
            mutually_exclusive: Vec::new(),
            required_one_of: Vec::new(),
            required_together: Vec::new(),
            requires: Vec::new(),
            missing: None,
            destroys_when: Vec::new(),
            examples: Vec::new(),
            returns: Vec::new(),
        }
    }
}

impl ParamSpec {
    /// Returns a parameter that may be left out and takes any value of its kind.
    pub fn new(name: impl Into<String>, kind: ParamKind) -> Self {
        Self {
            name: name.into(),
            aliases: Vec::new(),
            doc: String::new(),
            kind,
            required: false,
            default: None,
            choices: Vec::new(),
            min: None,
            max: None,
            secret: false,
            deprecated: None,
            old_names: Vec::new(),
            refused: None,
        }
    }
}

/// The type of a parameter, in Ansible's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParamKind {
    Str,
    Bool,
    Int,
    Float,
    /// A path on the host.
    Path,
    List(Box<ParamKind>),
    Dict,
    /// Anything.
    Raw,
}

/// A task that shows how the module is used; examples are run as tests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    pub title: String,
    /// A YAML task.
    pub yaml: String,
}

/// One key of a module's result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReturnSpec {
    pub name: String,
    pub doc: String,
}
