use std::sync::Arc;

use switchover_journal::{Earlier, Intent, Status};
use switchover_plugin_host::Module;
use switchover_protocol::{Delta, JobState, Map, Operation, Reply, Request};
use switchover_values::Scope;

use super::Step;
use crate::host_side::HostSide;
use crate::options::Assumed;
use crate::performed::Performed;

/// For so many seconds the record of a job that ended is on its host for sure (`jobs.sh` removes those of two weeks ago).
const RECORDS_STAY: f64 = 13.0 * 86_400.0;

/// What is to be done about a step that was begun in an earlier part of the run.
pub enum Found {
    /// It has ended: this is how.
    Ended(Box<Performed>),
    /// It is to be done; a destroying step only after a new word.
    ToDo,
}

impl Step {
    /// Returns the step's own earlier start, when how it ended is not known.
    pub(super) fn begun_before(&self) -> Option<(u64, &Intent)> {
        let unfinished = self.earlier.unfinished.iter().find(|(_, intent)| intent.act.item == self.act.item);
        unfinished.map(|(number, intent)| (*number, intent))
    }

    /// Finds out what became of an earlier start: by a human's word, by the job on the host, by what the module sees.
    pub(super) async fn look_after(
        &self,
        number: u64,
        delta: &Delta,
        (module, request, side): (&Module, &Request, &Arc<HostSide>),
        scope: &Scope,
    ) -> Found {
        let world = &self.play.world;
        match world.options.assumptions.of(number) {
            Some(Assumed::Done) => return Found::Ended(Box::new(self.assumed(number))),
            Some(Assumed::Failed) => return Found::Ended(Box::new(self.assumed_failed(number))),
            Some(Assumed::Again) => return Found::ToDo,
            None => {}
        }
        if let Some(key) = side.job() {
            return match self.is_forgotten(number, side, key).await {
                true => Found::Ended(Box::new(self.unknown(number))),
                false => Found::ToDo,
            };
        }
        let destroys = self.destroys(module, scope);
        match delta {
            Delta::None { result } => Found::Ended(Box::new(self.recovered(result))),
            Delta::Unknown { .. } => Found::Ended(Box::new(self.unknown(number))),
            Delta::Some { .. } if destroys => match self.attach(module, request, side, delta).await {
                Some(performed) => Found::Ended(Box::new(performed)),
                None => Found::ToDo,
            },
            Delta::Some { .. } => Found::ToDo,
        }
    }

    /// Returns whether the job may have run and its record be gone since: hosts remove old records by themselves, and
    /// what was seen there once may have gone with its folder.
    async fn is_forgotten(&self, number: u64, side: &Arc<HostSide>, key: &str) -> bool {
        let since = crate::events::now() - self.play.world.options.interrupted;
        let Earlier { unfinished, began, .. } = &*self.earlier;
        let was_seen =
            unfinished.iter().any(|(known, intent)| *known == number && began.contains(&intent.act));
        (was_seen || since > RECORDS_STAY)
            && side.look_at_job(key).await.is_ok_and(|chunk| chunk.job.state == JobState::Absent)
    }

    /// Has a destroying module go on with a job that is there already; every other act is refused. `None`: there is
    /// nothing to go on with.
    async fn attach(
        &self,
        module: &Module,
        request: &Request,
        side: &Arc<HostSide>,
        delta: &Delta,
    ) -> Option<Performed> {
        let request = Request { operation: Operation::Apply { delta: delta.clone() }, ..request.clone() };
        side.only_attach(true);
        let reply = self.invoke(module, &request, side).await;
        let refused = side.only_attach(false);
        match reply {
            _ if refused => None,
            Reply::Outcome(outcome) => Some(Performed::from(outcome)),
            Reply::Failure(failure) => Some(Performed::from(failure)),
            Reply::Delta(_) => None,
        }
    }

    /// It changed something before the interruption, so what depends on a change is told.
    fn recovered(&self, result: &Map) -> Performed {
        let mut performed = Performed::new(Status::Changed, result.clone());
        performed.warnings.push(format!(
            "this step was begun before the interruption; {} is as it wants it, so it is taken as done",
            self.host
        ));
        performed
    }

    fn assumed(&self, number: u64) -> Performed {
        let by = &self.play.world.options.operator_name;
        let mut performed = Performed::new(Status::Changed, self.given(number)).with("assumed", "done");
        performed.warnings.push(format!("step {number} is taken as done on the word of {by}"));
        performed
    }

    fn assumed_failed(&self, number: u64) -> Performed {
        let by = &self.play.world.options.operator_name;
        let mut performed =
            Performed::failed(format!("step {number} is taken as failed on the word of {by}"));
        performed.result.extend(self.given(number));
        // It was begun: whoever depends on a change is on the safe side.
        performed.with("changed", true)
    }

    /// Returns what a human says that the step gave.
    fn given(&self, number: u64) -> Map {
        self.play.world.options.assumptions.results.get(&number).cloned().unwrap_or_default()
    }

    fn unknown(&self, number: u64) -> Performed {
        let world = &self.play.world;
        let others: Vec<String> = world
            .journal
            .unfinished()
            .iter()
            .filter(|(other, _)| *other != number)
            .map(|(other, intent)| format!("{other} ({})", intent.whole_title()))
            .collect();
        let mut msg = format!(
            "step {number} was begun on {} before the interruption, and nothing on the host tells whether it did its \
             work. It was not started again",
            self.host
        );
        if !others.is_empty() {
            msg.push_str(&format!("; the same is open of {}", others.join(", ")));
        }
        let (run, result) = (&world.run_id, self.result_wanted(number));
        Performed::new(Status::Unknown, Map::from_iter([("msg".to_owned(), msg.into())])).remedy(format!(
            "look at {}, then `switchover resume {run} --assume {number}=done{result}` (or `=failed`; or `=again`, \
             when it may be done once more)",
            self.host
        ))
    }

    /// What others read of a step cannot be made up.
    fn result_wanted(&self, number: u64) -> String {
        self.register_name().map(|_| format!(" --assume-result {number}=@FILE")).unwrap_or_default()
    }
}
