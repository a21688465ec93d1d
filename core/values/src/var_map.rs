use indexmap::IndexMap;
use switchover_syntax::Mapping;

use crate::Stored;

/// Variables of one place, such as one `vars:` or one `host_vars` file, in the order in which they were written.
///
/// Share it as `Arc<VarMap>`; a [`Scope`](crate::Scope) never copies one.
#[derive(Clone, Debug, Default)]
pub struct VarMap(IndexMap<String, Stored>);

impl VarMap {
    /// Returns an empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the entries of a mapping that the author wrote; keys that are not strings take their text.
    pub fn from_mapping(mapping: &Mapping) -> Self {
        mapping
            .entries
            .iter()
            .map(|entry| (crate::convert::key_text(&entry.key), Stored::Author(entry.value.clone())))
            .collect()
    }

    /// Sets a variable and returns what it was before.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Stored>) -> Option<Stored> {
        self.0.insert(name.into(), value.into())
    }

    /// Forgets a variable and returns what it was.
    pub fn remove(&mut self, name: &str) -> Option<Stored> {
        self.0.shift_remove(name)
    }

    /// Returns a variable as it is stored, without templating.
    pub fn get(&self, name: &str) -> Option<&Stored> {
        self.0.get(name)
    }

    /// Returns whether there is a variable of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Stored)> {
        self.0.iter().map(|(name, stored)| (name.as_str(), stored))
    }

    /// Returns the names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Adds the variables of `other`; those that exist are replaced.
    pub fn extend(&mut self, other: &Self) {
        for (name, stored) in &other.0 {
            self.0.insert(name.clone(), stored.clone());
        }
    }

    /// Returns how many variables there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are no variables.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, Stored)> for VarMap {
    fn from_iter<I: IntoIterator<Item = (String, Stored)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}
