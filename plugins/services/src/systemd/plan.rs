use switchover_sdk::prelude::*;

use super::{State, Unit};

/// What a task wants of a unit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    pub state: Option<State>,
    pub enabled: Option<bool>,
    pub masked: Option<bool>,
}

/// What has to be done: verbs of systemctl in their order, and what the task returns.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub verbs: Vec<String>,
    pub changes: Vec<Change>,
    pub result: Map,
}

impl Wanted {
    /// Compares with the unit as it is. A unit may be masked that is not there.
    pub fn plan(&self, name: &str, unit: &Unit) -> Result<Plan, Failure> {
        let mut plan = Plan::default();
        plan.result.insert("name".into(), json!(name));
        plan.result.insert("status".into(), Value::Object(unit.status.clone()));
        if let Some(masked) = self.masked.filter(|masked| *masked != unit.masked) {
            plan.step(
                name,
                "masked",
                json!(unit.masked),
                json!(masked),
                if masked { "mask" } else { "unmask" },
            );
        }
        if (self.enabled.is_some() || self.state.is_some()) && !unit.found {
            return Err(Failure::new(format!("Could not find the requested service {name}: host")));
        }
        if let Some(enabled) = self.enabled {
            plan.result.insert("enabled".into(), json!(enabled));
            if enabled != unit.enabled {
                let verb = if enabled { "enable" } else { "disable" };
                plan.step(name, "enabled", json!(unit.enabled), json!(enabled), verb);
            }
        }
        if let Some(state) = self.state {
            self.plan_state(name, state, unit, &mut plan)?;
        }
        Ok(plan)
    }

    fn plan_state(&self, name: &str, state: State, unit: &Unit, plan: &mut Plan) -> Result<(), Failure> {
        let Some(active) = unit.active() else {
            return Err(Failure::new("Service is in unknown state")
                .with("status", Value::Object(unit.status.clone()))
                .remedy("systemd does not run on this host: only `enabled` and `masked` can be changed"));
        };
        let running = matches!(active, "active" | "activating");
        let verb = match state {
            State::Started => (!running).then_some("start"),
            State::Stopped => (running || active == "deactivating").then_some("stop"),
            _ if !running => Some("start"),
            State::Restarted => Some("restart"),
            State::Reloaded => Some("reload"),
        };
        let after = if state == State::Stopped { "stopped" } else { "started" };
        plan.result.insert("state".into(), json!(after));
        if let Some(verb) = verb {
            plan.step(name, "state", json!(active), json!(state.word()), verb);
        }
        Ok(())
    }
}

impl Plan {
    fn step(&mut self, unit: &str, key: &str, before: Value, after: Value, verb: &str) {
        let what = format!("{unit} {key}");
        self.changes.push(Change { what, before, after, ..Change::default() });
        self.verbs.push(verb.to_owned());
    }

    /// Returns the answer of `check`.
    pub fn delta(self) -> Delta {
        match self.verbs.is_empty() {
            true => Delta::None { result: self.result },
            false => Delta::Some { changes: self.changes, result: self.result, state: json!(self.verbs) },
        }
    }

    /// Returns the verbs that `check` left for `apply`.
    pub fn verbs_of(state: &Value) -> Vec<String> {
        state.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }
}
