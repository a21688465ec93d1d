use serde::{Deserialize, Serialize};
use switchover_model::Playbook;

use super::Machine;
use crate::world::World;

/// What the holder of a lock writes about itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Holder {
    pub run: String,
    /// `user@machine`.
    pub owner: String,
    pub machine: Machine,
    /// Seconds since 1970 by the holder's clock.
    pub since: f64,
    pub playbooks: Vec<String>,
    /// It stopped, and left something behind.
    #[serde(default)]
    pub kept: Option<Kept>,
}

/// Why a lock stays when its run has stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// Detached jobs of the run go on; when they have ended, so has this.
    Jobs,
    /// Something was started and nobody knows how it ended: a human has to look.
    Unknown,
}

impl Holder {
    /// Returns the words of this run about itself.
    pub fn of(world: &World, playbooks: &[Playbook]) -> Self {
        Self {
            run: world.run_id.clone(),
            owner: world.options.operator_name.clone(),
            machine: Machine::here(),
            since: crate::events::now(),
            playbooks: playbooks.iter().map(|playbook| playbook.path.display().to_string()).collect(),
            kept: None,
        }
    }

    /// Returns it as one line.
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads such a line; `None` when it is not one of ours.
    pub fn read(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }
}
