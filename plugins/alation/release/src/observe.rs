use alation_shell::Shell;
use alation_shell::action::{Action, Found};
use alation_shell::monitor::Page;
use alation_shell::record::Record;
use alation_shell::{Mode, Settings, conf, observe};
use switchover_sdk::prelude::*;

#[derive(Params)]
pub struct ObserveParams {
    /// Also reads the replication page (ask the Primary only).
    #[param(default = false)]
    monitor: bool,
    #[param(flatten)]
    settings: Settings,
}

/// Looks at everything that a procedure must know of a host before it goes on.
pub struct Observe;

const PROTECTED: &str = "alation.cluster.protected_instance";

/// The jobs whose result cannot be seen in the product itself.
const JOBS: &[(&str, &str, &str)] = &[
    ("add_slaves", "alation.add_slaves", "cluster_add_slaves"),
    ("kvstore_copy", "alation.kvstore_copy", "cluster_kvstore_copy"),
    ("postgres_replicate", "alation.postgres_replicate", "cluster_replicate_postgres"),
    ("kafka_sync", "alation.kafka_sync", "cluster_start_kafka_sync"),
];

impl Module for Observe {
    type Params = ObserveParams;
    const SPEC: Spec = Spec {
        name: "alation.observe",
        summary: "Looks at a host: its build, its place in the pair, and how far a procedure has come there.",
        description: "Fails when the host's own word contradicts the role that the inventory declares, or the role in which it \
                      began an update that is not finished.",
        effect: Spec::READS,
        examples: &[("Look", "alation.observe: { role: primary, monitor: true }")],
        returns: &[
            ("build", "The build in use."),
            ("release", "Its release; empty when the table does not know it."),
            ("mode", "`master`, `slave` or `standalone`."),
            ("protected", "alation.cluster.protected_instance."),
            ("record", "What the host remembers of its procedure; empty when there is none."),
            (
                "jobs",
                "`absent`, `running`, `succeeded`, `failed` or `vanished`, for each step that leaves a job.",
            ),
            ("replication", "`standalone`, `unknown`, `lag`, `unreadable`, `down`, or `not asked`."),
            ("lag", "Bytes that the Secondary is behind; -1 when there is no real lag."),
            ("free_mib", "Free space below the root folder."),
            ("addresses", "The host's own addresses."),
        ],
        ..Spec::DEFAULT
    };

    fn check(_: &ObserveParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &ObserveParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let settings = &params.settings;
        let mode = Mode::observe(host, settings)?;
        let record = Record::read(host)?;
        let contradiction = mode.contradicts(settings.role);
        if let Some(failure) =
            contradiction.or_else(|| record.as_ref().and_then(|record| record.contradicts(settings.role)))
        {
            return Err(failure);
        }
        let build = observe::build(host, settings)?;
        let observed = observe::observe(host, settings)?;
        let release = settings.builds()?.release_of(build).map(|(release, _)| release.to_string());
        let (replication, lag) = replication(params, host)?;
        let protected = conf::read(host, &Shell::new(settings), &[PROTECTED])?.remove(PROTECTED);
        Ok(Outcome::unchanged(json!({
            "build": build.to_string(),
            "release": release.unwrap_or_default(),
            "mode": mode.word(),
            "protected": protected.unwrap_or_default(),
            "record": record.map_or_else(|| json!({}), |record| record.to_value()),
            "jobs": jobs(settings, host)?,
            "replication": replication,
            "lag": lag,
            "free_mib": observed.free_mib,
            "addresses": observed.addresses,
        })))
    }
}

fn jobs(settings: &Settings, host: &Host) -> Result<Map, Failure> {
    let mut states = Map::new();
    for (short, module, action) in JOBS {
        let state = match Action::new(settings, module, action)?.look(host)? {
            Found::Absent => "absent",
            Found::Running(_) => "running",
            Found::Succeeded(_) => "succeeded",
            Found::Failed(_) => "failed",
            Found::Vanished(_) => "vanished",
        };
        states.insert((*short).to_owned(), json!(state));
    }
    Ok(states)
}

fn replication(params: &ObserveParams, host: &Host) -> Result<(&'static str, i64), Failure> {
    if !params.monitor {
        return Ok(("not asked", -1));
    }
    Ok(match params.settings.monitor.look(host)? {
        Page::Down(_) => ("down", -1),
        Page::Answer(answer) => {
            (answer.word(), answer.bytes().map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX)))
        }
    })
}

#[cfg(test)]
mod tests {
    use alation_shell::testing::FakeAlation;
    use switchover_sdk::JobState;

    use super::*;

    #[test]
    fn tells_where_a_host_stands() {
        let fake = FakeAlation::new("10.0.0.147420")
            .mode("master")
            .pages(&[r#"{"postgres": 512}"#])
            .job("alation.add_slaves", JobState::Exited { rc: 0 }, "added\n")
            .job("alation.kafka_sync", JobState::Exited { rc: 0 }, "ERROR\n");
        let outcome = fake.run::<Observe>(&json!({ "role": "primary", "monitor": true })).unwrap();
        let result = Value::Object(outcome.result);
        assert_eq!(result["mode"], "master");
        assert_eq!(result["release"], "2021.4");
        assert_eq!(result["replication"], "lag");
        assert_eq!(result["lag"], 512);
        assert_eq!(result["jobs"]["add_slaves"], "succeeded");
        assert_eq!(result["jobs"]["kafka_sync"], "failed");
        assert_eq!(result["jobs"]["kvstore_copy"], "absent");
        assert_eq!(result["record"], json!({}));
        assert_eq!(result["free_mib"], 20480);
    }

    #[test]
    fn swapped_roles_are_a_failure() {
        let fake = FakeAlation::new("10.0.0.1").mode("slave");
        let failure = fake.run::<Observe>(&json!({ "role": "primary" })).unwrap_err();
        assert!(failure.msg.contains("the inventory calls this host the Primary"), "{}", failure.msg);
    }

    #[test]
    fn roles_that_were_swapped_since_the_update_began_are_a_failure() {
        let fake = FakeAlation::new("10.0.0.1").mode("standalone").record(&json!({ "role": "secondary" }));
        assert!(fake.run::<Observe>(&json!({ "role": "primary" })).is_err());
    }

    #[test]
    fn a_page_that_does_not_answer_is_told_as_down() {
        let fake = FakeAlation::new("10.0.0.1").mode("standalone").pages(&[""]);
        let outcome = fake.run::<Observe>(&json!({ "monitor": true })).unwrap();
        assert_eq!(outcome.result["replication"], "down");
        assert_eq!(outcome.result["lag"], -1);
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<Observe>();
    }
}
