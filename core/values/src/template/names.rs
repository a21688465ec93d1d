use std::collections::HashMap;
use std::sync::LazyLock;

use crate::names_table::Entry;
use crate::{filters, functions, lookups, tests};

/// What a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Filter,
    Test,
    Lookup,
}

/// Collections whose content is here under short names.
const COLLECTIONS: [&str; 6] = [
    "ansible.builtin",
    "ansible.legacy",
    "ansible.utils",
    "ansible.netcommon",
    "community.general",
    "community.crypto",
];

static FILTERS: LazyLock<HashMap<&'static str, &'static Entry>> =
    LazyLock::new(|| filters::all().map(|entry| (entry.name, entry)).collect());
static TESTS: LazyLock<HashMap<&'static str, &'static Entry>> =
    LazyLock::new(|| tests::all().map(|entry| (entry.name, entry)).collect());

/// Returns the short name of a filter, test or lookup that exists.
pub fn canonical(kind: Kind, name: &str) -> Option<&'static str> {
    if kind == Kind::Filter && name.starts_with("__") {
        return None;
    }
    let short = short_name(name);
    match kind {
        Kind::Filter => FILTERS.get(short).map(|entry| entry.name),
        Kind::Test => TESTS.get(short).map(|entry| entry.name),
        Kind::Lookup => lookups::find(short).map(|entry| entry.name),
    }
}

/// Returns a filter's table entry.
pub fn filter(name: &str) -> Option<&'static Entry> {
    FILTERS.get(short_name(name)).copied()
}

/// Returns a test's table entry.
pub fn test(name: &str) -> Option<&'static Entry> {
    TESTS.get(short_name(name)).copied()
}

/// Returns a name without its collection, when that is one whose content is here.
pub fn short_name(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((collection, short)) if COLLECTIONS.contains(&collection) => short,
        _ => name,
    }
}

/// Returns the long names of an entry, which templates that are included may use.
pub fn qualified(entry: &'static Entry) -> impl Iterator<Item = String> {
    COLLECTIONS.iter().map(|collection| format!("{collection}.{}", entry.name))
}

/// Returns the long name of an entry, as Ansible tells it.
pub fn full(entry: &Entry) -> String {
    let collection = match entry.name {
        "ipaddr" | "ipv4" | "ipv6" | "ipwrap" | "ipsubnet" | "ipmath" | "next_nth_usable" | "cidr_merge" => {
            "ansible.utils"
        }
        "json_query" | "dict_kv" | "dict" | "lists_union" => "community.general",
        _ if entry.name.contains('.') => return entry.name.to_owned(),
        _ => "ansible.builtin",
    };
    format!("{collection}.{}", entry.name)
}

/// Returns the nearest known name in a sentence.
pub fn suggestion(kind: Kind, name: &str) -> Option<String> {
    let short = short_name(name);
    let known: Vec<&'static str> = match kind {
        Kind::Filter => FILTERS.keys().copied().collect(),
        Kind::Test => TESTS.keys().copied().collect(),
        Kind::Lookup => lookups::names().collect(),
    };
    let limit = short.len() / 3 + 1;
    known
        .into_iter()
        .map(|candidate| (distance(short, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| format!("did you mean '{candidate}'?"))
}

/// Returns how many letters have to change to get from one word to another (Levenshtein).
pub fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.chars().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(x != y)).min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
    }
    row.pop().unwrap_or(0)
}

/// Returns what to say of a name that nothing has, in Ansible's words.
pub fn not_found(kind: Kind, name: &str) -> crate::TemplateError {
    let message = match kind {
        Kind::Filter => format!("Syntax error in template: No filter named '{name}'."),
        Kind::Test => format!("Syntax error in template: No test named '{name}'."),
        Kind::Lookup => format!("The lookup plugin '{name}' was not found."),
    };
    let help = suggestion(kind, name).map(String::into_boxed_str);
    crate::TemplateError { help, ..crate::TemplateError::new(crate::Fault::UnknownName, message) }
}

/// Returns whether templates know a function of this name.
pub fn is_function(name: &str) -> bool {
    functions::NAMES.contains(&name)
}

#[cfg(test)]
mod tests_of_names {
    use super::*;

    #[test]
    fn suggests_the_nearest_name() {
        assert_eq!(suggestion(Kind::Filter, "defualt").as_deref(), Some("did you mean 'default'?"));
        assert_eq!(suggestion(Kind::Filter, "entirely_unknown_thing"), None);
    }

    #[test]
    fn knows_long_names() {
        assert_eq!(canonical(Kind::Filter, "ansible.builtin.to_json"), Some("to_json"));
        assert_eq!(canonical(Kind::Test, "ansible.builtin.succeeded"), Some("succeeded"));
        assert_eq!(canonical(Kind::Filter, "no.such.to_json"), None);
    }
}
