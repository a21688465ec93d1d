use alation_shell::action::{Action, Found};
use alation_shell::{Mode, Role, Settings, copy, guard};
use switchover_sdk::prelude::*;

const NAME: &str = "alation.master_mode";
const DOING: &str = "cluster_enter_master_mode";

#[derive(Params)]
pub struct MasterModeParams {
    /// What was observed on the other host: it must not be `master`.
    peer_mode: Option<String>,
    #[param(flatten)]
    settings: Settings,
}

/// Makes the Primary the active instance again.
pub struct MasterMode;

impl Module for MasterMode {
    type Params = MasterModeParams;
    const SPEC: Spec = Spec {
        name: NAME,
        summary: "Puts the Primary back into the active instance mode.",
        description: "Restarts the Alation services. Refuses on a host that is the Secondary by the inventory, and while the \
                      other host is the master.",
        effect: Spec::destroys("the sessions of users on this host: its Alation services restart"),
        long: true,
        examples: &[("Master", "alation.master_mode: { role: primary, peer_mode: standalone }")],
        returns: &[("mode", "The host's place in the pair afterwards.")],
        ..Spec::DEFAULT
    };

    fn check(params: &MasterModeParams, host: &Host) -> Result<Delta, Failure> {
        let settings = &params.settings;
        let mode = guard::role(host, settings, Role::Primary, DOING)?;
        let running = matches!(Action::new(settings, NAME, DOING)?.look(host)?, Found::Running(_));
        if mode == Mode::Master && !running {
            return Ok(Delta::none_with(json!({ "mode": mode.word() })));
        }
        guard::peer(host, params.peer_mode.as_deref(), &[Mode::Standalone, Mode::Slave], DOING)?;
        Ok(Delta::change(alation_shell::mode::KEY, mode.word(), Mode::Master.word()))
    }

    fn apply(params: &MasterModeParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let finished = Action::new(&params.settings, NAME, DOING)?.run_anew(host)?;
        let mode = Mode::observe(host, &params.settings)?;
        if mode != Mode::Master {
            return Err(Failure::new(format!("{DOING} ended well, but the host is {}", mode.word()))
                .remedy("see what the action said and whether the Alation services are up")
                .with("mode", mode.word())
                .with("stdout", finished.ran.stdout));
        }
        let mut outcome = Outcome::changed(copy::result(&finished));
        outcome.result.insert("mode".to_owned(), json!(mode.word()));
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use alation_shell::testing::{Behaviour, FakeAlation};
    use switchover_sdk::JobState;

    use super::*;

    fn primary(mode: &str) -> FakeAlation {
        let enters = Behaviour {
            sets: vec![(alation_shell::mode::KEY.into(), "master".into())],
            ..Behaviour::default()
        };
        FakeAlation::new("10.0.0.1").mode(mode).action(DOING, enters)
    }

    #[test]
    fn enters_once() {
        let fake = primary("standalone");
        let arguments = json!({ "role": "primary", "peer_mode": "standalone" });
        assert!(fake.run::<MasterMode>(&arguments).unwrap().changed);
        assert!(!fake.run::<MasterMode>(&arguments).unwrap().changed);
        assert_eq!(fake.done(), [DOING]);
    }

    #[test]
    fn a_second_master_is_refused() {
        let fake = primary("standalone");
        let failure =
            fake.run::<MasterMode>(&json!({ "role": "primary", "peer_mode": "master" })).unwrap_err();
        assert!(failure.msg.contains("and it is master"), "{}", failure.msg);
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn refuses_on_the_secondary() {
        let fake = primary("standalone");
        assert!(fake.run::<MasterMode>(&json!({ "role": "secondary", "peer_mode": "standalone" })).is_err());
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn an_action_that_still_runs_is_waited_for_although_the_mode_has_changed() {
        let fake = primary("master").job(NAME, JobState::Running, "restarting\n");
        let arguments = json!({ "role": "primary", "peer_mode": "standalone", "action_timeout": 0 });
        assert!(fake.run::<MasterMode>(&arguments).unwrap_err().msg.contains("still runs"));
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<MasterMode>();
    }
}
