//! Simple steps run ahead of their turn, so that a distant host gets their programs in one round trip.
//!
//! A chain is a row of tasks of one host that each run one program and nothing else. The step at its head runs at
//! its turn as ever; those behind it prepare themselves meanwhile, and their programs go to the host together, which
//! stops after the first that fails. Nobody hears of a step before its turn: what it has to tell is held back.

mod pump;
mod simple;
mod slot;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use switchover_journal::Intent;
use switchover_protocol::{Exec, HostReply};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use crate::step::ConnectionPlan;
use crate::world::World;

pub use simple::{ends_chain, is_simple};
pub use slot::Slot;

/// The programs of a chain of steps, in the order of the tasks.
#[derive(Clone)]
pub struct Chain {
    queue: UnboundedSender<Message>,
    marks: Arc<Marks>,
}

/// How far a chain is, for those who look at it from outside.
pub struct Marks {
    /// The position from which on nothing is sent.
    closed: AtomicUsize,
    /// The position up to which all has been sent.
    sent: AtomicUsize,
    /// A program did not end well, so that what follows is for the play to decide.
    failed: AtomicBool,
    /// What templates had asked of the outside when the chain was made.
    looks: u64,
}

/// What a step tells the chain about its program.
enum Message {
    Exec(Box<Program>),
    /// There is none, and the step is fine: its condition did not hold.
    Pass(usize),
    /// Neither this program nor any after it is to be sent.
    Break(usize),
}

/// A program that waits for its place in the chain.
struct Program {
    position: usize,
    title: String,
    plan: ConnectionPlan,
    exec: Exec,
    /// What is written down before it is sent.
    intent: Option<Intent>,
    since: Instant,
    reply: oneshot::Sender<HostReply>,
}

impl Chain {
    /// Returns a chain for the programs of one host.
    pub fn start(world: &Arc<World>, host: &str) -> Self {
        let (queue, inbox) = unbounded_channel();
        let marks = Arc::new(Marks {
            closed: AtomicUsize::new(usize::MAX),
            sent: AtomicUsize::new(0),
            failed: AtomicBool::new(false),
            looks: switchover_values::outside_looks(),
        });
        tokio::spawn(pump::Pump::new(world, host, &marks, inbox).run());
        Self { queue, marks }
    }

    /// Returns how far the chain is.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Sends nothing from this position on.
    pub fn close(&self, position: usize) {
        self.marks.close(position);
        self.tell(Message::Break(position));
    }

    fn tell(&self, message: Message) {
        // Without a pump the run is at its end; a program's step is answered by its dropped channel.
        drop(self.queue.send(message));
    }
}

impl Marks {
    /// Returns whether nothing will be sent for this position.
    pub fn is_closed(&self, position: usize) -> bool {
        self.closed.load(Ordering::SeqCst) <= position
    }

    /// Returns whether the program of this position is under way, or done, and the play has to say so.
    pub fn is_owed(&self, position: usize) -> bool {
        position < self.sent.load(Ordering::SeqCst)
            && !self.is_closed(position)
            && !self.failed.load(Ordering::SeqCst)
    }

    fn close(&self, position: usize) {
        self.closed.fetch_min(position, Ordering::SeqCst);
    }

    /// Returns whether something rendered since the chain was made may depend on when that was.
    fn is_stale(&self) -> bool {
        switchover_values::outside_looks() != self.looks
    }
}
