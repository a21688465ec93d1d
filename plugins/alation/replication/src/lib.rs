//! `alation.replication`: looks at the replication page of the Primary, and waits until replication is real.

mod wait;

use alation_shell::Settings;
use alation_shell::monitor::Page;
use switchover_sdk::prelude::*;
use wait::Wait;

#[derive(Params)]
struct ReplicationParams {
    /// What to wait for: nothing, an answer of any kind, or a real lag under the ceiling.
    #[param(default = "nothing")]
    wait_for: WaitFor,
    /// The most bytes that the Secondary may be behind.
    #[param(default = 67_108_864)]
    ceiling: u64,
    /// How many good looks in a row count as replication.
    #[param(default = 3)]
    samples: u64,
    /// Seconds between two looks.
    #[param(default = 5.0)]
    interval: f64,
    /// Seconds without any headway (an answer that is not a lag, or a lag that does not fall) until it is a failure.
    #[param(default = 1800)]
    timeout: u64,
    #[param(flatten)]
    settings: Settings,
}

#[derive(Choice, Clone, Copy, PartialEq)]
enum WaitFor {
    Nothing,
    Answer,
    Lag,
}

struct Replication;

impl Module for Replication {
    type Params = ReplicationParams;
    const SPEC: Spec = Spec {
        name: "alation.replication",
        summary: "Looks at the replication page of the Primary, and waits until replication is real.",
        description: "The page says `standalone`, `unknown`, or how many bytes the Secondary is behind. Waiting for `lag` ends well \
                      after enough looks in a row at a real lag under the ceiling; a service that restarts meanwhile is waited for. \
                      In check mode it looks once.",
        effect: Spec::READS,
        long: true,
        examples: &[(
            "Wait",
            "alation.replication: { wait_for: lag, ceiling: 1048576, samples: 3, interval: 10 }",
        )],
        returns: &[
            ("state", "`standalone`, `unknown`, `lag`, `unreadable` or `down`."),
            ("lag", "Bytes that the Secondary is behind; -1 when there is no real lag."),
            ("said", "What the page said, in words."),
        ],
        ..Spec::DEFAULT
    };

    fn check(_: &ReplicationParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &ReplicationParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let page = if params.wait_for == WaitFor::Nothing || host.about.check_mode {
            params.settings.monitor.look(host)?
        } else {
            Wait::new(params).run(host)?
        };
        Ok(Outcome::unchanged(result(&page)))
    }
}

fn result(page: &Page) -> Value {
    match page {
        Page::Down(why) => json!({ "state": "down", "lag": -1, "said": why }),
        Page::Answer(answer) => json!({
            "state": answer.word(),
            "lag": answer.bytes().map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
            "said": answer.describe(),
        }),
    }
}

export_modules!(Replication);

#[cfg(test)]
mod tests {
    use alation_shell::testing::FakeAlation;

    use super::*;

    fn wait(pages: &[&str], more: Value) -> Result<Outcome, Failure> {
        let mut arguments = json!({ "wait_for": "lag", "interval": 0, "timeout": 0, "ceiling": 1000 });
        if let (Some(all), Value::Object(more)) = (arguments.as_object_mut(), more) {
            all.extend(more);
        }
        FakeAlation::new("10.0.0.1").pages(pages).run::<Replication>(&arguments)
    }

    #[test]
    fn a_look_tells_what_is_there() {
        let outcome = wait(&[r#"{"x": "standalone"}"#], json!({ "wait_for": "nothing" })).unwrap();
        assert_eq!(outcome.result["state"], "standalone");
        assert_eq!(outcome.result["lag"], -1);
    }

    #[test]
    fn a_falling_lag_is_waited_for() {
        let pages = [r#"{"pg": 9000}"#, r#"{"pg": 4000}"#, r#"{"pg": 900}"#, r#"{"pg": 10}"#, r#"{"pg": 5}"#];
        let outcome = wait(&pages, json!({})).unwrap();
        assert_eq!(outcome.result["lag"], 5);
    }

    #[test]
    fn good_looks_must_come_in_a_row() {
        let pages = [r#"{"pg": 1}"#, r#"{"pg": 1}"#, r#"{"pg": "unknown"}"#];
        assert!(wait(&pages, json!({})).unwrap_err().msg.contains("unknown"));
    }

    #[test]
    fn unknown_that_stays_is_a_failure() {
        let failure = wait(&[r#"{"pg": "unknown"}"#], json!({})).unwrap_err();
        assert_eq!(
            failure.msg,
            "replication is not running: for 0 seconds the page says unknown (pg: \"unknown\")"
        );
        assert_eq!(failure.result["state"], "unknown");
    }

    #[test]
    fn a_lag_that_does_not_fall_is_a_failure() {
        let failure = wait(&[r#"{"pg": 5000}"#, r#"{"pg": 6000}"#], json!({})).unwrap_err();
        assert!(failure.msg.contains("the lag stays above 1000 bytes"), "{}", failure.msg);
    }

    #[test]
    fn a_service_that_restarts_is_waited_for() {
        let pages = ["", "", r#"{"x": "standalone"}"#];
        let outcome = wait(&pages, json!({ "wait_for": "answer", "timeout": 60 })).unwrap();
        assert_eq!(outcome.result["state"], "standalone");
        assert!(wait(&[""], json!({ "wait_for": "answer" })).unwrap_err().msg.contains("does not answer"));
    }

    #[test]
    fn check_mode_does_not_wait() {
        let fake = FakeAlation::new("10.0.0.1").pages(&[r#"{"pg": "unknown"}"#]).check_mode();
        let outcome = fake.run::<Replication>(&json!({ "wait_for": "lag" })).unwrap();
        assert_eq!(outcome.result["state"], "unknown");
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<Replication>();
    }
}
