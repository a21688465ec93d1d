//! `alation.postgres_replicate`: replaces the Secondary's Postgres data by a replica of the Primary's.

use alation_shell::action::Action;
use alation_shell::{Settings, copy, guard};
use switchover_sdk::JobState;
use switchover_sdk::prelude::*;

const NAME: &str = "alation.postgres_replicate";
const DOING: &str = "cluster_replicate_postgres";

#[derive(Params)]
struct PostgresReplicateParams {
    /// What was observed on the other host: it must be `master`.
    peer_mode: Option<String>,
    #[param(flatten)]
    settings: Settings,
}

struct PostgresReplicate;

impl Module for PostgresReplicate {
    type Params = PostgresReplicateParams;
    const SPEC: Spec = Spec {
        name: NAME,
        summary: "Replicates Postgres from the Primary.",
        description: "Deletes all Postgres data of the host it runs on, then copies from the Primary and keeps following it. \
                      Refuses on a host that is the Primary by the inventory or the master by its own word. Takes from half \
                      an hour to days; runs as a detached job, and a second start attaches to the first or takes its result.",
        effect: Spec::destroys("all Postgres data of this host"),
        long: true,
        examples: &[("Replicate", "alation.postgres_replicate: { role: secondary, peer_mode: master }")],
        returns: &[
            ("job", "Key of the detached job on the host."),
            ("mode", "The host's place in the pair."),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &PostgresReplicateParams, host: &Host) -> Result<Delta, Failure> {
        let action = Action::new(&params.settings, NAME, DOING)?;
        let delta = copy::check(host, &params.settings, &action, params.peer_mode.as_deref(), DOING)?;
        if !matches!(delta, Delta::None { .. })
            && host.job_status("alation.kvstore_copy")?.state == JobState::Running
        {
            return Err(guard::refuse(DOING, "comes after the KV Store copy, which still runs on this host"));
        }
        Ok(delta)
    }

    fn apply(params: &PostgresReplicateParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let action = Action::new(&params.settings, NAME, DOING)?;
        copy::apply(host, &params.settings, &action, DOING)
    }
}

export_modules!(PostgresReplicate);

#[cfg(test)]
mod tests {
    use alation_shell::testing::{Behaviour, FakeAlation};

    use super::*;

    fn secondary(mode: &str) -> FakeAlation {
        FakeAlation::new("10.0.0.1").mode(mode).action(DOING, Behaviour::default())
    }

    #[test]
    fn replicates_once() {
        let fake = secondary("slave");
        let arguments = json!({ "role": "secondary", "peer_mode": "master" });
        assert!(fake.run::<PostgresReplicate>(&arguments).unwrap().changed);
        assert!(!fake.run::<PostgresReplicate>(&arguments).unwrap().changed);
        assert_eq!(fake.done(), [DOING]);
    }

    #[test]
    fn refuses_on_the_primary() {
        for (role, mode) in [("primary", "standalone"), ("secondary", "master")] {
            let fake = secondary(mode);
            let arguments = json!({ "role": role, "peer_mode": "master" });
            assert!(fake.run::<PostgresReplicate>(&arguments).is_err());
            assert_eq!(fake.done(), [""; 0]);
        }
    }

    #[test]
    fn refuses_on_a_host_that_began_the_update_as_the_primary() {
        let fake = secondary("standalone").record(&json!({ "role": "primary", "begun": 1 }));
        let arguments = json!({ "role": "secondary", "peer_mode": "master" });
        let failure = fake.run::<PostgresReplicate>(&arguments).unwrap_err();
        assert!(failure.msg.contains("began this update as the primary"), "{}", failure.msg);
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn waits_for_the_kv_store_copy() {
        let fake = secondary("slave").job("alation.kvstore_copy", JobState::Running, "");
        let arguments = json!({ "role": "secondary", "peer_mode": "master" });
        assert!(
            fake.run::<PostgresReplicate>(&arguments).unwrap_err().msg.contains("still runs on this host")
        );
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<PostgresReplicate>();
    }
}
