use std::collections::BTreeSet;

/// Knows which modules and engine actions exist.
pub trait Modules: Send + Sync {
    /// Returns whether a task may name this; the name is as it was written, short or with its collection.
    fn knows(&self, name: &str) -> bool;

    /// Returns why this module is not there and what to write instead, when that is known.
    fn refused(&self, _name: &str) -> Option<(String, String)> {
        None
    }

    /// Returns the names that exist, for "did you mean".
    fn names(&self) -> Vec<String>;
}

/// A fixed set of names; those of `ansible.builtin` are known short and long.
#[derive(Clone, Debug, Default)]
pub struct ModuleNames(BTreeSet<String>);

impl<N: Into<String>> FromIterator<N> for ModuleNames {
    fn from_iter<I: IntoIterator<Item = N>>(names: I) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }
}

impl Modules for ModuleNames {
    fn knows(&self, name: &str) -> bool {
        self.0.contains(name) || self.0.contains(short(name))
    }

    fn names(&self) -> Vec<String> {
        self.0.iter().cloned().collect()
    }
}

/// Returns the name without `ansible.builtin.` or `ansible.legacy.`.
pub fn short(name: &str) -> &str {
    name.strip_prefix("ansible.builtin.").or_else(|| name.strip_prefix("ansible.legacy.")).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builtin_modules_are_known_short_and_long() {
        let names: ModuleNames = ["copy", "community.general.ini_file"].into_iter().collect();
        assert!(names.knows("ansible.builtin.copy"));
        assert!(names.knows("community.general.ini_file"));
        assert!(!names.knows("ini_file"));
    }
}
