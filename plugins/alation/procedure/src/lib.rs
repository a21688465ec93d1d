//! `alation.procedure`: begins and finishes the record that a host keeps of its update.
//!
//! The record holds what the update itself changes (the release and the backup tool before), the role in which the
//! host began, and when the pair was seen whole again. A new record forgets the jobs of the procedure before it.

use alation_shell::record::{JOBS, Record};
use alation_shell::{Mode, Settings, observe};
use cluster_kit::Note;
use switchover_sdk::JobState;
use switchover_sdk::prelude::*;

const NAME: &str = "alation.procedure";

#[derive(Params)]
struct ProcedureParams {
    /// What the procedure has come to.
    state: State,
    /// The release before the update.
    #[param(default = "")]
    from_release: String,
    /// The release after the update.
    #[param(default = "")]
    to_release: String,
    /// The build after the update.
    to_build: String,
    /// Facts from before the update that later steps need.
    before: Option<Map>,
    #[param(flatten)]
    settings: Settings,
}

#[derive(Choice, PartialEq)]
enum State {
    Begun,
    Finished,
}

struct Procedure;

impl Module for Procedure {
    type Params = ProcedureParams;
    const SPEC: Spec = Spec {
        name: NAME,
        summary: "Keeps the record of an update on the host, from before its first change to the rebuilt pair.",
        description: "`begun` writes the record unless this update is under way already; `finished` notes the time. The file is \
                      ~/.switchover/alation/procedure.json of the user who connects.",
        examples: &[(
            "Begin",
            "alation.procedure: { state: begun, role: primary, from_release: '2021.3', to_release: '2021.4', to_build: 10.0.0.147420 }",
        )],
        returns: &[("record", "The record.")],
        ..Spec::DEFAULT
    };

    fn check(params: &ProcedureParams, host: &Host) -> Result<Delta, Failure> {
        let kept = Record::read(host)?;
        let record = kept.clone().map_or_else(|| json!({}), |record| record.to_value());
        let ready = match params.state {
            State::Begun => is_begun(params, host, kept.as_ref())?,
            State::Finished => kept.as_ref().is_none_or(|record| record.finished.is_some()),
        };
        if ready {
            return Ok(Delta::none_with(json!({ "record": record })));
        }
        let before = kept
            .as_ref()
            .map_or("none", |record| if record.finished.is_some() { "finished" } else { "begun" });
        let what = format!("record of the update to {}", params.to_build);
        Ok(Delta::change(what, before, params.state.word()).with_result(json!({ "record": record })))
    }

    fn apply(params: &ProcedureParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let record = match params.state {
            State::Begun => begin(params, host)?,
            State::Finished => {
                let mut record = Record::read(host)?.unwrap_or_default();
                record.finished = Some(Note::now(host)?);
                record
            }
        };
        record.write(host)?;
        Ok(Outcome::changed(json!({ "record": record.to_value() })))
    }
}

/// Returns whether the update that is asked for is under way, or done, by what the host remembers.
///
/// A finished record counts as long as the host is in a pair; a split host begins anew. While nothing was split yet,
/// the facts in the record may still change, and then it is written again.
fn is_begun(params: &ProcedureParams, host: &Host, kept: Option<&Record>) -> Result<bool, Failure> {
    let Some(record) = kept.filter(|record| record.to_build == params.to_build) else { return Ok(false) };
    if let Some(failure) = record.contradicts(params.settings.role) {
        return Err(failure);
    }
    let mode = Mode::observe(host, &params.settings)?;
    if record.finished.is_some() {
        return Ok(mode != Mode::Standalone);
    }
    let build = observe::build(host, &params.settings)?.to_string();
    let untouched = mode != Mode::Standalone && build != params.to_build;
    let same = record.from_release == params.from_release
        && record.from_build == build
        && params.before.as_ref().is_none_or(|before| *before == record.before);
    Ok(!untouched || same)
}

fn begin(params: &ProcedureParams, host: &Host) -> Result<Record, Failure> {
    let settings = &params.settings;
    let build = observe::build(host, settings)?;
    for key in JOBS {
        if host.job_status(key)?.state == JobState::Running {
            return Err(Failure::new(format!("refused: {key} of an earlier update still runs on this host"))
                .remedy("wait for its end, or end it, before another update begins")
                .with("job", *key));
        }
    }
    for key in JOBS {
        if host.job_status(key)?.state != JobState::Absent {
            host.job_forget(key)?;
        }
    }
    Ok(Record {
        role: settings.role.map(|role| role.word().to_owned()).unwrap_or_default(),
        from_build: build.to_string(),
        from_release: params.from_release.clone(),
        to_build: params.to_build.clone(),
        to_release: params.to_release.clone(),
        before: params.before.clone().unwrap_or_default(),
        begun: Note::now(host)?,
        finished: None,
    })
}

export_modules!(Procedure);

#[cfg(test)]
mod tests {
    use alation_shell::testing::FakeAlation;

    use super::*;

    fn begin_arguments() -> Value {
        json!({ "state": "begun", "role": "primary", "from_release": "2021.3", "to_release": "2021.4",
                "to_build": "10.0.0.147420", "before": { "v2": true } })
    }

    fn begun(fake: &FakeAlation) -> bool {
        fake.run::<Procedure>(&begin_arguments()).unwrap().changed
    }

    #[test]
    fn begins_once_and_keeps_what_was_before() {
        let fake = FakeAlation::new("9.0.0.5").mode("master");
        assert!(begun(&fake));
        assert!(!begun(&fake));
        assert_eq!(fake.kept_record()["from_build"], "9.0.0.5");
        assert_eq!(fake.kept_record()["before"], json!({ "v2": true }));
    }

    #[test]
    fn the_past_is_not_rewritten_once_the_host_is_split() {
        let fake = FakeAlation::new("9.0.0.5").mode("master");
        begun(&fake);
        let fake = fake.mode("standalone");
        let mut later = begin_arguments();
        later["before"] = json!({ "v2": false });
        assert!(!fake.run::<Procedure>(&later).unwrap().changed);
        assert_eq!(fake.kept_record()["before"], json!({ "v2": true }));
    }

    #[test]
    fn another_update_forgets_the_jobs_of_the_last_one() {
        let fake = FakeAlation::new("9.0.0.5")
            .mode("master")
            .record(&json!({ "role": "secondary", "to_build": "9.0.0.5", "begun": 1, "finished": 2 }))
            .job("alation.kvstore_copy", JobState::Exited { rc: 0 }, "");
        assert!(begun(&fake));
        assert!(!fake.knows_job("alation.kvstore_copy"));
        assert_eq!(fake.kept_record()["role"], "primary");
    }

    #[test]
    fn a_finished_update_begins_anew_only_when_the_pair_was_split_again() {
        let record = json!({ "role": "primary", "to_build": "10.0.0.147420", "begun": 1, "finished": 2 });
        let fake = FakeAlation::new("10.0.0.147420").mode("master").record(&record);
        assert!(!begun(&fake));
        let fake = fake.mode("standalone").job("alation.add_slaves", JobState::Exited { rc: 0 }, "");
        assert!(begun(&fake));
        assert!(!fake.knows_job("alation.add_slaves"));
    }

    #[test]
    fn refuses_while_a_step_of_another_update_runs() {
        let fake = FakeAlation::new("9.0.0.5").mode("slave").job(
            "alation.postgres_replicate",
            JobState::Running,
            "",
        );
        let failure = fake.run::<Procedure>(&begin_arguments()).unwrap_err();
        assert!(failure.msg.contains("alation.postgres_replicate of an earlier update still runs"));
        assert!(fake.knows_job("alation.postgres_replicate"));
    }

    #[test]
    fn refuses_a_host_that_began_in_the_other_role() {
        let record =
            json!({ "role": "secondary", "to_build": "10.0.0.147420", "begun": 1, "finished": null });
        let fake = FakeAlation::new("9.0.0.5").mode("standalone").record(&record);
        assert!(fake.run::<Procedure>(&begin_arguments()).unwrap_err().remedy.unwrap().contains("swapped"));
    }

    #[test]
    fn finishes_once_and_only_what_was_begun() {
        let finish = json!({ "state": "finished", "to_build": "10.0.0.147420" });
        let fake = FakeAlation::new("10.0.0.147420").mode("master");
        assert!(!fake.run::<Procedure>(&finish).unwrap().changed);
        let fake = fake.record(&json!({ "role": "primary", "to_build": "10.0.0.147420", "begun": 1 }));
        assert!(fake.run::<Procedure>(&finish).unwrap().changed);
        assert!(!fake.run::<Procedure>(&finish).unwrap().changed);
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<Procedure>();
    }
}
