use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::Broken;
use crate::database::{Database, Durability};
use crate::entry::{Entry, Kind};
use crate::head::Head;
use crate::journal::Done;
use crate::link::Link;

/// How long entries that nobody waits for may stay in memory.
const LAZY: Duration = Duration::from_millis(50);
/// At most this many entries go into one commit.
const MOST: usize = 1000;

/// What is handed to the writer.
pub struct Message {
    pub kind: Kind,
    pub body: Vec<u8>,
    pub sealed: Option<Vec<u8>>,
    pub wish: Wish,
}

/// When an entry has to be written.
pub enum Wish {
    /// Soon; nobody would act otherwise without it.
    Lazy,
    /// At once: the death of the program must not lose it.
    Now,
    /// At once and on the disk; somebody waits.
    Durable(Option<Done>),
}

/// The one writer of a journal: commits in groups, on a thread of its own.
pub struct Writer {
    pub database: Database,
    pub head: Head,
    pub last: u64,
    pub link: Link,
    pub broken: Arc<OnceLock<Broken>>,
}

impl Writer {
    /// Works until nobody is left who could write.
    pub fn run(mut self, inbox: &Receiver<Message>) {
        while let Ok(first) = inbox.recv() {
            let group = gather(first, inbox);
            self.write(group);
        }
    }

    fn write(&mut self, group: Vec<Message>) {
        let mut waiting = Vec::new();
        let mut how = Durability::Process;
        let mut entries = Vec::with_capacity(group.len());
        for (index, message) in group.into_iter().enumerate() {
            let Message { kind, body, sealed, wish } = message;
            entries.push(Entry { seq: self.last + 1 + index as u64, kind, body, sealed });
            if let Wish::Durable(done) = wish {
                how = Durability::Machine;
                waiting.extend(done);
            }
        }
        let result = self.commit(&entries, how);
        if let Err(broken) = &result {
            // The first reason is the one that counts.
            drop(self.broken.set(broken.clone()));
        }
        for done in waiting {
            done(result.clone());
        }
    }

    fn commit(&mut self, entries: &[Entry], how: Durability) -> Result<(), Broken> {
        if let Some(broken) = self.broken.get() {
            return Err(broken.clone());
        }
        self.link = self.database.append(entries, self.link, how)?;
        self.last += entries.len() as u64;
        if how == Durability::Machine {
            self.head.write(self.last, self.link).map_err(|error| self.database.unwritten(&error))?;
        }
        Ok(())
    }
}

/// Takes what is there; waits a moment for more as long as nobody waits.
fn gather(first: Message, inbox: &Receiver<Message>) -> Vec<Message> {
    let begun = Instant::now();
    let mut urgent = !matches!(first.wish, Wish::Lazy);
    let mut group = vec![first];
    while group.len() < MOST {
        let patience = if urgent { Duration::ZERO } else { LAZY.saturating_sub(begun.elapsed()) };
        match inbox.recv_timeout(patience) {
            Ok(message) => {
                urgent |= !matches!(message.wish, Wish::Lazy);
                group.push(message);
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    group
}
