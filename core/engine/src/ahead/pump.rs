use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use switchover_connect::{Sink, Stream};
use switchover_journal::{Act, EventKind, Intent};
use switchover_protocol::{Exec, HostError, HostReply};
use tokio::sync::mpsc::UnboundedReceiver;

use super::{Marks, Message, Program};
use crate::events::Events;
use crate::step::{ConnectionPlan, intend};
use crate::world::World;

/// Sends the programs of a chain: always all that are ready, without a gap.
pub struct Pump {
    world: Arc<World>,
    host: String,
    marks: Arc<Marks>,
    inbox: UnboundedReceiver<Message>,
    /// What has come, by position; `None` where there is no program.
    waiting: BTreeMap<usize, Option<Box<Program>>>,
    next: usize,
    /// How the head reaches the host.
    plan: Option<ConnectionPlan>,
}

impl Pump {
    /// Returns the pump before its first program.
    pub fn new(
        world: &Arc<World>,
        host: &str,
        marks: &Arc<Marks>,
        inbox: UnboundedReceiver<Message>,
    ) -> Self {
        let (world, host, marks) = (Arc::clone(world), host.to_owned(), Arc::clone(marks));
        Self { world, host, marks, inbox, waiting: BTreeMap::new(), next: 0, plan: None }
    }

    /// Works until nobody is left who could bring a program.
    pub async fn run(mut self) {
        while let Some(message) = self.inbox.recv().await {
            self.take(message);
            loop {
                while let Ok(message) = self.inbox.try_recv() {
                    self.take(message);
                }
                let programs = self.prefix();
                if programs.is_empty() {
                    break;
                }
                self.send(programs).await;
            }
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Exec(program) => drop(self.waiting.insert(program.position, Some(program))),
            Message::Pass(position) => drop(self.waiting.insert(position, None)),
            Message::Break(position) => self.marks.close(position),
        }
    }

    /// Takes the programs that can be sent now; answers those that will not be.
    fn prefix(&mut self) -> Vec<Program> {
        let mut programs = Vec::new();
        while let Some(entry) = self.waiting.first_entry() {
            let position = *entry.key();
            if self.marks.is_closed(position) {
                if let Some(program) = entry.remove() {
                    cancel(*program);
                }
                continue;
            }
            if position != self.next {
                break;
            }
            if let Some(program) = entry.get()
                && position > 0
                && (self.world.is_stopping() || self.plan.as_ref().is_some_and(|plan| *plan != program.plan))
            {
                self.marks.close(position);
                continue;
            }
            if let Some(program) = entry.remove() {
                self.plan.get_or_insert_with(|| program.plan.clone());
                programs.push(*program);
            }
            self.next += 1;
        }
        programs
    }

    async fn send(&mut self, programs: Vec<Program>) {
        let Some(plan) = self.plan.clone() else { return };
        let execs: Vec<Exec> = programs.iter().map(|program| program.exec.clone()).collect();
        let mut answers = Answers {
            marks: &self.marks,
            titles: programs.iter().map(|program| program.title.clone()).collect(),
            acts: programs.iter().map(|program| program.intent.as_ref().map(|i| i.act.clone())).collect(),
            programs: programs.into_iter().map(Some).collect(),
            lost: false,
            since: Instant::now(),
        };
        match self.world.pool.session(&plan.target).await {
            Ok(session) => {
                let intents: Vec<Intent> =
                    answers.programs.iter().flatten().filter_map(|program| program.intent.clone()).collect();
                if !intents.is_empty()
                    && let Err(broken) = intend(&self.world, intents).await
                {
                    let reason = broken.to_string();
                    let refuse = |index| {
                        answers.take(index, HostReply::Error(HostError::Invalid { reason: reason.clone() }))
                    };
                    return (0..execs.len()).for_each(refuse);
                }
                self.marks.sent.store(self.next, Ordering::SeqCst);
                let mut sink = Remarks { events: &self.world.events, host: &self.host };
                let mut take = |index, reply| answers.take(index, reply);
                session.chain(plan.elevation.as_ref(), &execs, &mut take, &mut sink).await;
            }
            Err(error) => {
                let reason = error.to_string();
                answers.take(0, HostReply::Error(HostError::Unreachable { reason }));
            }
        }
        let mut undone = Vec::new();
        for (program, act) in answers.programs.into_iter().zip(answers.acts) {
            if let Some(program) = program {
                undone.extend(act);
                self.marks.close(program.position);
                cancel(program);
            }
        }
        if !undone.is_empty() && !answers.lost {
            self.world.journal.retract(undone);
        }
    }
}

fn cancel(program: Program) {
    // A step that is not waiting any more needs no answer.
    drop(program.reply.send(HostReply::Error(HostError::Cancelled)));
}

/// Gives the answers of programs that were sent together to their steps.
struct Answers<'a> {
    marks: &'a Marks,
    titles: Vec<String>,
    programs: Vec<Option<Program>>,
    /// What was written down of each.
    acts: Vec<Option<Act>>,
    /// The connection was lost, so that nothing is known of those without an answer.
    lost: bool,
    /// When the program before was done.
    since: Instant,
}

impl Answers<'_> {
    fn take(&mut self, index: usize, mut reply: HostReply) {
        let Some(program) = self.programs.get_mut(index).and_then(Option::take) else { return };
        match &mut reply {
            HostReply::Exec(output) => {
                let waited = self.since.saturating_duration_since(program.since);
                output.waited_us = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
                if output.rc != 0 {
                    // The host ran nothing after it.
                    self.marks.close(program.position + 1);
                    self.marks.failed.store(true, Ordering::SeqCst);
                }
            }
            other => {
                self.lost |= matches!(other, HostReply::Error(HostError::Lost { .. }));
                // What comes later is for the play to decide, also when it is ready only now.
                self.marks.close(program.position + 1);
                self.marks.failed.store(true, Ordering::SeqCst);
                self.name_the_rest(index, other);
            }
        }
        self.since = Instant::now();
        drop(program.reply.send(reply));
    }

    /// Says in the first error after which nothing is known which other steps it is about.
    fn name_the_rest(&mut self, index: usize, reply: &mut HostReply) {
        let rest = self.titles.get(index + 1..).unwrap_or_default().join(", ");
        if let HostReply::Error(HostError::Lost { reason, .. }) = reply
            && !rest.is_empty()
        {
            reason.push_str("; steps that were sent with it may have been started too: ");
            reason.push_str(&rest);
        }
    }
}

/// Passes on what there is to say about the connection; output is shown with the step.
struct Remarks<'a> {
    events: &'a Events,
    host: &'a str,
}

impl Sink for Remarks<'_> {
    fn output(&mut self, _: Stream, _: &[u8]) {}

    fn note(&mut self, text: &str) {
        self.events.send(EventKind::Contact { host: self.host.to_owned(), text: text.to_owned() });
    }
}
