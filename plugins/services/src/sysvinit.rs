use switchover_sdk::prelude::*;

use crate::systemd::State;
use crate::sysv::{Asking, Ran, Script, enable};

#[derive(Params)]
pub struct SysvinitParams {
    /// The name of the init script.
    #[param(alias = "service")]
    pub name: String,
    /// `started` and `stopped` change nothing that is so already; `restarted` and `reloaded` always act.
    pub state: Option<State>,
    /// Whether it starts with the host.
    pub enabled: Option<bool>,
    /// Seconds between stop and start of a restart.
    #[param(default = 1)]
    pub sleep: u64,
    /// Text of a process that means that it runs, for scripts without `status`.
    pub pattern: Option<String>,
    /// The runlevels that `enabled` is about.
    pub runlevels: Option<Vec<String>>,
    /// More arguments for the script.
    #[param(alias = "args")]
    pub arguments: Option<String>,
    /// Lets go of daemons that keep their output open. They are always let go of.
    #[param(default = false)]
    #[expect(
        dead_code,
        reason = "each start lets go of daemons; the argument is known because playbooks give it"
    )]
    pub daemonize: bool,
}

pub struct Sysvinit;

impl Module for Sysvinit {
    type Params = SysvinitParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.sysvinit",
        aliases: &["sysvinit"],
        summary: "Starts, stops and enables services that are init scripts.",
        required_one_of: &[&["state", "enabled"]],
        examples: &[(
            "Running, and after a restart too",
            "sysvinit: { name: apache2, state: started, enabled: true }",
        )],
        returns: &[
            ("name", "the service"),
            ("status", "`enabled` and the state, each with `changed`, `rc`, `stdout` and `stderr`"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &SysvinitParams, host: &Host) -> Result<Delta, Failure> {
        let found = params.asking().look(host)?;
        if found.path.is_empty() {
            return Err(Failure::new(format!("Could not find the requested service {}: ", params.name)));
        }
        let enable = params.enabled.filter(|wanted| *wanted != params.is_enabled(&found));
        let verbs = params.verbs(found.running);
        let mut changes = Vec::new();
        if let Some(wanted) = enable {
            changes.push(change(&params.name, "enabled", json!(!wanted), json!(wanted)));
        }
        if let (Some(state), false) = (params.state, verbs.is_empty()) {
            let before = if found.running { "started" } else { "stopped" };
            changes.push(change(&params.name, "state", json!(before), json!(state.word())));
        }
        if changes.is_empty() {
            return Ok(Delta::none_with(params.result(None, None)));
        }
        let state = json!({ "path": found.path, "enable": enable, "verbs": verbs });
        Ok(Delta::changes(changes).with_result(json!({ "name": params.name })).with_state(state))
    }

    fn apply(params: &SysvinitParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let levels = params.runlevels.clone().unwrap_or_default();
        let enabled = match delta.state()["enable"].as_bool() {
            Some(wanted) => Some(enable(&params.name, wanted, &levels, host)?),
            None => None,
        };
        let verbs: Vec<&str> =
            delta.state()["verbs"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let path = delta.state()["path"].as_str().unwrap_or_default();
        let moved = match verbs.is_empty() {
            true => None,
            false => Some(params.asking().run(path, &verbs, params.sleep, host)?),
        };
        Ok(Outcome::changed(params.result(enabled.as_ref(), moved.as_ref())))
    }
}

/// Returns one difference of a service.
pub fn change(name: &str, key: &str, before: Value, after: Value) -> Change {
    Change { what: format!("{name} {key}"), before, after, ..Change::default() }
}

impl SysvinitParams {
    fn asking(&self) -> Asking<'_> {
        Asking {
            name: &self.name,
            arguments: self.arguments.as_deref().unwrap_or_default(),
            pattern: self.pattern.as_deref().unwrap_or_default(),
        }
    }

    /// Returns whether it starts in all runlevels that the task names, or in any.
    fn is_enabled(&self, found: &Script) -> bool {
        let starts = |level: &String| level.chars().all(|level| found.runlevels.contains(level));
        match (&self.runlevels, self.enabled) {
            (None, _) => !found.runlevels.is_empty(),
            (Some(levels), Some(false)) => levels.iter().any(starts),
            (Some(levels), _) => levels.iter().all(starts),
        }
    }

    fn verbs(&self, running: bool) -> Vec<&'static str> {
        match self.state {
            Some(State::Started) if !running => vec!["start"],
            Some(State::Stopped) if running => vec!["stop"],
            Some(State::Restarted) if running => vec!["stop", "start"],
            Some(State::Restarted) => vec!["start"],
            Some(State::Reloaded) => vec!["reload"],
            _ => Vec::new(),
        }
    }

    fn result(&self, enabled: Option<&Ran>, moved: Option<&Ran>) -> Value {
        let mut status = Map::from_iter([("enabled".to_owned(), Ran::shown(enabled))]);
        if let Some(state) = self.state {
            status.insert(state.word().to_owned(), Ran::shown(moved));
        }
        json!({ "name": self.name, "status": status })
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Sysvinit>(env!("CARGO_MANIFEST_DIR"));
        examples::<Sysvinit>();
    }

    #[test]
    fn a_pattern_takes_the_place_of_status_and_does_not_find_the_look_itself() {
        let processes =
            "/etc/init.d/d\u{1e}\u{1e}\u{1e}0\u{1e}sh -c name=$1 : switchover-look sh d  daemon-x\n";
        let host = |text: &str| {
            FakeHost::new()
                .script("switchover-look", ExecOutput { stdout: text.into(), ..ExecOutput::default() })
        };
        let args = json!({ "name": "d", "pattern": "daemon-x", "state": "started" });
        assert!(matches!(host(processes).check::<Sysvinit>(args.clone()).unwrap(), Delta::Some { .. }));
        let running = format!("{processes}/usr/sbin/daemon-x -f\n");
        assert!(matches!(host(&running).check::<Sysvinit>(args).unwrap(), Delta::None { .. }));
    }
}
