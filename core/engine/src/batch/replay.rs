use std::sync::Arc;

use switchover_journal::{EventKind, OnRecord, StepKey, TaskResult};
use switchover_model::Task;
use switchover_protocol::{Map, Value};
use switchover_syntax::Diagnostic;
use switchover_values::Scope;

use super::start::is_implicit;
use super::{Batch, Finished};
use crate::background::{Job, Owner};
use crate::job_id;
use crate::recorded::Recorded;
use crate::step::is_whole;
use crate::task_digest::task_digest;

/// Steps that were started: those whose end is on record, and those that wait until all of these are gone through.
#[derive(Default)]
pub struct Replay {
    /// With their place in the order in which they ended.
    ended: Vec<(u64, Finished)>,
    pub waiting: Vec<Waiting>,
}

/// A step that is to be done now.
pub struct Waiting {
    pub host: usize,
    pub task: Arc<Task>,
    pub scope: Scope,
    pub id: u32,
}

impl Replay {
    /// Returns whether no step is under way in here.
    pub fn is_empty(&self) -> bool {
        self.ended.is_empty() && self.waiting.is_empty()
    }
}

impl Batch {
    /// Returns whether no step is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.running.is_empty() && self.replay.is_empty()
    }

    /// Returns the journal's name of the step a host is at.
    pub(super) fn key(&self, host: usize) -> StepKey {
        self.key_at(host, self.hosts[host].ordinal)
    }

    fn key_at(&self, host: usize, ordinal: u32) -> StepKey {
        StepKey { play: self.play.number, host: self.hosts[host].name.clone(), ordinal }
    }

    /// Returns what is on record of the next step of a host.
    fn next_on_record(&self, host: usize) -> Option<OnRecord> {
        self.play.world.journal.on_record(&self.key_at(host, self.hosts[host].ordinal + 1))
    }

    /// Returns which of these hosts did a task for all of them, in an earlier part of the run.
    pub(super) fn led_before(&self, hosts: &[(usize, Arc<Task>)]) -> Option<usize> {
        hosts.iter().map(|(host, _)| *host).find(|host| self.next_on_record(*host).is_some())
    }

    /// Starts a step: takes its end from the record, or has it wait for its turn.
    pub(super) fn enter(&mut self, step: Waiting) {
        let (host, task) = (step.host, Arc::clone(&step.task));
        if is_implicit(&task) {
            return self.replay.waiting.push(step);
        }
        self.hosts[host].ordinal += 1;
        let key = self.key(host);
        match self.play.world.journal.on_record(&key) {
            None => self.replay.waiting.push(step),
            Some(record) if record.digest != task_digest(&task) => {
                self.play.world.break_off(changed(&key, &record, &task));
            }
            Some(record) => match self.recorded(&key, &task) {
                Ok(recorded) => self.take_over(step, record.seq, recorded),
                Err(problem) => self.play.world.break_off(*problem),
            },
        }
    }

    fn recorded(&self, key: &StepKey, task: &Task) -> Result<Recorded, Box<Diagnostic>> {
        let wrong = |why: String| {
            let text = format!("what is on record of this step on {} cannot be read: {why}", key.host);
            Box::new(Diagnostic::error("journal::unreadable", text, &task.span))
        };
        let body = self.play.world.journal.take(key).map_err(|broken| wrong(broken.to_string()))?;
        serde_json::from_value(body).map_err(|error| wrong(error.to_string()))
    }

    fn take_over(&mut self, step: Waiting, seq: u64, recorded: Recorded) {
        let Waiting { host, task, id, .. } = step;
        match recorded.outcome(&task, &self.play.world.loader) {
            Ok(outcome) => {
                self.note_background(host, &task, &outcome.result);
                let quiet = super::start::is_meta(&task);
                let finished = Finished { host, task, id, quiet, outcome, turn: None, recorded: true };
                self.replay.ended.push((seq, finished));
            }
            Err(why) => {
                let text = format!("this step was done, and what it gave cannot be had again: {why}");
                let problem = Diagnostic::error("journal::unreadable", text, &task.span);
                self.play.world.break_off(problem);
            }
        }
    }

    /// Notes what a step on record left in the background, so that `async_status` asks the host for it.
    fn note_background(&self, host: usize, task: &Task, result: &TaskResult) {
        if task.poll.is_none() {
            return;
        }
        let world = &self.play.world;
        let items = result.result.get("results").and_then(Value::as_array).into_iter().flatten();
        let results = items.filter_map(Value::as_object).chain([&result.result]);
        let started = |result: &&Map| result.get("finished").is_some_and(|end| end == false);
        for result in results.filter(started) {
            if let Some(id) = result.get("ansible_job_id").and_then(Value::as_str) {
                let name = task.name.as_ref().and_then(|name| name.as_str()).unwrap_or(&task.action.name);
                let (host, named) = (self.hosts[host].name.clone(), world.events.mask(name));
                let owner = Owner { host, task: named, job: None };
                world.background.insert(
                    job_id::key_of(id),
                    owner,
                    Job::Earlier { whole: is_whole(world, task), ended: false },
                );
            }
        }
    }

    /// Returns the step on record that ended first, of those that were started.
    pub(super) fn next_recorded(&mut self) -> Option<Finished> {
        let first = (0..self.replay.ended.len()).min_by_key(|index| self.replay.ended[*index].0)?;
        Some(self.replay.ended.swap_remove(first).1)
    }

    /// Does what waits, once nothing on record is left to go through.
    pub(super) fn release(&mut self) {
        let waiting = std::mem::take(&mut self.replay.waiting);
        if self.play.world.is_stopping() && !self.owes() {
            return;
        }
        for step in waiting {
            if !is_implicit(&step.task) {
                self.tell_where(&step);
            }
            self.start_now(step);
        }
    }

    fn tell_where(&mut self, step: &Waiting) {
        let world = Arc::clone(&self.play.world);
        world.go_on(|| EventKind::Resumed {
            run: world.run_id.clone(),
            steps: world.journal.taken(),
            task: super::title::display_name(&step.task, &step.scope),
            host: self.hosts[step.host].name.clone(),
            place: crate::events::place(&step.task.span),
            cleanups: self.cleanups(),
        });
    }
}

fn changed(key: &StepKey, record: &OnRecord, task: &Task) -> Diagnostic {
    let StepKey { host, ordinal, .. } = key;
    let place = &record.place;
    let text = format!(
        "the playbook changed before the point that the run had reached: step {ordinal} of {host} was `{}` \
         ({}:{})",
        record.task, place.file, place.line
    );
    Diagnostic::error("journal::changed", text, &task.span)
        .label("this comes in its place now")
        .help("put back what was there and resume, or begin a new run")
}
