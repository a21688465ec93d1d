use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::dataset::Kind;
use super::fault::Fault;
use super::product::Product;

/// Everything that is true of a host; kept in its `state.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostState {
    pub name: String,
    /// The host's own address.
    pub address: String,
    pub member: Member,
    /// The faults that are on, with their values.
    pub faults: BTreeMap<Fault, Option<String>>,
    /// How often the server was told to end all sessions; it acts when the number grows.
    pub session_cuts: u64,
    /// The simulated product, on hosts that have one.
    pub product: Option<Product>,
    /// Production data that is gone.
    pub losses: Vec<Loss>,
    /// Work that was started while the same work ran.
    pub double_starts: Vec<Twice>,
}

/// What the host was when the lab was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Member {
    Primary,
    Secondary,
    Plain,
}

/// Production data that was destroyed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loss {
    pub data: Kind,
    pub generation: u64,
    /// The command that did it.
    pub by: String,
    /// Simulated time in seconds.
    pub at: f64,
}

/// A second start of what was running.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Twice {
    pub work: String,
    /// Simulated time in seconds.
    pub at: f64,
}

/// A process, told apart from a later one with the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    pub pid: u32,
    /// Clock ticks since boot.
    pub started: u64,
}

/// Work that a process does for the product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Running {
    pub work: String,
    pub process: Process,
    /// Simulated time in seconds.
    pub since: f64,
}

impl HostState {
    /// A host without product and faults.
    pub fn new(name: &str, address: &str, member: Member) -> Self {
        Self {
            name: name.to_owned(),
            address: address.to_owned(),
            member,
            faults: BTreeMap::new(),
            session_cuts: 0,
            product: None,
            losses: Vec::new(),
            double_starts: Vec::new(),
        }
    }

    /// Whether a fault is on.
    pub fn has(&self, fault: Fault) -> bool {
        self.faults.contains_key(&fault)
    }

    /// Whether a fault is on for this action: faults without a value hold for all actions.
    pub fn has_for(&self, fault: Fault, action: &str) -> bool {
        match self.faults.get(&fault) {
            Some(Some(only)) => only == action,
            Some(None) => true,
            None => false,
        }
    }

    /// The number given with a fault that is on, or the default.
    pub fn amount(&self, fault: Fault, default: f64) -> Option<f64> {
        let value = self.faults.get(&fault)?;
        Some(value.as_deref().and_then(|text| text.parse().ok()).unwrap_or(default))
    }
}
