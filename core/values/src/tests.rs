//! The tests of templates: `x is defined`, `result is failed`, `version is version('1.2', '>=')`...

mod basic;
mod compare;
mod files;
mod results;
mod tags;
mod text;
mod version;

use crate::names_table::Entry;

/// Tests that are about encrypted text as it is.
pub const ASK_OF_VAULTS: [&str; 3] =
    ["ansible._protomatter.tagged", "ansible._protomatter.tagged_with", "vault_encrypted"];

/// Returns all tests.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    [basic::TABLE, compare::TABLE, files::TABLE, results::TABLE, tags::TABLE, text::TABLE, version::TABLE]
        .into_iter()
        .flatten()
}
