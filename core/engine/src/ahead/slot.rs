use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use switchover_journal::{EventKind, Intent, Status};
use switchover_protocol::{Exec, HostCall, HostError, HostReply};
use tokio::sync::oneshot;

use super::{Chain, Message, Program};
use crate::events::Events;
use crate::step::{ConnectionPlan, StepOutcome};

/// Longer standard input needs a line of its own.
const INPUT_BYTES: usize = 2048;

/// A step's place in a chain.
pub struct Slot {
    chain: Chain,
    position: usize,
    title: String,
    /// Its program is in the queue.
    submitted: AtomicBool,
    /// The step has to be run again at its turn.
    thrown: AtomicBool,
    /// Microseconds for which the program waited for those before it.
    waited_us: AtomicU64,
    /// What is written down before the program is sent.
    intent: Mutex<Option<Intent>>,
    turn: Mutex<Turn>,
}

/// What the step has to tell, until it is its turn.
enum Turn {
    Held(Vec<EventKind>),
    Come(u32),
}

impl Slot {
    /// Returns the place of the step whose turn it is, with its task's number.
    pub fn head(chain: &Chain, title: String, task: u32) -> Self {
        Self::new(chain, 0, title, Turn::Come(task))
    }

    /// Returns the place of a step whose turn is yet to come.
    pub fn behind(chain: &Chain, position: usize, title: String) -> Self {
        Self::new(chain, position, title, Turn::Held(Vec::new()))
    }

    fn new(chain: &Chain, position: usize, title: String, turn: Turn) -> Self {
        let (submitted, thrown, waited_us, intent) = Default::default();
        let turn = Mutex::new(turn);
        Self { chain: chain.clone(), position, title, submitted, thrown, waited_us, intent, turn }
    }

    /// Returns the place in the chain; 0 is the head.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Returns the chain.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Returns whether the step has to be run again at its turn.
    pub fn is_thrown(&self) -> bool {
        self.thrown.load(Ordering::SeqCst)
    }

    /// Refuses what a step must not ask ahead of its turn; such a step is run again.
    pub fn refuse(&self, call: &HostCall, checking: bool) -> Option<HostReply> {
        if self.position == 0 || matches!(call, HostCall::Log { .. } | HostCall::Progress { .. }) {
            return None;
        }
        if self.submitted.load(Ordering::SeqCst) {
            return Some(HostReply::Error(second_call()));
        }
        let fits = |exec: &Exec| {
            let input = exec.stdin.as_ref().map_or(0, |bytes| bytes.0.len());
            exec.timeout.is_none() && input <= INPUT_BYTES
        };
        match call {
            HostCall::Exec(exec) if !checking && fits(exec) && !self.chain.marks.is_stale() => None,
            _ => {
                self.throw();
                Some(HostReply::Error(HostError::Cancelled))
            }
        }
    }

    /// Has this written down before the program is sent.
    pub fn arm(&self, intent: Intent) {
        *self.intent.lock().unwrap_or_else(PoisonError::into_inner) = Some(intent);
    }

    /// Puts the program of the step into the queue and waits for its answer.
    pub async fn run(&self, plan: &ConnectionPlan, exec: Exec) -> HostReply {
        let (reply, answer) = oneshot::channel();
        let (position, title, plan) = (self.position, self.title.clone(), plan.clone());
        if self.submitted.swap(true, Ordering::SeqCst) {
            return HostReply::Error(second_call());
        }
        let intent = self.intent.lock().unwrap_or_else(PoisonError::into_inner).take();
        let program = Program { position, title, plan, exec, intent, since: Instant::now(), reply };
        self.chain.tell(Message::Exec(Box::new(program)));
        let answer = answer.await.unwrap_or(HostReply::Error(HostError::Cancelled));
        match &answer {
            HostReply::Error(HostError::Cancelled) => self.thrown.store(true, Ordering::SeqCst),
            HostReply::Exec(output) => self.waited_us.store(output.waited_us, Ordering::SeqCst),
            _ => {}
        }
        answer
    }

    /// Notes how the step ended: one that ended without its program is taken only when it was skipped.
    pub fn end(&self, outcome: &mut StepOutcome) {
        let waited = self.waited_us.load(Ordering::SeqCst) as f64 / 1e6;
        outcome.result.took = (outcome.result.took - waited).max(0.0);
        let fine = outcome.result.status.is_fine() && !outcome.result.ignored;
        if self.submitted.load(Ordering::SeqCst) {
            if !fine {
                self.chain.marks.close(self.position + 1);
            }
            return;
        }
        let passes = fine
            && !self.is_thrown()
            && (self.position == 0
                || outcome.result.status == Status::Skipped && !self.chain.marks.is_stale());
        if passes {
            self.submitted.store(true, Ordering::SeqCst);
            self.chain.tell(Message::Pass(self.position));
        } else {
            self.throw();
        }
    }

    /// Tells an event now, or at the step's turn.
    pub fn tell(&self, events: &Events, kind: EventKind) {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *turn {
            Turn::Held(held) => held.push(kind),
            Turn::Come(task) => events.send(numbered(kind, *task)),
        }
    }

    /// Tells what was held back, under the number that the task has now.
    pub fn take_turn(&self, events: &Events, task: u32) {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Turn::Held(held) = std::mem::replace(&mut *turn, Turn::Come(task)) {
            held.into_iter().for_each(|kind| events.send(numbered(kind, task)));
        }
    }

    fn throw(&self) {
        self.thrown.store(true, Ordering::SeqCst);
        self.chain.close(self.position);
    }
}

impl Drop for Slot {
    /// A step that broke off without a word holds up nobody.
    fn drop(&mut self) {
        if !self.submitted.load(Ordering::SeqCst) {
            self.chain.close(self.position);
        }
    }
}

fn second_call() -> HostError {
    HostError::Invalid { reason: "a module that says it makes one call to its host makes another".to_owned() }
}

fn numbered(mut kind: EventKind, number: u32) -> EventKind {
    if let EventKind::Applying { task, .. } | EventKind::Log { task, .. } | EventKind::Progress { task, .. } =
        &mut kind
    {
        *task = number;
    }
    kind
}
