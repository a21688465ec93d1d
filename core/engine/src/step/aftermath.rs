use std::sync::Arc;

use switchover_protocol::{Map, Value};
use switchover_values::{Layer, Scope};

use super::{Step, one_var};
use crate::state_change::StateChange;

impl Step {
    /// Returns what `changed_when`, `failed_when` and `until` see: the result under its name, and what the task itself made
    /// known. The host learns that later, or never.
    pub(super) fn aftermath(&self, scope: &Scope, result: &Map, effects: &[StateChange]) -> Scope {
        let mut seen = match self.register_name() {
            Some(name) => self.scope_with(scope, one_var(&name, Value::Object(result.clone()))),
            None => scope.clone(),
        };
        for effect in effects {
            match effect {
                StateChange::Facts(facts) => {
                    seen.push(Layer::HostFacts, self.play.world.memory.facts_with(&self.host, facts.clone()));
                }
                StateChange::Set { vars, .. } => seen.push(Layer::SetFacts, Arc::new(vars.clone())),
                StateChange::IncludeVars { vars, .. } => {
                    seen.push(Layer::IncludeVars, Arc::new(vars.clone()));
                }
                _ => {}
            }
        }
        seen
    }
}
