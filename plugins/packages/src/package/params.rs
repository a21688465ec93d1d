use switchover_sdk::prelude::*;
use switchover_sdk::{ArgumentError, ParamSpec};

use crate::apt::AptParams;
use crate::dnf::DnfParams;

/// `use`, and whatever a task gives for the manager's own module.
pub struct PackageParams {
    pub manager: String,
    given: Map,
}

#[derive(Params)]
struct Own {
    /// The manager's module: `apt`, `dnf`, `dnf5` or `yum`. By default what the variable `ansible_package_use` says, or what is
    /// found on the host.
    #[param(name = "use", default = "auto")]
    manager: String,
}

impl Params for PackageParams {
    fn specs() -> Vec<ParamSpec> {
        let mut all = Own::specs();
        // `dnf` calls its own choice of a tool `use` too.
        let not_own = |param: &ParamSpec| param.name != "use_backend";
        let both = [("apt", AptParams::specs()), ("dnf", DnfParams::specs())];
        for (manager, specs) in both {
            for spec in specs.into_iter().filter(not_own) {
                match all.iter_mut().find(|known| known.name == spec.name) {
                    Some(known) => merge(known, spec),
                    None => all.push(of_one(manager, spec)),
                }
            }
        }
        all
    }

    fn parse(arguments: &Map) -> Result<Self, ArgumentError> {
        let Own { manager } = Own::parse(arguments)?;
        let mut given = arguments.clone();
        given.shift_remove("use");
        Ok(Self { manager, given })
    }
}

/// A default is the manager's affair: what the task does not give is not passed on.
fn of_one(manager: &str, spec: ParamSpec) -> ParamSpec {
    let default = spec.default.map_or_else(String::new, |default| format!(" By default {default}."));
    ParamSpec {
        doc: format!("{} For `{manager}`.{default}", spec.doc),
        required: false,
        default: None,
        ..spec
    }
}

/// Makes one parameter of two that have the same name.
fn merge(known: &mut ParamSpec, other: ParamSpec) {
    let new = |names: Vec<String>, known: &[String]| -> Vec<String> {
        names.into_iter().filter(|name| !known.contains(name)).collect()
    };
    known.doc = known.doc.replace(" For `apt`.", "");
    let (aliases, choices) = (new(other.aliases, &known.aliases), new(other.choices, &known.choices));
    known.aliases.extend(aliases);
    known.choices.extend(choices);
}

impl PackageParams {
    pub fn apt(&self) -> Result<AptParams, Failure> {
        self.passed("apt", &AptParams::specs())?;
        Ok(AptParams::parse(&self.given)?)
    }

    pub fn dnf(&self) -> Result<DnfParams, Failure> {
        self.passed("dnf", &DnfParams::specs())?;
        Ok(DnfParams::parse(&self.given)?)
    }

    /// Refuses what the host's manager does not know.
    fn passed(&self, manager: &str, specs: &[ParamSpec]) -> Result<(), Failure> {
        let known = |name: &String| specs.iter().any(|spec| &spec.name == name);
        let unknown: Vec<&str> = self.given.keys().filter(|name| !known(name)).map(String::as_str).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let msg = format!("Unsupported parameters for ({manager}) module: {}", unknown.join(", "));
        Err(Failure::arguments(msg).remedy(format!("`switchover plugin doc {manager}` tells what it takes")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_each_manager_takes_and_passes_on_what_is_given_only() {
        let specs = PackageParams::specs();
        let find = |name: &str| specs.iter().find(|spec| spec.name == name).unwrap();
        assert!(find("install_recommends").doc.ends_with("For `apt`."));
        assert!(find("enablerepo").doc.contains("For `dnf`."));
        assert!(!find("name").doc.contains("For `"));
        assert!(find("state").choices.contains(&"build-dep".to_owned()));
        assert!(specs.iter().all(|spec| spec.name == "use" || spec.default.is_none()));
        let given = json!({ "name": "git", "enablerepo": ["epel"] });
        let params = PackageParams::parse(given.as_object().unwrap()).unwrap();
        assert_eq!(params.dnf().unwrap().enablerepo, ["epel"]);
        let refused = params.apt().map(|_| ()).unwrap_err();
        assert_eq!(refused.msg, "Unsupported parameters for (apt) module: enablerepo");
    }
}
