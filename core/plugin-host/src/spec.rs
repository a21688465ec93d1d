//! Holds a plugin's description against the rules that a name, a parameter and a default must keep.

use std::collections::HashSet;

use switchover_protocol::{ModuleSpec, ParamSpec, PluginSpec};

use crate::arguments::accepts_default;

/// What is wrong with a description.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecFault {
    #[error("the plugin has no name")]
    NoPluginName,
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
    if spec.name.trim().is_empty() {
        faults.push(SpecFault::NoPluginName);
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
    let module = || spec.name.clone();
    if !spec.name.contains('.') || !spec.name.split('.').all(is_word) {
        faults.push(SpecFault::ModuleName { name: module() });
    }
    let wrong_aliases = spec.aliases.iter().filter(|alias| !alias.split('.').all(is_word));
    faults.extend(wrong_aliases.map(|alias| SpecFault::Alias { module: module(), alias: alias.clone() }));
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
    let fault = |name: &String| SpecFault::ParamName { module: module.to_owned(), name: name.clone() };
    let names = std::iter::once(&param.name).chain(&param.aliases);
    faults.extend(names.filter(|name| !is_param_name(name)).map(fault));
    let Some(default) = &param.default else { return };
    if param.required {
        faults.push(SpecFault::RequiredWithDefault { module: module.to_owned(), name: param.name.clone() });
    }
    if !accepts_default(param, default) {
        faults.push(SpecFault::Default { module: module.to_owned(), name: param.name.clone() });
    }
}

fn is_word(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(|first| first.is_ascii_lowercase() || first == '_')
        && letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

fn is_param_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
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
