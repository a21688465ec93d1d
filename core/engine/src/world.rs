use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use switchover_connect::Pool;
use switchover_journal::{Broken, EventKind, Journal};
use switchover_model::Loader;
use switchover_plugin_host::Catalog;
use switchover_syntax::Diagnostic;
use switchover_values::Settings;
use tokio::sync::{Notify, Semaphore};

use crate::background::Background;
use crate::events::Events;
use crate::hosts::Hosts;
use crate::lock::Locks;
use crate::memory::Memory;
use crate::mistake::Mistake;
use crate::operator::Operator;
use crate::options::Options;
use crate::stop::Stops;
use crate::threads::Threads;

/// What every part of a run shares. Nothing here is global: two worlds do not see each other.
pub struct World {
    pub options: Options,
    pub hosts: Hosts,
    pub memory: Memory,
    pub loader: Loader,
    pub catalog: Catalog,
    pub pool: Pool,
    pub events: Events,
    /// What is written down before something is done, and asked when the run goes on after an interruption.
    pub journal: Arc<dyn Journal>,
    pub operator: Box<dyn Operator>,
    pub threads: Threads,
    pub background: Background,
    /// At most `forks` hosts work at once.
    pub workers: Arc<Semaphore>,
    /// What templates need to know beside variables: vault passwords, the mask.
    pub templates: Arc<Settings>,
    /// Identifies this run: time and process, sortable.
    pub run_id: String,
    pub state: RunState,
    pub locks: Locks,
}

/// What a run remembers of itself.
#[derive(Debug, Default)]
pub struct RunState {
    stopping: AtomicBool,
    interrupted: AtomicBool,
    started: AtomicBool,
    /// The human said `continue` to `--step`.
    unasked: AtomicBool,
    /// The run has come to what is not on record.
    caught_up: AtomicBool,
    broken: OnceLock<Broken>,
    detached: AtomicBool,
    detaching: Notify,
    stop_told: Notify,
    stops: Mutex<Stops>,
    problem: Mutex<Option<Mistake>>,
    /// Destroying steps that nobody approved.
    unapproved: Mutex<BTreeSet<String>>,
}

impl World {
    /// Asks the run to stop after the steps that are under way.
    pub fn stop(&self) {
        self.state.stopping.store(true, Ordering::SeqCst);
        self.state.stop_told.notify_waiters();
    }

    /// Waits until the run is to stop.
    pub async fn stopped(&self) {
        let mut word = std::pin::pin!(self.state.stop_told.notified());
        word.as_mut().enable();
        if !self.is_stopping() {
            word.await;
        }
    }

    /// Asks the run to stop because the operator said so.
    pub fn interrupt(&self) {
        self.state.interrupted.store(true, Ordering::SeqCst);
        self.stop();
        self.operator.leave();
    }

    /// Returns whether a human is asked before each task.
    pub fn asks_for_steps(&self) -> bool {
        self.options.step && !self.state.unasked.load(Ordering::SeqCst)
    }

    /// Does all that follows without a question.
    pub fn ask_no_more(&self) {
        self.state.unasked.store(true, Ordering::SeqCst);
    }

    /// Asks the run to stop now and to leave what is under way to itself.
    pub fn detach(&self) {
        self.interrupt();
        self.state.detached.store(true, Ordering::SeqCst);
        self.state.detaching.notify_waiters();
    }

    /// Returns whether what is under way is left to itself.
    pub fn is_detached(&self) -> bool {
        self.state.detached.load(Ordering::SeqCst)
    }

    /// Waits until what is under way is to be left to itself.
    pub async fn detached(&self) {
        let mut word = std::pin::pin!(self.state.detaching.notified());
        word.as_mut().enable();
        if !self.is_detached() {
            word.await;
        }
    }

    /// Returns where the hosts stand that did not go through a play.
    pub fn stops(&self) -> std::sync::MutexGuard<'_, Stops> {
        self.state.stops.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a destroying step that nobody approved, as `STEP@HOST`.
    pub fn note_unapproved(&self, step: &str) {
        self.state.unapproved.lock().unwrap_or_else(PoisonError::into_inner).insert(step.to_owned());
    }

    /// Returns the names of the destroying steps that nobody approved.
    pub fn unapproved(&self) -> Vec<String> {
        self.state.unapproved.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Returns whether the operator asked the run to stop.
    pub fn is_interrupted(&self) -> bool {
        self.state.interrupted.load(Ordering::SeqCst)
    }

    /// Ends the run at once because of a mistake of the author's that only showed now.
    pub fn break_off(&self, problem: Diagnostic) {
        self.break_off_at(Mistake::of(problem));
    }

    /// Ends the run at once because a file that is included cannot be read as what it should be.
    pub fn break_off_misread(&self, problems: Vec<Diagnostic>) {
        self.break_off_at(Mistake { problems, misread: true });
    }

    fn break_off_at(&self, mistake: Mistake) {
        let mut known = self.state.problem.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert(mistake);
        self.stop();
    }

    /// Returns the mistake that ended the run.
    pub fn mistake(&self) -> Option<Mistake> {
        self.state.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the run because its journal cannot be kept: nothing more is done that nobody would know of.
    pub fn lose_journal(&self, broken: Broken) {
        // The first reason is the one that counts.
        drop(self.state.broken.set(broken));
        self.stop();
    }

    /// Returns why the journal could not be kept.
    pub fn broken_journal(&self) -> Option<Broken> {
        self.state.broken.get().cloned().or_else(|| self.journal.broken())
    }

    /// Returns whether the run still goes through what is on record, or has not told yet that it goes on.
    pub fn is_catching_up(&self) -> bool {
        self.journal.is_replaying()
            || (self.journal.taken() > 0 && !self.state.caught_up.load(Ordering::SeqCst))
    }

    /// Tells where the run goes on, the first time that it comes to something which is not on record.
    pub fn go_on(&self, told: impl FnOnce() -> EventKind) {
        let first = !self.state.caught_up.swap(true, Ordering::SeqCst);
        if first && (self.journal.taken() > 0 || self.options.interrupted > 0.0) {
            self.events.send(told());
        }
    }

    /// Says a heading, once something happens below it when the run goes through what is on record.
    pub fn head(&self, heading: EventKind) {
        if self.is_catching_up() { self.events.hold(heading) } else { self.events.send(heading) }
    }

    /// Tells what stands before everything else, unless it was told in an earlier part of the run.
    pub fn tell_first(&self, kind: EventKind) {
        if !self.is_catching_up() {
            self.events.send(kind);
        }
    }

    /// Notes that the task of `--start-at-task` was found.
    pub fn note_started(&self) {
        self.state.started.store(true, Ordering::SeqCst);
    }

    /// Returns whether the task of `--start-at-task` was found.
    pub fn has_started(&self) -> bool {
        self.state.started.load(Ordering::SeqCst)
    }

    /// Returns whether the run is to stop.
    pub fn is_stopping(&self) -> bool {
        self.state.stopping.load(Ordering::SeqCst)
    }
}
