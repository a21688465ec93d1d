mod plan;
mod unit;

use switchover_sdk::prelude::*;

pub use plan::{Plan, Wanted};
use switchover_sdk::script::{MARK, missing, script};
pub use unit::{LOOK, Unit};

#[derive(Params)]
pub struct SystemdParams {
    /// The unit; without a suffix it is a service.
    #[param(alias = "service", alias = "unit")]
    pub name: Option<String>,
    /// `started` and `stopped` change nothing that is so already; `restarted` and `reloaded` always act.
    pub state: Option<State>,
    /// Whether it starts with the host.
    pub enabled: Option<bool>,
    #[param(flatten)]
    pub options: Options,
}

/// What only systemd knows; `service` hands it on.
#[derive(Clone, Copy, Debug, Params)]
pub struct Options {
    /// Links a unit with another of the same name over.
    pub force: Option<bool>,
    /// Whether it cannot be started at all.
    pub masked: Option<bool>,
    /// Reads all unit files again, before anything else.
    #[param(default = false, alias = "daemon-reload")]
    pub daemon_reload: bool,
    /// Runs systemd itself again, before anything else.
    #[param(default = false, alias = "daemon-reexec")]
    pub daemon_reexec: bool,
    /// Whose units: those of the system, of the user, or of all users.
    #[param(default = "system")]
    pub scope: Scope,
    /// Does not wait for the end of a job.
    #[param(default = false)]
    pub no_block: bool,
}

/// What a service should do.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Reloaded,
    Restarted,
    Started,
    Stopped,
}

/// Whose units are meant.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    System,
    User,
    Global,
}

pub struct SystemdService;

impl Module for SystemdService {
    type Params = SystemdParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.systemd_service",
        aliases: &["systemd_service", "systemd", "ansible.builtin.systemd"],
        summary: "Starts, stops, enables and masks units of systemd.",
        examples: &[
            ("Running, and after a restart too", "systemd: { name: nginx, state: started, enabled: true }"),
            ("A unit file is new", "systemd_service: { name: app, state: restarted, daemon_reload: true }"),
            ("Never", "systemd: { name: cups, masked: true, state: stopped }"),
            ("How is it?", "systemd_service: { name: nginx }"),
        ],
        returns: &[
            ("name", "the unit"),
            ("status", "what `systemctl show` told before the change"),
            ("enabled", "whether it starts with the host, when that was asked for"),
            ("state", "the state, when one was asked for"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &SystemdParams, host: &Host) -> Result<Delta, Failure> {
        params.refuse_nonsense()?;
        // What a reload brings can only be seen after it. In check mode there is none, as in Ansible.
        if params.reloads() && !host.about.check_mode {
            return Ok(Delta::unknown());
        }
        match params.look(host)? {
            Some(unit) => Ok(params.wanted().plan(params.unit(), &unit)?.delta()),
            None => Ok(Delta::none_with(nothing())),
        }
    }

    fn apply(params: &SystemdParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        if let Delta::Some { state, result, changes } = delta {
            let verbs = Plan::verbs_of(state);
            run(params.unit(), &params.flags(), &verbs, host)?;
            return Ok(Outcome {
                changed: true,
                result: result.clone(),
                changes: changes.clone(),
                ..Outcome::default()
            });
        }
        params.reload(host)?;
        let Some(unit) = params.look(host)? else { return Ok(Outcome::unchanged(nothing())) };
        let plan = params.wanted().plan(params.unit(), &unit)?;
        run(params.unit(), &params.flags(), &plan.verbs, host)?;
        let changed = !plan.verbs.is_empty();
        Ok(Outcome { changed, result: plan.result, changes: plan.changes, ..Outcome::default() })
    }
}

fn nothing() -> Value {
    json!({ "name": null, "status": {} })
}

impl Options {
    /// Returns the names of those that a task gave.
    pub fn given(&self) -> Vec<&'static str> {
        let all = [
            (self.daemon_reexec, "daemon_reexec"),
            (self.daemon_reload, "daemon_reload"),
            (self.force.is_some(), "force"),
            (self.masked.is_some(), "masked"),
            (self.no_block, "no_block"),
            (self.scope != Scope::System, "scope"),
        ];
        all.into_iter().filter(|(given, _)| *given).map(|(_, name)| name).collect()
    }
}

impl SystemdParams {
    fn unit(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    fn reloads(&self) -> bool {
        self.options.daemon_reload || self.options.daemon_reexec
    }

    fn refuse_nonsense(&self) -> Result<(), Failure> {
        let given = [
            ("state", self.state.is_some()),
            ("enabled", self.enabled.is_some()),
            ("masked", self.options.masked.is_some()),
        ];
        match (&self.name, given.iter().find(|(_, given)| *given)) {
            (None, Some((key, _))) => {
                Err(Failure::arguments(format!("missing parameter(s) required by '{key}': name")))
            }
            (Some(name), _) => refuse_pattern(name),
            _ => Ok(()),
        }
    }

    fn wanted(&self) -> Wanted {
        Wanted { state: self.state, enabled: self.enabled, masked: self.options.masked }
    }

    /// Returns the options of systemctl that come before each verb.
    fn flags(&self) -> Vec<&'static str> {
        let scope = match self.options.scope {
            Scope::System => None,
            Scope::User => Some("--user"),
            Scope::Global => Some("--global"),
        };
        let no_block = self.options.no_block.then_some("--no-block");
        let force = (self.options.force == Some(true)).then_some("--force");
        scope.into_iter().chain(no_block).chain(force).collect()
    }

    fn look(&self, host: &Host) -> Result<Option<Unit>, Failure> {
        match &self.name {
            Some(name) => Unit::look(name, &self.flags(), host).map(Some),
            None => Ok(None),
        }
    }

    fn reload(&self, host: &Host) -> Result<(), Failure> {
        let verbs =
            [(self.options.daemon_reload, "daemon-reload"), (self.options.daemon_reexec, "daemon-reexec")];
        for (_, verb) in verbs.iter().filter(|(asked, _)| *asked) {
            let words = ["systemctl"].into_iter().chain(self.flags()).chain([*verb]);
            let output = host.exec(&Command::new(words))?;
            if output.rc == 127 {
                return Err(missing("systemctl"));
            }
            if output.rc != 0 {
                let stderr = output.stderr.to_text();
                return Err(Failure::new(format!("failure {} during {verb}: {stderr}", output.rc))
                    .with("rc", output.rc)
                    .with("stderr", stderr));
            }
        }
        Ok(())
    }
}

/// Refuses a name that systemctl would take as a pattern.
pub fn refuse_pattern(name: &str) -> Result<(), Failure> {
    match name.chars().find(|c| matches!(c, '*' | '?' | '[')) {
        Some(found) => Err(Failure::arguments(format!(
            "This module does not currently support using glob patterns, found '{found}' in service name: {name}"
        ))),
        None => Ok(()),
    }
}

/// Does one verb after the other and stops at the first that fails, whose name it writes.
const RUN: &str = r#"unit=$1 flags=$2; shift 2
: "${XDG_RUNTIME_DIR:=/run/user/$(id -u)}"; export XDG_RUNTIME_DIR
for verb; do systemctl $flags "$verb" -- "$unit" || { rc=$?; printf '\036%s' "$verb"; exit $rc; }; done"#;

/// Does these verbs of systemctl on a unit, in one round trip.
pub fn run(unit: &str, flags: &[&str], verbs: &[String], host: &Host) -> Result<(), Failure> {
    if verbs.is_empty() {
        return Ok(());
    }
    let fixed = [unit.to_owned(), flags.join(" ")];
    let output = host.exec(&script(RUN, &[&fixed, verbs].concat()))?;
    if output.rc == 0 {
        return Ok(());
    }
    let (stdout, stderr) = (output.stdout.to_text(), output.stderr.to_text());
    let (said, verb) = stdout.rsplit_once(MARK).unwrap_or((&stdout, "change"));
    Err(Failure::new(format!("Unable to {verb} service {unit}: {said}{stderr}"))
        .with("rc", output.rc)
        .with("stderr", stderr.clone()))
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<SystemdService>(env!("CARGO_MANIFEST_DIR"));
        examples::<SystemdService>();
    }

    #[test]
    fn a_reload_alone_is_no_change_and_needs_no_unit() {
        let host = FakeHost::new().command("systemctl daemon-reload", 0, "");
        let outcome = host.run::<SystemdService>(json!({ "daemon_reload": true })).unwrap();
        assert!(!outcome.changed);
        assert_eq!(outcome.result["status"], json!({}));
        assert_eq!(host.programs(), ["systemctl daemon-reload"]);
    }

    #[test]
    fn looks_only_after_a_reload() {
        let show = "LoadState=loaded\nActiveState=active\n\u{1e}0\u{1e}enabled\n\u{1e}0\u{1e}\u{1e}";
        let output = ExecOutput { stdout: show.into(), ..ExecOutput::default() };
        let host = FakeHost::new()
            .command("systemctl daemon-reload", 0, "")
            .script("is-enabled", output)
            .script("for verb", ExecOutput::default());
        let outcome = host
            .run::<SystemdService>(json!({ "name": "a", "state": "reloaded", "daemon-reload": true }))
            .unwrap();
        assert!(outcome.changed);
        assert_eq!(outcome.result["state"], "started");
        assert_eq!(host.programs()[0], "systemctl daemon-reload");
        assert!(host.programs()[2].ends_with("a  reload"), "{:?}", host.programs());
    }
}
