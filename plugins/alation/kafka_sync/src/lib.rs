//! `alation.kafka_sync`: synchronizes the Event Bus data, on the Secondary.

use alation_shell::action::Action;
use alation_shell::{Settings, copy};
use switchover_sdk::prelude::*;

const NAME: &str = "alation.kafka_sync";
const DOING: &str = "cluster_start_kafka_sync";

#[derive(Params)]
struct KafkaSyncParams {
    /// What was observed on the other host: it must be `master`.
    peer_mode: Option<String>,
    #[param(flatten)]
    settings: Settings,
}

struct KafkaSync;

impl Module for KafkaSync {
    type Params = KafkaSyncParams;
    const SPEC: Spec = Spec {
        name: NAME,
        summary: "Synchronizes the Event Bus data from the Primary.",
        description: "For release 2021.4 and newer. Refuses on a host that is the Primary by the inventory or the master by \
                      its own word. Runs as a detached job, and a second start attaches to the first or takes its result.",
        long: true,
        examples: &[("Synchronize", "alation.kafka_sync: { role: secondary, peer_mode: master }")],
        returns: &[
            ("job", "Key of the detached job on the host."),
            ("mode", "The host's place in the pair."),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &KafkaSyncParams, host: &Host) -> Result<Delta, Failure> {
        let action = Action::new(&params.settings, NAME, DOING)?;
        copy::check(host, &params.settings, &action, params.peer_mode.as_deref(), DOING)
    }

    fn apply(params: &KafkaSyncParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let action = Action::new(&params.settings, NAME, DOING)?;
        copy::apply(host, &params.settings, &action, DOING)
    }
}

export_modules!(KafkaSync);

#[cfg(test)]
mod tests {
    use alation_shell::testing::{Behaviour, FakeAlation};

    use super::*;

    #[test]
    fn synchronizes_once_on_the_secondary() {
        let fake = FakeAlation::new("10.0.0.1").mode("slave").action(DOING, Behaviour::default());
        let arguments = json!({ "role": "secondary", "peer_mode": "master" });
        assert!(fake.run::<KafkaSync>(&arguments).unwrap().changed);
        assert!(!fake.run::<KafkaSync>(&arguments).unwrap().changed);
        assert_eq!(fake.done(), [DOING]);
    }

    #[test]
    fn refuses_on_the_primary() {
        let fake = FakeAlation::new("10.0.0.1").mode("master");
        assert!(fake.run::<KafkaSync>(&json!({ "role": "primary", "peer_mode": "master" })).is_err());
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<KafkaSync>();
    }
}
