//! Holds a plugin's description against the rules that a name, a parameter and a default must keep.

use std::collections::HashSet;

use switchover_protocol::{ModuleSpec, ParamSpec, PluginSpec};

use crate::arguments::{accepts_choice, accepts_default};

mod texts;

/// The longest name that a table can show.
const LONGEST: usize = 128;

/// What is wrong with a description.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecFault {
    #[error("{name:?} is no name for a plugin: it needs letters, digits and . _ - +, at most {LONGEST}")]
    PluginName { name: String },
    #[error("{version:?} is no version: it needs letters, digits and . _ - +, at most {LONGEST}")]
    Version { version: String },
    #[error("{place} holds {text:?}, with control characters, which would reach the terminal")]
    Control { place: String, text: String },
    #[error("the choice {choice:?} of parameter {name} of module {module} is not of its kind")]
    Choice { module: String, name: String, choice: String },
    #[error("parameter {name} of module {module} has a min above its max")]
    NoNumberFits { module: String, name: String },
    #[error("it offers no module")]
    NoModules,
    #[error(
        "{name:?} is no name for a module: it needs lowercase words with dots between, such as example.motd"
    )]
    ModuleName { name: String },
    #[error("{alias:?} is no other name for module {module}")]
    Alias { module: String, alias: String },
    #[error("it offers module {name} twice")]
    ModuleTwice { name: String },
    #[error("module {module} has no summary")]
    NoSummary { module: String },
    #[error("{name:?} is no name for a parameter of module {module}")]
    ParamName { module: String, name: String },
    #[error("module {module} declares parameter {name} twice")]
    ParamTwice { module: String, name: String },
    #[error("module {module} has a rule about parameter {name}, which it does not declare")]
    UnknownParam { module: String, name: String },
    #[error("the default of parameter {name} of module {module} is not one of its own values")]
    Default { module: String, name: String },
    #[error("parameter {name} of module {module} is required and has a default: it cannot be both")]
    RequiredWithDefault { module: String, name: String },
    #[error("module {module} destroys something and does not say what")]
    DestroysWhat { module: String },
}

/// Returns all faults of a description.
pub(crate) fn faults(spec: &PluginSpec) -> Vec<SpecFault> {
    let mut faults = Vec::new();
    if !is_plain(&spec.name) {
        faults.push(SpecFault::PluginName { name: excerpt(&spec.name) });
    }
    if !is_plain(&spec.version) {
        faults.push(SpecFault::Version { version: excerpt(&spec.version) });
    }
    if spec.modules.is_empty() {
        faults.push(SpecFault::NoModules);
    }
    let mut names = HashSet::new();
    for module in &spec.modules {
        module_faults(module, &mut faults);
        for name in std::iter::once(&module.name).chain(&module.aliases) {
            if !names.insert(name) {
                faults.push(SpecFault::ModuleTwice { name: name.clone() });
            }
        }
    }
    faults
}

fn module_faults(spec: &ModuleSpec, faults: &mut Vec<SpecFault>) {
    let module = || excerpt(&spec.name);
    texts::controls(spec, faults);
    if spec.name.len() > LONGEST || !spec.name.contains('.') || !spec.name.split('.').all(is_word) {
        faults.push(SpecFault::ModuleName { name: module() });
    }
    let wrong_aliases =
        spec.aliases.iter().filter(|alias| alias.len() > LONGEST || !alias.split('.').all(is_word));
    faults.extend(wrong_aliases.map(|alias| SpecFault::Alias { module: module(), alias: excerpt(alias) }));
    if spec.summary.trim().is_empty() {
        faults.push(SpecFault::NoSummary { module: module() });
    }
    if matches!(&spec.effect, switchover_protocol::Effect::Destroys { what } if what.trim().is_empty()) {
        faults.push(SpecFault::DestroysWhat { module: module() });
    }
    let mut names = HashSet::new();
    for param in &spec.params {
        param_faults(&spec.name, param, faults);
        for name in std::iter::once(&param.name).chain(&param.aliases) {
            if !names.insert(name.as_str()) {
                faults.push(SpecFault::ParamTwice { module: module(), name: name.clone() });
            }
        }
    }
    let is_declared = |name: &&String| spec.params.iter().any(|param| param.name == **name);
    let strangers = named_in_rules(spec).filter(|name| !is_declared(name));
    faults.extend(strangers.map(|name| SpecFault::UnknownParam { module: module(), name: name.clone() }));
}

/// Returns every parameter that a rule of the module speaks of.
fn named_in_rules(spec: &ModuleSpec) -> impl Iterator<Item = &String> {
    let sets = [&spec.mutually_exclusive, &spec.required_one_of, &spec.required_together];
    let required =
        spec.requires.iter().flat_map(|requires| std::iter::once(&requires.param).chain(&requires.params));
    let destroying = spec.destroys_when.iter().map(|when| &when.param);
    sets.into_iter().flatten().flatten().chain(required).chain(destroying)
}

fn param_faults(module: &str, param: &ParamSpec, faults: &mut Vec<SpecFault>) {
    let fault = |name: &String| SpecFault::ParamName { module: excerpt(module), name: excerpt(name) };
    let names = std::iter::once(&param.name).chain(&param.aliases);
    faults.extend(names.filter(|name| !is_param_name(name)).map(fault));
    let (module, name) = (module.to_owned(), excerpt(&param.name));
    let strange = param.choices.iter().find(|choice| !accepts_choice(param, choice));
    faults.extend(strange.map(|choice| SpecFault::Choice {
        module: module.clone(),
        name: name.clone(),
        choice: excerpt(choice),
    }));
    if param.min.zip(param.max).is_some_and(|(min, max)| min > max) {
        faults.push(SpecFault::NoNumberFits { module: module.clone(), name: name.clone() });
    }
    let Some(default) = &param.default else { return };
    if param.required {
        faults.push(SpecFault::RequiredWithDefault { module: module.clone(), name: name.clone() });
    }
    if !accepts_default(param, default) {
        faults.push(SpecFault::Default { module, name });
    }
}

/// Returns whether a text fits into a line of `plugins.lock`.
fn is_plain(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-+".contains(letter))
}

/// Returns the beginning of a text, enough to find it again.
fn excerpt(text: &str) -> String {
    if text.len() <= LONGEST { text.to_owned() } else { text.chars().take(40).chain(['…']).collect() }
}

fn is_word(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(|first| first.is_ascii_lowercase() || first == '_')
        && letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

fn is_param_name(name: &str) -> bool {
    let mut letters = name.chars();
    name.len() <= LONGEST
        && letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn fault(change: impl FnOnce(&mut Value)) -> Result<(), SpecFault> {
        let mut spec = json!({
            "name": "example", "version": "1",
            "modules": [{
                "name": "example.motd", "aliases": ["motd"], "summary": "Says something.", "effect": "changes",
                "params": [
                    {"name": "line", "doc": "The line.", "kind": "str", "required": true},
                    {"name": "count", "doc": "How often.", "kind": "int", "default": 1},
                ],
            }],
        });
        change(&mut spec);
        match faults(&serde_json::from_value(spec).unwrap()).into_iter().next() {
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }

    #[test]
    fn accepts_a_proper_description() {
        assert_eq!(fault(|_| ()), Ok(()));
    }

    #[test]
    fn refuses_names_that_cannot_be_written_in_a_playbook() {
        for name in ["motd", "Example.motd", "example..motd", "example.1st", "example.a b", ""] {
            let expected = Err(SpecFault::ModuleName { name: name.into() });
            assert_eq!(fault(|spec| spec["modules"][0]["name"] = json!(name)), expected);
        }
        let expected = Err(SpecFault::ParamName { module: "example.motd".into(), name: "a b".into() });
        assert_eq!(fault(|spec| spec["modules"][0]["params"][0]["aliases"] = json!(["a b"])), expected);
    }

    #[test]
    fn refuses_rules_and_defaults_that_contradict_the_parameters() {
        let module = || "example.motd".to_owned();
        assert_eq!(
            fault(|spec| spec["modules"][0]["required_one_of"] = json!([["line", "lines"]])),
            Err(SpecFault::UnknownParam { module: module(), name: "lines".into() })
        );
        assert_eq!(
            fault(|spec| spec["modules"][0]["params"][1]["default"] = json!("many")),
            Err(SpecFault::Default { module: module(), name: "count".into() })
        );
        assert_eq!(
            fault(|spec| spec["modules"][0]["params"][0]["default"] = json!("x")),
            Err(SpecFault::RequiredWithDefault { module: module(), name: "line".into() })
        );
        assert_eq!(
            fault(|spec| spec["modules"][0]["effect"] = json!({"destroys": {"what": " "}})),
            Err(SpecFault::DestroysWhat { module: module() })
        );
    }

    #[test]
    fn refuses_names_and_texts_that_would_spoil_a_lock_or_a_terminal() {
        for version in ["1 2", "1\nother 1 sha256:00", "", "\u{1b}[2J"] {
            let expected = Err(SpecFault::Version { version: version.into() });
            assert_eq!(fault(|spec| spec["version"] = json!(version)), expected);
        }
        let long = "a".repeat(1 << 20);
        let name = format!("{}…", &long[..40]);
        assert_eq!(fault(|spec| spec["name"] = json!(long)), Err(SpecFault::PluginName { name }));
        let name = format!("example.{}…", &long[..32]);
        let found = fault(|spec| spec["modules"][0]["name"] = json!(format!("example.{long}")));
        assert_eq!(found, Err(SpecFault::ModuleName { name }));
        let doc = "The line.\u{1b}]0;owned\u{7}";
        assert_eq!(
            fault(|spec| spec["modules"][0]["params"][0]["doc"] = json!(doc)),
            Err(SpecFault::Control {
                place: "parameter line of module example.motd".into(),
                text: doc.into()
            })
        );
        assert_eq!(fault(|spec| spec["modules"][0]["description"] = json!("Two\n\tlines.")), Ok(()));
    }

    #[test]
    fn refuses_choices_and_bounds_that_nothing_can_meet() {
        let (module, name) = ("example.motd".to_owned(), "count".to_owned());
        assert_eq!(
            fault(|spec| spec["modules"][0]["params"][1]["choices"] = json!(["1", "many"])),
            Err(SpecFault::Choice { module: module.clone(), name: name.clone(), choice: "many".into() })
        );
        assert_eq!(
            fault(|spec| {
                spec["modules"][0]["params"][1]["min"] = json!(2);
                spec["modules"][0]["params"][1]["max"] = json!(1);
            }),
            Err(SpecFault::NoNumberFits { module, name })
        );
    }

    #[test]
    fn refuses_two_modules_or_parameters_of_one_name() {
        assert_eq!(
            fault(|spec| {
                let copy = spec["modules"][0].clone();
                spec["modules"].as_array_mut().unwrap().push(copy);
            }),
            Err(SpecFault::ModuleTwice { name: "example.motd".into() })
        );
        assert_eq!(
            fault(|spec| spec["modules"][0]["params"][1]["aliases"] = json!(["line"])),
            Err(SpecFault::ParamTwice { module: "example.motd".into(), name: "line".into() })
        );
    }
}
