//! `postgres.replication`: how far a standby is behind, seen from the primary or from the standby itself.

mod view;
mod wait;

use postgres_server::{Lsn, Settings};
use switchover_sdk::prelude::*;
use view::View;
use wait::Wait;

#[derive(Params)]
struct ReplicationParams {
    /// What to wait for: nothing, a lag under the ceiling, or (on a standby) that everything up to `lsn` is replayed.
    #[param(default = "nothing")]
    wait_for: WaitFor,
    /// On the primary: the name (application_name) of the standby that is meant, when there are several.
    standby: Option<String>,
    /// The place in the log that has to be behind the standby, such as the last checkpoint of a stopped primary.
    lsn: Option<String>,
    /// The most bytes that the standby may be behind.
    #[param(default = 16_777_216)]
    ceiling: u64,
    /// The most seconds that it may be behind; without it only bytes count.
    ceiling_seconds: Option<f64>,
    /// How many good looks in a row count as replication.
    #[param(default = 2)]
    samples: u64,
    /// Seconds between two looks.
    #[param(default = 1.0)]
    interval: f64,
    /// Seconds without headway (no standby, or a lag that does not fall) until it is a failure.
    #[param(default = 300)]
    timeout: u64,
    #[param(flatten)]
    settings: Settings,
}

#[derive(Choice, Clone, Copy, PartialEq)]
enum WaitFor {
    Nothing,
    Lag,
    Replayed,
}

struct Replication;

impl Module for Replication {
    type Params = ReplicationParams;
    const SPEC: Spec = Spec {
        name: "postgres.replication",
        summary: "Looks how far a standby is behind, and waits until it is close enough.",
        description: "On a primary it looks at the standby's connection, on a standby at its own receiver. The lag is shown as progress \
                      while it falls. In check mode it looks once.",
        effect: Spec::READS,
        long: true,
        examples: &[
            ("Look", "postgres.replication: { data: /var/lib/postgresql/15/main }"),
            (
                "Wait",
                "postgres.replication: { data: /var/lib/postgresql/15/main, wait_for: lag, ceiling: 1048576, ceiling_seconds: 5 }",
            ),
        ],
        returns: &[
            ("role", "`primary` or `standby`: where it looked."),
            ("state", "`streaming`, `catchup`..., or `none` when nothing replicates."),
            ("lag", "Bytes that are not replayed yet; -1 when nothing replicates."),
            ("lag_seconds", "Seconds, as the server estimates them; null when it cannot."),
            ("replayed", "On a standby: up to where it has replayed."),
            ("from", "On a standby: the server that it follows."),
            ("standbys", "On a primary: all standbys, with `name`, `state`, `lag`, `sync`."),
            ("said", "All of it, in words."),
        ],
        ..Spec::DEFAULT
    };

    fn check(_: &ReplicationParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &ReplicationParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let wanted = match params.lsn.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => Some(text.parse::<Lsn>().map_err(Failure::arguments)?),
            None if params.wait_for == WaitFor::Replayed => {
                return Err(Failure::arguments("`wait_for: replayed` needs the argument `lsn`"));
            }
            None => None,
        };
        let view = if params.wait_for == WaitFor::Nothing || host.about.check_mode {
            View::look(host, params)?
        } else {
            Wait::new(params, wanted).run(host)?
        };
        Ok(Outcome::unchanged(view.to_value()))
    }
}

export_modules!(Replication);

#[cfg(test)]
mod tests {
    use switchover_sdk::ExecOutput;
    use switchover_sdk::testing::FakeHost;

    use super::*;

    fn host(answers: &[&str]) -> FakeHost {
        let output = |text: &str| ExecOutput { stdout: text.into(), ..ExecOutput::default() };
        let (last, first) = answers.split_last().unwrap();
        let host =
            first.iter().fold(FakeHost::new(), |host, text| host.script_once("reach; ask", output(text)));
        host.script("reach; ask", output(last))
    }

    fn primary(lag: u64) -> String {
        format!(
            r#"{{"in_recovery": false, "standbys": [{{"name": "b", "state": "streaming", "lag": {lag}, "lag_seconds": 0.1, "sync": "async"}}]}}"#
        )
    }

    fn wait(answers: &[&str], more: Value) -> Result<Outcome, Failure> {
        let mut arguments =
            json!({ "data": "/pg", "wait_for": "lag", "interval": 0, "timeout": 0, "ceiling": 100 });
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        host(answers).run::<Replication>(arguments)
    }

    #[test]
    fn a_lag_that_falls_is_waited_for() {
        let answers = [primary(900), primary(300), primary(90), primary(5)];
        let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
        assert_eq!(wait(&answers, json!({})).unwrap().result["lag"], 5);
    }

    #[test]
    fn a_standby_that_is_not_there_is_a_failure() {
        let failure = wait(&[r#"{"in_recovery": false, "standbys": []}"#], json!({})).unwrap_err();
        assert_eq!(failure.msg, "nothing replicates for 0 seconds: no standby is connected");
        let failure = wait(&[&primary(5)], json!({ "standby": "c" })).unwrap_err();
        assert!(failure.msg.ends_with("no standby with the name c is connected (but b)"), "{}", failure.msg);
    }

    #[test]
    fn one_of_several_standbys_has_to_be_named() {
        let two = r#"{"in_recovery": false, "standbys": [{"name": "b", "state": "streaming", "lag": 1}, {"name": "c", "state": "streaming", "lag": 1}]}"#;
        let failure = wait(&[two], json!({ "timeout": 9999 })).unwrap_err();
        assert_eq!(failure.msg, "several standbys are connected (b, c): name one with `standby`");
        assert_eq!(wait(&[two], json!({ "standby": "c" })).unwrap().result["lag"], 1);
    }

    #[test]
    fn a_lag_that_stays_is_a_failure() {
        let failure = wait(&[&primary(500), &primary(600)], json!({})).unwrap_err();
        assert!(
            failure.msg.contains("the standby stays more than 100 bytes behind: streaming, 600"),
            "{}",
            failure.msg
        );
    }

    #[test]
    fn a_standby_has_replayed_when_it_is_past_the_place() {
        let at =
            |lsn: &str| format!(r#"{{"in_recovery": true, "state": null, "lag": 0, "replayed": "{lsn}"}}"#);
        let more = json!({ "wait_for": "replayed", "lsn": "0/3000028" });
        let (before, after) = (at("0/3000028"), at("0/30000A0"));
        assert_eq!(wait(&[&before, &after], more.clone()).unwrap().result["replayed"], "0/30000A0");
        assert!(wait(&[&before], more).unwrap_err().msg.contains("1 bytes before 0/3000028"));
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<Replication>();
    }
}
