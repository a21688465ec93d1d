use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The format of journals that this version writes.
pub const FORMAT: u32 = 1;

/// What a run was started with: the first entry of its journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    pub format: u32,
    /// The version of the program.
    pub version: String,
    pub run: String,
    /// Seconds since 1970.
    pub started: f64,
    pub operator: String,
    /// The folder it was started in.
    pub folder: String,
    pub playbooks: Vec<String>,
    pub inventories: Vec<String>,
    pub inputs: Inputs,
}

/// What a run depends on, each by its digest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// Playbooks, roles, files of tasks and variables, by path.
    pub files: BTreeMap<String, String>,
    /// Hosts with their groups and variables, by name.
    pub hosts: BTreeMap<String, String>,
    /// By name.
    pub extra_vars: BTreeMap<String, String>,
    /// By path.
    pub plugins: BTreeMap<String, String>,
}

/// Something that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// `file`, `host`, `extra variable`, `plugin`.
    pub kind: &'static str,
    pub name: String,
    /// `changed`, `new`, `gone`.
    pub how: &'static str,
}

impl std::fmt::Display for Drift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, name, how } = self;
        match (*kind, *how) {
            ("host", "changed") => write!(f, "host {name}: its groups or variables changed"),
            _ => write!(
                f,
                "{kind} {name} {}",
                if *how == "changed" { how.to_string() } else { format!("is {how}") }
            ),
        }
    }
}

impl Inputs {
    /// Returns what is not as it was; `self` is how it was.
    pub fn drift(&self, now: &Self) -> Vec<Drift> {
        [
            ("file", &self.files, &now.files),
            ("host", &self.hosts, &now.hosts),
            ("extra variable", &self.extra_vars, &now.extra_vars),
            ("plugin", &self.plugins, &now.plugins),
        ]
        .into_iter()
        .flat_map(|(kind, before, now)| differences(kind, before, now))
        .collect()
    }
}

fn differences(
    kind: &'static str,
    before: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
) -> Vec<Drift> {
    let drift = |name: &String, how| Drift { kind, name: name.clone(), how };
    let mut found: Vec<Drift> = before
        .iter()
        .filter_map(|(name, digest)| match now.get(name) {
            None => Some(drift(name, "gone")),
            Some(other) if other != digest => Some(drift(name, "changed")),
            Some(_) => None,
        })
        .collect();
    found.extend(now.keys().filter(|name| !before.contains_key(*name)).map(|name| drift(name, "new")));
    found
}
