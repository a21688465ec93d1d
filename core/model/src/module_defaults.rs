use std::sync::Arc;

use switchover_syntax::Node;

use crate::modules::short;

/// One entry of `module_defaults`: who gets these arguments, and the arguments, which may hold templates.
#[derive(Clone, Debug)]
pub struct ModuleDefaults {
    /// The key as it was written; an inner level replaces the entry of an outer one that has the same key.
    pub key: Node,
    pub receivers: Receivers,
    pub values: Node,
}

impl ModuleDefaults {
    /// Returns whether both are for the same module or group, however its name is written.
    pub fn replaces(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }

    fn identity(&self) -> (bool, &str) {
        let key = self.key.as_str().unwrap_or_default();
        let group = key.strip_prefix("group/");
        (group.is_some(), short(group.unwrap_or(key)))
    }
}

/// Which modules an entry of `module_defaults` is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receivers {
    /// One module or action.
    Module(String),
    /// Every member of a group of actions.
    Group(Arc<[String]>),
    /// Every module of a product's plugins: each takes what it knows.
    Family(String),
}

impl Receivers {
    /// Returns whether one of these names of a module is meant.
    pub fn include(&self, names: &[&str]) -> bool {
        let named = |member: &String| names.iter().any(|name| short(name) == short(member));
        match self {
            Self::Module(name) => named(name),
            Self::Group(members) => members.iter().any(named),
            Self::Family(family) => names.iter().any(|name| in_family(name, family)),
        }
    }

    /// Returns whether this is a group of modules or a family.
    pub fn are_many(&self) -> bool {
        !matches!(self, Self::Module(_))
    }

    /// Returns whether these are all modules of a product.
    pub fn are_a_family(&self) -> bool {
        matches!(self, Self::Family(_))
    }
}

/// Returns whether a module belongs to a product's plugins.
pub(crate) fn in_family(module: &str, family: &str) -> bool {
    module.strip_prefix(family).is_some_and(|rest| rest.starts_with('.'))
}
