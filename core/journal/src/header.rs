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
    /// Marks of the hosts' variables, by host and name. They are too short to guess a value from, and tell which one
    /// changed; that something did is told by the digest.
    #[serde(default)]
    pub host_vars: BTreeMap<String, BTreeMap<String, String>>,
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
    /// Of a host: the variables that are not as they were.
    pub variables: Vec<String>,
}

impl std::fmt::Display for Drift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, name, how, variables } = self;
        match (*kind, *how) {
            ("host", "changed") if variables.is_empty() => {
                write!(f, "host {name}: its groups or variables changed")
            }
            ("host", "changed") => {
                write!(f, "host {name}: its groups or variables changed: {}", variables.join(", "))
            }
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
        .map(|drift| match drift.kind {
            "host" => Drift { variables: self.changed_variables(now, &drift.name), ..drift },
            _ => drift,
        })
        .collect()
    }

    fn changed_variables(&self, now: &Self, host: &str) -> Vec<String> {
        match (self.host_vars.get(host), now.host_vars.get(host)) {
            (Some(before), Some(now)) => differences("", before, now).into_iter().map(|d| d.name).collect(),
            _ => Vec::new(),
        }
    }
}

fn differences(
    kind: &'static str,
    before: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
) -> Vec<Drift> {
    let drift = |name: &String, how| Drift { kind, name: name.clone(), how, variables: Vec::new() };
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
