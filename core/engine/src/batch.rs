//! The one owner of a batch's state: starts steps, records how they ended, decides what is next.

mod ahead;
mod any_error;
mod failures;
mod includes;
mod meta;
mod record;
mod replay;
mod select;
mod start;
mod stepping;
mod stops;
mod title;

pub use includes::include_level;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use switchover_model::{Block, Task};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use crate::cursor::Cursor;
use crate::handlers::Handlers;
use crate::host_run::{HostRun, HostState};
use crate::play_context::PlayContext;
use crate::step::StepOutcome;
use crate::strategy::{Standing, Strategy};
use select::Selection;

/// The hosts of one batch of a play, on their way through it.
pub struct Batch {
    play: Arc<PlayContext>,
    hosts: Vec<HostRun>,
    strategy: Strategy,
    handlers: Handlers,
    selection: Selection,
    running: JoinSet<Finished>,
    replay: replay::Replay,
    /// Hosts that take over the result of the one host that runs a `run_once` task.
    followers: HashMap<usize, Vec<usize>>,
    /// Includes that were decided and wait for the other hosts of the group.
    includes: Vec<includes::Decided>,
    /// Numbers of tasks that were announced, by address; the task is kept so that its address stays its own.
    announced: HashMap<usize, (Arc<Task>, u32)>,
    /// What a human said of tasks with `--step`, by address.
    answers: HashMap<usize, (Arc<Task>, bool)>,
    /// How many hosts may be at a task at once (`throttle`), by address.
    throttles: HashMap<usize, (Arc<Task>, Arc<Semaphore>)>,
    /// Steps that run ahead of their turn.
    early: ahead::EarlySteps,
    rules: Rules,
    /// Warnings that were given.
    warned: HashSet<String>,
    /// A failure that is fatal for all hosts happened in the current group.
    fatal: bool,
    /// Such a failure took hosts out of the play.
    broken: bool,
    /// Hosts that failed in the current group.
    failed_now: HashSet<usize>,
    /// More hosts failed than `max_fail_percentage` allows.
    exceeded: bool,
    ended: bool,
    /// `meta: clear_host_errors`.
    cleared: bool,
}

/// The play's rules for failures.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    pub max_fail_percentage: Option<f64>,
    pub force_handlers: bool,
}

/// A step that has ended.
struct Finished {
    host: usize,
    task: Arc<Task>,
    id: u32,
    quiet: bool,
    outcome: StepOutcome,
    /// Given back when the outcome is recorded, so that one worker's results come in their order.
    turn: Option<OwnedSemaphorePermit>,
    /// It ended so in an earlier part of the run, and was told then.
    recorded: bool,
}

/// How a batch ended.
#[derive(Clone, Debug, Default)]
pub struct BatchEnd {
    pub failed: Vec<String>,
    pub unreachable: Vec<String>,
    /// Failures were more than the play allows, or a fatal one.
    pub fatal: bool,
    /// More hosts failed than `max_fail_percentage` allows.
    pub exceeded: bool,
    /// `meta: end_play`.
    pub ended: bool,
    /// `meta: clear_host_errors`: what failed before is forgotten.
    pub cleared: bool,
}

impl Batch {
    /// Returns a batch before its first task. `root` holds the whole play.
    pub fn new(
        play: &Arc<PlayContext>,
        hosts: &[String],
        root: &Arc<Block>,
        strategy: Strategy,
        rules: Rules,
    ) -> Self {
        let host = |name: &String| {
            let cursor = Cursor::new(Arc::clone(root)).force_handlers(rules.force_handlers);
            HostRun::new(name.clone(), cursor)
        };
        Self {
            hosts: hosts.iter().map(host).collect(),
            strategy,
            handlers: Handlers::of(&play.play),
            selection: Selection::new(play),
            running: JoinSet::new(),
            replay: replay::Replay::default(),
            followers: HashMap::new(),
            includes: Vec::new(),
            announced: HashMap::new(),
            answers: HashMap::new(),
            throttles: HashMap::new(),
            early: ahead::EarlySteps::new(),
            rules,
            warned: HashSet::new(),
            fatal: false,
            broken: false,
            failed_now: HashSet::new(),
            cleared: false,
            exceeded: false,
            ended: false,
            play: Arc::clone(play),
        }
    }

    /// Takes all hosts through the play.
    pub async fn run(mut self) -> BatchEnd {
        loop {
            if self.is_idle() {
                self.settle_group();
            }
            if let Some(broken) = self.play.world.journal.broken() {
                self.play.world.lose_journal(broken);
            }
            if (!self.play.world.is_stopping() || self.owes()) && !self.ended {
                self.start_ready();
            }
            if let Some(finished) = self.next_recorded() {
                self.record(finished);
                continue;
            }
            self.release();
            let joined = tokio::select! {
                joined = self.running.join_next() => joined,
                // What is under way is left to itself: it is told of as such, not as ended.
                () = self.play.world.detached(), if !self.running.is_empty() => break,
            };
            match joined {
                Some(Ok(finished)) => self.record(finished),
                Some(Err(error)) => self.broke_off(&error),
                None if self.includes.is_empty() => break,
                None => {}
            }
        }
        self.note_stops();
        self.end()
    }

    fn start_ready(&mut self) {
        if self.strategy == Strategy::Linear && !self.is_idle() {
            return;
        }
        loop {
            let standings = self.standings();
            let ready = self.strategy.ready(&standings, self.play.world.options.forks);
            if ready.is_empty() {
                return;
            }
            let next: Vec<(usize, Arc<Task>)> = ready
                .into_iter()
                .filter_map(|index| standings[index].next.as_ref().map(|(task, _)| (index, Arc::clone(task))))
                .collect();
            self.start_group(next);
            // Tasks that need no work (a skipped `meta`) leave the group empty: look again.
            if !self.is_idle() || self.play.world.is_stopping() {
                return;
            }
            self.settle_group();
        }
    }

    fn standings(&mut self) -> Vec<Standing> {
        let Self { hosts, selection, .. } = self;
        hosts
            .iter_mut()
            .map(|host| {
                let next = if host.running { None } else { selection.next(host) };
                Standing { next, running: host.running, begun: host.begun }
            })
            .collect()
    }

    /// What waits for all hosts of a group: includes, fatal errors, and the list of hosts that go on.
    fn settle_group(&mut self) {
        self.enter_includes();
        self.apply_fatal();
        self.check_fail_percentage();
    }

    fn broke_off(&mut self, error: &tokio::task::JoinError) {
        self.play.world.events.warn(format!("a step broke off inside the engine: {error}; the run stops"));
        self.play.world.stop();
    }

    fn update_active(&self) {
        let names = self
            .hosts
            .iter()
            .filter(|host| host.state == HostState::Active)
            .map(|host| host.name.clone())
            .collect();
        self.play.set_active(names);
    }

    fn end(self) -> BatchEnd {
        let named = |state: HostState| -> Vec<String> {
            self.hosts.iter().filter(|host| host.state == state).map(|host| host.name.clone()).collect()
        };
        BatchEnd {
            failed: named(HostState::Failed),
            unreachable: named(HostState::Unreachable),
            fatal: self.broken || self.exceeded,
            cleared: self.cleared,
            exceeded: self.exceeded,
            ended: self.ended,
        }
    }
}
