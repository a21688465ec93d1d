//! `alation.kvstore_copy`: copies the KV Store over from the Primary, on the Secondary only.

use alation_shell::action::Action;
use alation_shell::{Settings, copy};
use switchover_sdk::prelude::*;

const NAME: &str = "alation.kvstore_copy";
const DOING: &str = "cluster_kvstore_copy";

#[derive(Params)]
struct KvstoreCopyParams {
    /// What was observed on the other host: it must be `master`.
    peer_mode: Option<String>,
    #[param(flatten)]
    settings: Settings,
}

struct KvstoreCopy;

impl Module for KvstoreCopy {
    type Params = KvstoreCopyParams;
    const SPEC: Spec = Spec {
        name: NAME,
        summary: "Copies the KV Store over from the Primary.",
        description: "Deletes all KV Store data of the host it runs on, then copies from the Primary. Refuses on a host that \
                      is the Primary by the inventory or the master by its own word. Takes from five minutes to an hour; \
                      runs as a detached job, and a second start attaches to the first or takes its result.",
        effect: Spec::destroys("all KV Store data of this host"),
        long: true,
        examples: &[("Copy", "alation.kvstore_copy: { role: secondary, peer_mode: master }")],
        returns: &[
            ("job", "Key of the detached job on the host."),
            ("mode", "The host's place in the pair."),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &KvstoreCopyParams, host: &Host) -> Result<Delta, Failure> {
        let action = Action::new(&params.settings, NAME, DOING)?;
        copy::check(host, &params.settings, &action, params.peer_mode.as_deref(), DOING)
    }

    fn apply(params: &KvstoreCopyParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let action = Action::new(&params.settings, NAME, DOING)?;
        copy::apply(host, &params.settings, &action, DOING)
    }
}

export_modules!(KvstoreCopy);

#[cfg(test)]
mod tests {
    use alation_shell::testing::{Behaviour, FakeAlation};
    use switchover_sdk::JobState;

    use super::*;

    fn arguments(role: &str, peer: &str) -> Value {
        json!({ "role": role, "peer_mode": peer, "prompt_grace": 0 })
    }

    fn secondary(mode: &str) -> FakeAlation {
        let copies = Behaviour { stdout: "copied 100%\n".into(), ..Behaviour::default() };
        FakeAlation::new("10.0.0.1").mode(mode).action(DOING, copies)
    }

    #[test]
    fn copies_once() {
        let fake = secondary("slave");
        let arguments = arguments("secondary", "master");
        assert!(fake.run::<KvstoreCopy>(&arguments).unwrap().changed);
        assert!(!fake.run::<KvstoreCopy>(&arguments).unwrap().changed);
        assert_eq!(fake.done(), [DOING]);
    }

    #[test]
    fn refuses_on_the_declared_primary() {
        let fake = secondary("standalone");
        let failure = fake.run::<KvstoreCopy>(&arguments("primary", "master")).unwrap_err();
        assert!(failure.msg.contains("runs on the secondary only"), "{}", failure.msg);
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn refuses_on_a_master_whatever_the_inventory_says() {
        let fake = secondary("master");
        let failure = fake.run::<KvstoreCopy>(&arguments("secondary", "master")).unwrap_err();
        assert!(failure.remedy.unwrap().contains("swapped"));
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn refuses_without_a_master_to_copy_from() {
        let fake = secondary("slave");
        let failure = fake.run::<KvstoreCopy>(&arguments("secondary", "standalone")).unwrap_err();
        assert!(failure.msg.contains("needs the other host to be master"), "{}", failure.msg);
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn a_copy_that_still_runs_is_attached_to() {
        let fake = secondary("slave").job(NAME, JobState::Running, "copying 3%\n");
        let mut late = arguments("secondary", "master");
        late["action_timeout"] = json!(0);
        let failure = fake.run::<KvstoreCopy>(&late).unwrap_err();
        assert!(failure.msg.contains("still runs"), "{}", failure.msg);
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn checking_starts_nothing() {
        let fake = secondary("slave").check_mode();
        let delta = fake.check::<KvstoreCopy>(&json!({ "role": "secondary" })).unwrap();
        assert!(matches!(delta, Delta::Some { .. }));
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<KvstoreCopy>();
    }
}
