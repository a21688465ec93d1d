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

/// Returns the first fault of a description.
pub(crate) fn verify(spec: &PluginSpec) -> Result<(), SpecFault> {
    if spec.name.trim().is_empty() {
        return Err(SpecFault::NoPluginName);
    }
    if spec.modules.is_empty() {
        return Err(SpecFault::NoModules);
    }
    let mut names = HashSet::new();
    for module in &spec.modules {
        verify_module(module)?;
        for name in std::iter::once(&module.name).chain(&module.aliases) {
            if !names.insert(name) {
                return Err(SpecFault::ModuleTwice { name: name.clone() });
            }
        }
    }
    Ok(())
}

fn verify_module(spec: &ModuleSpec) -> Result<(), SpecFault> {
    let module = || spec.name.clone();
    if !spec.name.contains('.') || !spec.name.split('.').all(is_word) {
        return Err(SpecFault::ModuleName { name: module() });
    }
    if let Some(alias) = spec.aliases.iter().find(|alias| !alias.split('.').all(is_word)) {
        return Err(SpecFault::Alias { module: module(), alias: alias.clone() });
    }
    if spec.summary.trim().is_empty() {
        return Err(SpecFault::NoSummary { module: module() });
    }
    if matches!(&spec.effect, switchover_protocol::Effect::Destroys { what } if what.trim().is_empty()) {
        return Err(SpecFault::DestroysWhat { module: module() });
    }
    let mut names = HashSet::new();
    for param in &spec.params {
        verify_param(&spec.name, param)?;
        for name in std::iter::once(&param.name).chain(&param.aliases) {
            if !names.insert(name.as_str()) {
                return Err(SpecFault::ParamTwice { module: module(), name: name.clone() });
            }
        }
    }
    let rules = [&spec.mutually_exclusive, &spec.required_one_of, &spec.required_together];
    let is_declared = |name: &&String| spec.params.iter().any(|param| param.name == **name);
    match rules.into_iter().flatten().flatten().find(|name| !is_declared(name)) {
        Some(name) => Err(SpecFault::UnknownParam { module: module(), name: name.clone() }),
        None => Ok(()),
    }
}

fn verify_param(module: &str, param: &ParamSpec) -> Result<(), SpecFault> {
    if let Some(name) = std::iter::once(&param.name).chain(&param.aliases).find(|name| !is_param_name(name)) {
        return Err(SpecFault::ParamName { module: module.to_owned(), name: name.clone() });
    }
    let Some(default) = &param.default else { return Ok(()) };
    if param.required {
        return Err(SpecFault::RequiredWithDefault { module: module.to_owned(), name: param.name.clone() });
    }
    if !accepts_default(param, default) {
        return Err(SpecFault::Default { module: module.to_owned(), name: param.name.clone() });
    }
    Ok(())
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
        verify(&serde_json::from_value(spec).unwrap())
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
