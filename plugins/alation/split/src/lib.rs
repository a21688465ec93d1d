//! `alation.split`: takes a host out of its pair (standalone mode), and verifies it.

use alation_shell::action::{Action, Found};
use alation_shell::{Build, Mode, Settings, copy, observe};
use switchover_sdk::prelude::*;

const NAME: &str = "alation.split";
const DOING: &str = "cluster_enter_standalone_mode";

#[derive(Params)]
struct SplitParams {
    /// The build that the pair is being taken to. A host that already has it and is in a pair has the split behind
    /// it, and is left alone.
    target_build: Option<String>,
    #[param(flatten)]
    settings: Settings,
}

struct Split;

impl Module for Split {
    type Params = SplitParams;
    const SPEC: Spec = Spec {
        name: NAME,
        summary: "Makes a host of a pair a standalone instance.",
        long: true,
        examples: &[("Split", "alation.split: { role: secondary }")],
        returns: &[("mode", "The host's place in the pair afterwards."), ("was", "Its place before.")],
        ..Spec::DEFAULT
    };

    fn check(params: &SplitParams, host: &Host) -> Result<Delta, Failure> {
        let settings = &params.settings;
        let mode = Mode::observe(host, settings)?;
        let action = Action::new(settings, NAME, DOING)?;
        let running = matches!(action.look(host)?, Found::Running(_));
        if mode == Mode::Standalone && !running {
            return Ok(Delta::none_with(json!({ "mode": mode.word() })));
        }
        if let Some(failure) = mode.contradicts(settings.role) {
            return Err(failure);
        }
        if !running && is_past(params, host)? {
            return Ok(Delta::none_with(json!({ "mode": mode.word(), "msg": "updated and paired again" })));
        }
        Ok(Delta::change(alation_shell::mode::KEY, mode.word(), Mode::Standalone.word()))
    }

    fn apply(params: &SplitParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let was = Mode::observe(host, &params.settings)?;
        let finished = Action::new(&params.settings, NAME, DOING)?.run_anew(host)?;
        let mode = Mode::observe(host, &params.settings)?;
        if mode != Mode::Standalone {
            return Err(Failure::new(format!("{DOING} ended well, but the host is still {}", mode.word()))
                .remedy("see what the action said, and the product's log; the other host was not touched by this step")
                .with("mode", mode.word())
                .with("stdout", finished.ran.stdout));
        }
        let mut outcome = Outcome::changed(copy::result(&finished));
        outcome
            .result
            .extend([("mode".to_owned(), json!(mode.word())), ("was".to_owned(), json!(was.word()))]);
        Ok(outcome)
    }
}

fn is_past(params: &SplitParams, host: &Host) -> Result<bool, Failure> {
    let Some(target) = params.target_build.as_deref().filter(|text| !text.is_empty()) else {
        return Ok(false);
    };
    let target: Build =
        target.parse().map_err(|error: alation_shell::BuildError| Failure::arguments(error.to_string()))?;
    Ok(observe::build(host, &params.settings)? == target)
}

export_modules!(Split);

#[cfg(test)]
mod tests {
    use alation_shell::testing::{Behaviour, FakeAlation};
    use switchover_sdk::JobState;

    use super::*;

    fn host(mode: &str) -> FakeAlation {
        let splits = Behaviour {
            sets: vec![(alation_shell::mode::KEY.into(), "standalone".into())],
            ..Behaviour::default()
        };
        FakeAlation::new("9.0.0.5").mode(mode).action(DOING, splits)
    }

    #[test]
    fn splits_once_and_verifies() {
        let fake = host("master");
        let outcome = fake.run::<Split>(&json!({ "role": "primary" })).unwrap();
        assert_eq!(outcome.result["mode"], "standalone");
        assert_eq!(outcome.result["was"], "master");
        assert!(!fake.run::<Split>(&json!({ "role": "primary" })).unwrap().changed);
        assert_eq!(fake.done(), [DOING]);
    }

    #[test]
    fn an_old_result_does_not_count_when_the_host_is_in_a_pair() {
        let fake = host("slave").job(NAME, JobState::Exited { rc: 0 }, "");
        assert!(fake.run::<Split>(&json!({ "role": "secondary" })).unwrap().changed);
        assert_eq!(fake.done(), [DOING]);
    }

    #[test]
    fn a_host_that_is_updated_and_paired_is_left_alone() {
        let fake = host("master");
        let outcome = fake.run::<Split>(&json!({ "role": "primary", "target_build": "9.0.0.5" })).unwrap();
        assert!(!outcome.changed);
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn refuses_swapped_roles() {
        let fake = host("slave");
        assert!(
            fake.run::<Split>(&json!({ "role": "primary" })).unwrap_err().remedy.unwrap().contains("swapped")
        );
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn an_action_that_changes_nothing_is_a_failure() {
        let fake = FakeAlation::new("9.0.0.5").mode("master").action(DOING, Behaviour::default());
        let failure = fake.run::<Split>(&json!({ "role": "primary" })).unwrap_err();
        assert_eq!(failure.msg, "cluster_enter_standalone_mode ended well, but the host is still master");
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<Split>();
    }
}
