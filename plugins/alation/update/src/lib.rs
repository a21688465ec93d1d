//! `alation.update`: applies the unpacked update, and follows its log.

mod installer_log;

use alation_shell::action::{Action, Found};
use alation_shell::{Build, Mode, Settings, copy, guard, observe, rules};
use installer_log::InstallerLog;
use switchover_sdk::prelude::*;

const NAME: &str = "alation.update";

#[derive(Params)]
struct UpdateParams {
    /// The build that the update brings.
    build: String,
    /// The updater's log; by default `{root}/alation-{build}/var/log/installer.log`.
    log: Option<HostPath>,
    #[param(flatten)]
    settings: Settings,
}

struct Update;

impl Module for Update {
    type Params = UpdateParams;
    const SPEC: Spec = Spec {
        name: NAME,
        summary: "Applies the unpacked update (`/etc/init.d/alation update`).",
        description: "Runs as a detached job, follows installer.log, and verifies the build that is in use afterwards. A host that \
                      has the build is left alone; an update that still runs is attached to. Refuses on a host that is not \
                      standalone.",
        long: true,
        examples: &[("Update", "alation.update: { build: 10.0.0.147420 }")],
        returns: &[
            ("build", "The build that is in use afterwards."),
            ("was", "The build that was in use before."),
            ("log", "Path of the updater's log on the host."),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &UpdateParams, host: &Host) -> Result<Delta, Failure> {
        let action = params.action()?;
        let found = action.look(host)?;
        let what = format!("Alation on this host, to {}", params.build);
        if let Found::Running(_) = found {
            return Ok(Delta::change(what, "updating", params.build.as_str()));
        }
        let build = observe::build(host, &params.settings)?;
        let failed = match found {
            Found::Failed(_) => true,
            Found::Vanished(_) if params.settings.wants_again(NAME) => true,
            Found::Vanished(failure) => return Err(failure.with("build", build.to_string())),
            _ => false,
        };
        if build == params.target()? && !failed {
            return Ok(Delta::none_with(json!({ "build": build.to_string() })));
        }
        if !host.about.check_mode {
            let mode = Mode::observe(host, &params.settings)?;
            if mode != Mode::Standalone {
                let why = format!("comes after the split, and this host is {}", mode.word());
                return Err(guard::refuse("the update", &why));
            }
        }
        Ok(Delta::change(what, build.to_string(), params.build.as_str()))
    }

    fn apply(params: &UpdateParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let action = params.action()?;
        let attaches = matches!(action.look(host)?, Found::Running(_));
        let was = observe::build(host, &params.settings);
        let mut log = InstallerLog::new(&params.settings, params.log_path());
        if !attaches {
            log.skip_old(host)?;
        }
        let finished = match action.run_beside(host, |host| log.news(host)) {
            Ok(finished) => finished,
            Err(failure) => return Err(params.failed(failure, &log, host)),
        };
        let build = observe::build(host, &params.settings)?;
        if build != params.target()? {
            let failure = Failure::new(format!(
                "the update ended well, but the build in use is {build}, not {}",
                params.build
            ))
            .with("stdout", finished.ran.stdout)
            .with("stderr", finished.ran.stderr);
            return Err(params.failed(failure, &log, host));
        }
        let mut outcome = Outcome::changed(copy::result(&finished));
        let was = was.map(|build| build.to_string()).unwrap_or_default();
        outcome.result.extend([
            ("build".to_owned(), json!(build.to_string())),
            ("was".to_owned(), json!(was)),
            ("log".to_owned(), json!(params.log_path())),
        ]);
        Ok(outcome)
    }
}

impl UpdateParams {
    fn action(&self) -> Result<Action, Failure> {
        self.target()?;
        let line = self.settings.as_root(&format!("{} update", self.settings.init));
        Action::outside(&self.settings, NAME, &self.build, "update", &line)
    }

    fn target(&self) -> Result<Build, Failure> {
        self.build.parse().map_err(|error| Failure::arguments(format!("argument `build`: {error}")))
    }

    fn log_path(&self) -> String {
        match &self.log {
            Some(path) => path.to_string(),
            None => self.settings.path(&format!("alation-{}/var/log/installer.log", self.build)),
        }
    }

    /// Adds what is true now: the end of the log, the build in use, the free space.
    fn failed(&self, failure: Failure, log: &InstallerLog, host: &Host) -> Failure {
        let path = self.log_path();
        let (observed, end) = (observe::observe(host, &self.settings), log.end());
        let (build, free) = observed.map_or((None, None), |observed| (observed.build, observed.free_mib));
        let build = build.map_or_else(|| "unknown".to_owned(), |build| build.to_string());
        let said =
            format!("{end}\n{}", failure.result.get("stdout").and_then(Value::as_str).unwrap_or_default());
        let remedy = if is_low_disk(&said) {
            let free = free.map_or_else(String::new, |free| format!(" ({free} MiB are free)"));
            format!("free disk space{free}, then run the same command again: the update is started anew")
        } else {
            format!(
                "see {path} on the host; when its cause is mended, run the same command again: the update is started anew"
            )
        };
        let log = match end.trim() {
            "" => format!("{path} says nothing new"),
            _ => format!("{path} ends: {}", rules::last_line(&end)),
        };
        let failure =
            Failure { msg: format!("{}; now the build in use is {build}; {log}", failure.msg), ..failure };
        failure.with("build", build).with("log", path).with("log_end", end).or_remedy(remedy)
    }
}

trait OrRemedy {
    fn or_remedy(self, text: String) -> Self;
}

impl OrRemedy for Failure {
    /// What is known of an unknown end comes before general advice.
    fn or_remedy(self, text: String) -> Self {
        let known = self.kind != switchover_sdk::FailureKind::Failed || self.msg.contains("waits for input");
        if known && self.remedy.is_some() { self } else { self.remedy(text) }
    }
}

fn is_low_disk(said: &str) -> bool {
    let said = said.to_lowercase();
    ["disk space", "no space left", "free space", "not enough space", "insufficient space"]
        .iter()
        .any(|words| said.contains(words))
}

export_modules!(Update);

#[cfg(test)]
mod tests {
    use alation_shell::testing::{Behaviour, FakeAlation};
    use switchover_sdk::JobState;

    use super::*;

    const TARGET: &str = "10.0.0.147420";
    const LOG: &str = "/opt/alation/alation-10.0.0.147420/var/log/installer.log";
    const KEY: &str = "alation.update.10.0.0.147420";

    fn host(mode: &str, behaviour: Behaviour) -> FakeAlation {
        FakeAlation::new("9.0.0.5").mode(mode).program("/etc/init.d/alation update", behaviour)
    }

    fn works() -> Behaviour {
        Behaviour { installs: Some(TARGET.into()), ..Behaviour::default() }
    }

    #[test]
    fn updates_once_and_verifies_the_build() {
        let fake = host("standalone", works());
        let outcome = fake.run::<Update>(&json!({ "build": TARGET })).unwrap();
        assert_eq!(outcome.result["build"], TARGET);
        assert_eq!(outcome.result["was"], "9.0.0.5");
        assert!(!fake.run::<Update>(&json!({ "build": TARGET })).unwrap().changed);
        assert_eq!(fake.done(), ["sudo -n /etc/init.d/alation update"]);
    }

    #[test]
    fn a_paired_host_is_refused() {
        let fake = host("master", works());
        let failure = fake.run::<Update>(&json!({ "build": TARGET })).unwrap_err();
        assert!(failure.msg.contains("comes after the split"), "{}", failure.msg);
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn a_failure_tells_what_is_true_now() {
        let fails = Behaviour { rc: 1, stdout: "Not enough disk space\n".into(), ..Behaviour::default() };
        let fake = host("standalone", fails).file(LOG, "checking\n");
        let failure = fake.run::<Update>(&json!({ "build": TARGET })).unwrap_err();
        assert!(failure.msg.contains("now the build in use is 9.0.0.5"), "{}", failure.msg);
        assert!(failure.remedy.unwrap().contains("free disk space (20480 MiB are free)"));
    }

    #[test]
    fn an_update_that_changes_nothing_is_a_failure() {
        let fake = host("standalone", Behaviour::default());
        let failure = fake.run::<Update>(&json!({ "build": TARGET })).unwrap_err();
        assert!(
            failure.msg.starts_with("the update ended well, but the build in use is 9.0.0.5"),
            "{}",
            failure.msg
        );
    }

    #[test]
    fn a_failed_update_is_started_anew_even_when_the_build_has_changed() {
        let fake = host("standalone", works()).job(KEY, JobState::Exited { rc: 2 }, "half\n");
        assert!(fake.run::<Update>(&json!({ "build": TARGET })).unwrap().changed);
        assert_eq!(fake.done(), ["sudo -n /etc/init.d/alation update"]);
    }

    #[test]
    fn an_update_that_still_runs_is_attached_to() {
        let fake = host("standalone", works()).job(KEY, JobState::Running, "unpacking\n");
        let late = json!({ "build": TARGET, "action_timeout": 0 });
        assert!(fake.run::<Update>(&late).unwrap_err().msg.contains("update still runs"));
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn the_log_is_followed() {
        let fake = host("standalone", works()).job(KEY, JobState::Running, "").file(LOG, "migrating 40%\n");
        assert!(fake.run::<Update>(&json!({ "build": TARGET, "action_timeout": 0 })).is_err());
        assert_eq!(fake.progress(), ["migrating 40%"]);
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<Update>();
    }
}
