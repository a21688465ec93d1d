//! The tests of templates: `x is defined`, `result is failed`, `version is version('1.2', '>=')`...

mod basic;
mod compare;
mod files;
mod results;
mod text;
mod version;

use crate::names_table::Entry;

/// Returns all tests.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    [basic::TABLE, compare::TABLE, files::TABLE, results::TABLE, text::TABLE, version::TABLE]
        .into_iter()
        .flatten()
}
