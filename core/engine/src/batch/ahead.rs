use std::collections::VecDeque;
use std::sync::Arc;

use switchover_journal::Act;
use switchover_model::Task;
use tokio::task::JoinHandle;

use super::Batch;
use crate::ahead::{Chain, Slot, ends_chain, is_simple};
use crate::step::{Cut, Step, StepOutcome};
use crate::strategy::Strategy;
use crate::task_scope::task_scope;

/// At most this many steps run ahead of the one whose turn it is.
const FARTHEST: usize = 32;

/// A step that runs ahead of its turn.
pub struct EarlyStep {
    task: Arc<Task>,
    slot: Arc<Slot>,
    /// Gives nothing when the step has to be run again.
    work: JoinHandle<Option<StepOutcome>>,
}

/// What there is to do at a step's turn.
pub enum Work {
    Run(Step),
    /// The head of a chain.
    Lead(Step, Arc<Slot>),
    /// Take over what the step did ahead, or run it.
    Adopt(EarlyStep, Step),
}

impl Work {
    /// Does it and returns how the step ended.
    pub async fn run(self) -> StepOutcome {
        match self {
            Self::Run(step) => step.run().await,
            Self::Lead(mut step, slot) => {
                step.slot = Some(Arc::clone(&slot));
                let mut outcome = step.run().await;
                slot.end(&mut outcome);
                outcome
            }
            Self::Adopt(early, step) => {
                early.slot.take_turn(&step.play.world.events, step.id);
                match early.work.await {
                    Ok(Some(outcome)) => outcome,
                    _ => step.run().await,
                }
            }
        }
    }
}

impl Batch {
    /// Returns what to do at this step's turn, and has the simple steps after it run ahead.
    pub(super) fn work(&mut self, index: usize, step: Step) -> Work {
        match self.early.pop_front() {
            Some(early) if is_at_hand(&early, &step.task) => return Work::Adopt(early, step),
            Some(early) => {
                early.slot.chain().close(early.slot.position());
                self.early.clear();
            }
            None => {}
        }
        if !self.may_look_ahead() || !is_simple(&step.task, &step.play.world.catalog) {
            return Work::Run(step);
        }
        let following = self.following(index, &step.task);
        if following.is_empty() {
            return Work::Run(step);
        }
        let chain = Chain::start(&step.play.world, &step.host);
        for (position, mut early) in following.into_iter().enumerate() {
            let title = title(&early.task);
            let slot = Arc::new(Slot::behind(&chain, position + 1, title));
            early.slot = Some(Arc::clone(&slot));
            let task = Arc::clone(&early.task);
            let work = tokio::spawn(run_early(early, Arc::clone(&slot)));
            self.early.push_back(EarlyStep { task, slot, work });
        }
        let title = title(&step.task);
        let slot = Arc::new(Slot::head(&chain, title, step.id));
        Work::Lead(step, slot)
    }

    /// Returns whether the next step has been sent to the host already, so that its end has to be told.
    pub(super) fn owes(&self) -> bool {
        self.early.front().is_some_and(|early| early.slot.chain().marks().is_owed(early.slot.position()))
    }

    fn may_look_ahead(&self) -> bool {
        let options = &self.play.world.options;
        let quiet = options.verbosity == 0 && !options.check;
        // A step that was begun before has to be looked at by itself.
        let fresh = self.play.world.journal.unfinished().is_empty();
        options.batch && fresh && quiet && self.hosts.len() == 1 && self.strategy == Strategy::Linear
    }

    /// Returns the simple steps that come after this one whatever it gives, as long as it is fine.
    fn following(&mut self, index: usize, first: &Arc<Task>) -> Vec<Step> {
        let host = self.hosts[index].name.clone();
        let mut cursor = self.hosts[index].cursor.clone();
        let mut steps = Vec::new();
        let mut last = Arc::clone(first);
        let mut key = self.key(index);
        while steps.len() < FARTHEST && !ends_chain(&last) {
            cursor.advance();
            let Some(task) = self.selection.look_ahead(&mut cursor, &host) else { break };
            if !is_simple(&task, &self.play.world.catalog) {
                break;
            }
            let scope = task_scope(&self.play, &host, &task, &cursor);
            last = Arc::clone(&task);
            key.ordinal += 1;
            let play = Arc::clone(&self.play);
            steps.push(Step {
                play,
                task,
                id: 0,
                host: host.clone(),
                scope,
                act: Act { step: key.clone(), item: None },
                earlier: Arc::default(),
                jobs: Arc::default(),
                time: Arc::default(),
                slot: None,
                cut: Cut::default(),
            });
        }
        steps
    }
}

fn is_at_hand(early: &EarlyStep, task: &Arc<Task>) -> bool {
    let closed = early.slot.chain().marks().is_closed(early.slot.position());
    Arc::ptr_eq(&early.task, task) && !closed
}

/// As it is written: what a template would give is said at the step's turn.
fn title(task: &Task) -> String {
    task.name.as_ref().and_then(|name| name.as_str()).unwrap_or(&task.action.name).to_owned()
}

async fn run_early(step: Step, slot: Arc<Slot>) -> Option<StepOutcome> {
    let mut outcome = step.run().await;
    slot.end(&mut outcome);
    (!slot.is_thrown()).then_some(outcome)
}

/// The steps that run ahead, in the order of their turns.
pub type EarlySteps = VecDeque<EarlyStep>;
