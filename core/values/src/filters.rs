//! The filters: Jinja's, ansible-core's, and those of collections that playbooks use most.

mod chance;
mod collections;
mod combine;
mod defaults;
mod encode;
mod hash;
mod inner;
mod json;
mod network;
mod number;
pub mod order;
mod password;
mod paths;
mod query;
pub mod regex;
mod select;
mod sequence;
mod sets;
pub mod text;
mod time;
mod url;
mod yaml;

use crate::names_table::Entry;

pub use collections::subelements;
pub use combine::merge_all;
pub use order::is_group;
pub use password::{hash as password_hash, hash_password, new_salt};
pub use paths::{expanded_user, joined, normalised};
pub use url::split as split_url;

/// Returns all filters.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    [
        chance::TABLE,
        collections::TABLE,
        combine::TABLE,
        defaults::TABLE,
        encode::TABLE,
        hash::TABLE,
        inner::TABLE,
        json::TABLE,
        network::TABLE,
        number::TABLE,
        order::TABLE,
        password::TABLE,
        paths::TABLE,
        query::TABLE,
        regex::TABLE,
        select::TABLE,
        sequence::TABLE,
        sets::TABLE,
        text::TABLE,
        time::TABLE,
        url::TABLE,
        yaml::TABLE,
    ]
    .into_iter()
    .flatten()
}

/// Returns whether templates know a filter, by its short or full name.
pub fn known_filter(name: &str) -> bool {
    crate::template::names::filter(name).is_some()
}
