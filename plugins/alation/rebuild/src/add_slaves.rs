use alation_shell::action::Action;
use alation_shell::{Mode, Role, Settings, conf, copy, guard};
use switchover_sdk::prelude::*;

const NAME: &str = "alation.add_slaves";
const DOING: &str = "cluster_add_slaves";

#[derive(Params)]
pub struct AddSlavesParams {
    /// What was observed on the other host: it must not be `master`.
    peer_mode: Option<String>,
    /// `alation.cluster.protected_instance` as it was observed on the other host: it must not be True.
    peer_protected: Option<String>,
    #[param(flatten)]
    settings: Settings,
}

/// Adds the Secondary to the cluster.
pub struct AddSlaves;

impl Module for AddSlaves {
    type Params = AddSlavesParams;
    const SPEC: Spec = Spec {
        name: NAME,
        summary: "Adds the Secondary to the cluster, on the Primary.",
        description: "Deletes any instance that is not protected from replication. Refuses on a host that is not the master, \
                      and while the other host is one. Runs as a detached job; a second start takes the result of the first.",
        effect: Spec::destroys("every instance of the cluster that is not protected from replication"),
        long: true,
        examples: &[("Add", "alation.add_slaves: { role: primary, peer_mode: standalone }")],
        returns: &[
            ("job", "Key of the detached job on the host."),
            ("mode", "The host's place in the pair."),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &AddSlavesParams, host: &Host) -> Result<Delta, Failure> {
        let settings = &params.settings;
        let mode = guard::role(host, settings, Role::Primary, DOING)?;
        let action = Action::new(settings, NAME, DOING)?;
        let result = json!({ "mode": mode.word(), "job": action.key() });
        let Some(delta) = action.delta(host)? else { return Ok(Delta::none_with(result)) };
        if mode != Mode::Master && !host.about.check_mode {
            return Err(guard::refuse(
                DOING,
                &format!("runs on the master only, and this host is {}", mode.word()),
            ));
        }
        guard::peer(host, params.peer_mode.as_deref(), &[Mode::Standalone, Mode::Slave], DOING)?;
        let protected = params.peer_protected.as_deref().is_some_and(|word| conf::same_value(word, "True"));
        if protected && !host.about.check_mode {
            return Err(guard::refuse(
                DOING,
                "needs the other host unprotected, and its alation.cluster.protected_instance is True",
            ));
        }
        Ok(delta.with_result(result))
    }

    fn apply(params: &AddSlavesParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let mode = Mode::observe(host, &params.settings)?;
        if mode != Mode::Master {
            return Err(guard::refuse(
                DOING,
                &format!("runs on the master only, and this host is {}", mode.word()),
            ));
        }
        let finished = Action::new(&params.settings, NAME, DOING)?.run(host)?;
        Ok(Outcome::changed(copy::result(&finished)))
    }
}

#[cfg(test)]
mod tests {
    use alation_shell::testing::{Behaviour, FakeAlation};

    use super::*;

    fn primary(mode: &str) -> FakeAlation {
        FakeAlation::new("10.0.0.1").mode(mode).action(DOING, Behaviour::default())
    }

    fn arguments() -> Value {
        json!({ "role": "primary", "peer_mode": "standalone", "peer_protected": "False" })
    }

    #[test]
    fn adds_once() {
        let fake = primary("master");
        assert!(fake.run::<AddSlaves>(&arguments()).unwrap().changed);
        assert!(!fake.run::<AddSlaves>(&arguments()).unwrap().changed);
        assert_eq!(fake.done(), [DOING]);
    }

    #[test]
    fn refuses_on_a_host_that_is_not_the_master() {
        let fake = primary("standalone");
        assert!(fake.run::<AddSlaves>(&arguments()).unwrap_err().msg.contains("runs on the master only"));
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn refuses_while_the_other_host_is_protected_or_a_master() {
        for (key, value) in [("peer_protected", "True"), ("peer_mode", "master")] {
            let fake = primary("master");
            let mut arguments = arguments();
            arguments[key] = json!(value);
            assert!(fake.run::<AddSlaves>(&arguments).unwrap_err().msg.contains("nothing was changed"));
            assert_eq!(fake.done(), [""; 0]);
        }
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<AddSlaves>();
    }
}
