mod manager;

use switchover_sdk::prelude::*;

use crate::systemd::{self, Options, Plan, State, SystemdParams, SystemdService, Wanted};
use crate::sysv::{self, Asking};
use manager::{Found, Manager};

#[derive(Params)]
pub struct ServiceParams {
    /// The service.
    pub name: Option<String>,
    /// `started` and `stopped` change nothing that is so already; `restarted` and `reloaded` always act.
    pub state: Option<State>,
    /// Whether it starts with the host.
    pub enabled: Option<bool>,
    /// Seconds between stop and start of a restart; not for systemd.
    pub sleep: Option<u64>,
    /// Text of a process that means that it runs; not for systemd.
    pub pattern: Option<String>,
    /// The runlevel that `enabled` is about; for OpenRC only.
    #[param(default = "default")]
    pub runlevel: String,
    /// More arguments for an init script; not for systemd.
    #[param(default = "", alias = "args")]
    pub arguments: String,
    /// The service manager: `systemd`, `sysvinit`, `openrc` or `service` (init scripts). Found out on the host.
    #[param(name = "use", default = "auto")]
    pub manager: String,
    #[param(flatten)]
    pub options: Options,
}

pub struct Service;

impl Module for Service {
    type Params = ServiceParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.service",
        aliases: &["service"],
        summary: "Starts, stops and enables services, whatever manages them.",
        description: "With systemd it takes what `systemd` takes. Init scripts and OpenRC refuse `masked`, `daemon_reload` and \
                      the like.",
        required_one_of: &[&["state", "enabled", "masked", "daemon_reload", "daemon_reexec"]],
        required_by: &[("state", &["name"]), ("enabled", &["name"]), ("masked", &["name"])],
        examples: &[
            ("Running, and after a restart too", "service: { name: httpd, state: started, enabled: true }"),
            ("Again", "service: { name: network, state: restarted, sleep: 2 }"),
        ],
        returns: &[
            ("name", "the service"),
            ("enabled", "whether it starts with the host, when that was asked for"),
            ("state", "the state, when one was asked for"),
            ("status", "what `systemctl show` told, with systemd"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &ServiceParams, host: &Host) -> Result<Delta, Failure> {
        systemd::refuse_pattern(params.name())?;
        let found =
            manager::look(Manager::named(&params.manager)?, &params.asking(), &params.runlevel, host)?;
        match found {
            Found::Systemd(_) if !params.options.given().is_empty() => {
                let delta = SystemdService::check(&params.for_systemd(), host)?;
                let state = json!({ "manager": "systemd", "verbs": delta.state() });
                Ok(delta.with_state(state))
            }
            Found::Script { .. } if !params.options.given().is_empty() => Err(params.only_with_systemd()),
            Found::Systemd(unit) => {
                let wanted = Wanted { state: params.state, enabled: params.enabled, masked: None };
                let delta = wanted.plan(params.name(), &unit)?.delta();
                let state = json!({ "manager": "systemd", "verbs": delta.state() });
                Ok(delta.with_state(state))
            }
            Found::Script { manager, path, enabled, running } => {
                if path.is_empty() {
                    return Err(Failure::new(format!(
                        "Could not find the requested service {}: host",
                        params.name()
                    )));
                }
                params.plan(manager, &path, enabled, running)
            }
        }
    }

    fn apply(params: &ServiceParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        if !params.options.given().is_empty() {
            let delta = delta.clone();
            let verbs = delta.state()["verbs"].clone();
            return SystemdService::apply(&params.for_systemd(), &delta.with_state(verbs), host);
        }
        let Delta::Some { state, result, .. } = delta else { return Ok(Outcome::default()) };
        let verbs = Plan::verbs_of(&state["verbs"]);
        let enable = state["enable"].as_bool();
        match state["manager"].as_str() {
            Some("systemd") => systemd::run(params.name(), &[], &verbs, host)?,
            Some("openrc") => manager::run_openrc(params.name(), enable, &params.runlevel, &verbs, host)?,
            _ => {
                if let Some(enabled) = enable {
                    sysv::enable(params.name(), enabled, &[], host)?;
                }
                let verbs: Vec<&str> = verbs.iter().map(String::as_str).collect();
                if !verbs.is_empty() {
                    let path = state["path"].as_str().unwrap_or_default();
                    params.asking().run(path, &verbs, params.sleep.unwrap_or(0), host)?;
                }
            }
        }
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

impl ServiceParams {
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    fn for_systemd(&self) -> SystemdParams {
        let Self { name, state, enabled, options, .. } = self;
        SystemdParams { name: name.clone(), state: *state, enabled: *enabled, options: *options }
    }

    fn only_with_systemd(&self) -> Failure {
        let names = self.options.given().join(", ");
        Failure::arguments(format!("Unsupported parameters for (service) module: {names}"))
            .remedy("systemd does not run on this host, and no other manager knows them")
    }

    fn asking(&self) -> Asking<'_> {
        Asking {
            name: self.name(),
            arguments: &self.arguments,
            pattern: self.pattern.as_deref().unwrap_or_default(),
        }
    }

    /// Plans for managers without units.
    fn plan(&self, manager: Manager, path: &str, enabled: bool, running: bool) -> Result<Delta, Failure> {
        let enable = self.enabled.filter(|wanted| *wanted != enabled);
        let verbs: &[&str] = match self.state {
            Some(State::Started | State::Reloaded) if !running => &["start"],
            Some(State::Stopped) if running => &["stop"],
            Some(State::Reloaded) => &["reload"],
            Some(State::Restarted) if self.sleep.is_some() && running => &["stop", "start"],
            Some(State::Restarted) => &["restart"],
            _ => &[],
        };
        let mut result = Map::from_iter([("name".to_owned(), json!(self.name()))]);
        let mut changes = Vec::new();
        if let Some(wanted) = self.enabled {
            result.insert("enabled".into(), json!(wanted));
        }
        if let Some(wanted) = enable {
            changes.push(crate::sysvinit::change(self.name(), "enabled", json!(!wanted), json!(wanted)));
        }
        if let Some(state) = self.state {
            let after = if state == State::Stopped { "stopped" } else { "started" };
            result.insert("state".into(), json!(after));
            if !verbs.is_empty() {
                let before = if running { "started" } else { "stopped" };
                changes.push(crate::sysvinit::change(
                    self.name(),
                    "state",
                    json!(before),
                    json!(state.word()),
                ));
            }
        }
        if changes.is_empty() {
            return Ok(Delta::None { result });
        }
        let state = json!({ "manager": manager.word(), "path": path, "enable": enable, "verbs": verbs });
        Ok(Delta::Some { changes, result, state })
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Service>(env!("CARGO_MANIFEST_DIR"));
        examples::<Service>();
    }
}
