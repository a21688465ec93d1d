use std::collections::{BTreeMap, HashMap, HashSet};

use crate::entry::{AnswerPart, EndedPart, Entry, ItemPart, Kind};
use crate::{Act, Intent, OnRecord, Status, StepKey};

/// What a run had done when its journal ends: the fold of the entries.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Steps that are settled, with the entry that holds their end.
    pub ended: HashMap<StepKey, OnRecord>,
    /// Items that are settled, by step, with the entry that holds their end.
    pub items: HashMap<StepKey, BTreeMap<u32, u64>>,
    /// What was begun and is not known to have ended.
    pub intents: BTreeMap<u64, Intent>,
    /// Of these, what had a job that was seen on its host.
    pub began: HashSet<Act>,
    /// How often a step ended without being settled.
    pub tries: HashMap<StepKey, u32>,
    pub plays: HashSet<u32>,
    /// Questions that were answered, with the entry that holds the last answer.
    pub answers: HashMap<AnswerPart, u64>,
    /// Ends that are not settled: the host stopped there.
    open: HashMap<StepKey, OnRecord>,
}

impl Past {
    /// Takes one entry in; the entry's JSON is right or the journal is damaged.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), serde_json::Error> {
        match entry.kind {
            Kind::Intent => {
                let intent: Intent = serde_json::from_slice(&entry.body)?;
                self.plays.insert(intent.act.step.play);
                self.close(|known| known.act == intent.act);
                self.began.remove(&intent.act);
                self.intents.insert(entry.seq, intent);
            }
            Kind::Began => drop(self.began.insert(serde_json::from_slice(&entry.body)?)),
            Kind::Retracted => {
                let act: Act = serde_json::from_slice(&entry.body)?;
                self.close(|known| known.act == act);
            }
            Kind::Item => self.item(entry.seq, serde_json::from_slice(&entry.body)?),
            Kind::Ended => self.end(entry.seq, serde_json::from_slice(&entry.body)?),
            Kind::Forgiven => self.ended.extend(self.open.drain()),
            Kind::Resumed => self.cut(),
            Kind::Answer => drop(self.answers.insert(serde_json::from_slice(&entry.body)?, entry.seq)),
            Kind::Header | Kind::Event | Kind::Gate | Kind::File | Kind::Closed => {}
        }
        Ok(())
    }

    fn item(&mut self, seq: u64, item: ItemPart) {
        if item.status != Status::Unknown {
            self.close(|known| known.act == item.act);
        }
        if item.settled
            && let Some(number) = item.act.item
        {
            self.items.entry(item.act.step).or_default().insert(number, seq);
        }
    }

    fn end(&mut self, seq: u64, ended: EndedPart) {
        for key in ended.keys {
            self.plays.insert(key.play);
            if ended.status != Status::Unknown {
                self.close(|known| known.act.step == key);
            }
            let record = OnRecord {
                seq,
                digest: ended.digest.clone(),
                task: ended.task.clone(),
                place: ended.place.clone(),
            };
            if ended.settled {
                self.open.remove(&key);
                self.ended.insert(key, record);
            } else {
                // A step whose end is unknown may still be at its first try, and so may one whose host went out of sight:
                // its job goes on there, under the key of this try.
                let over = !matches!(ended.status, Status::Unknown | Status::Unreachable);
                *self.tries.entry(key.clone()).or_default() += u32::from(over);
                self.open.insert(key, record);
            }
        }
    }

    fn close(&mut self, is_it: impl Fn(&Intent) -> bool) {
        self.intents.retain(|_, intent| !is_it(intent));
    }

    /// Forgets what a host did behind a step that has to be done again: clean-ups after a failure, which follow
    /// again when that step has been done.
    pub fn cut(&mut self) {
        let mut from: HashMap<(u32, String), u32> = HashMap::new();
        for key in self.open.keys() {
            let first = from.entry((key.play, key.host.clone())).or_insert(key.ordinal);
            *first = (*first).min(key.ordinal);
        }
        let behind =
            |key: &StepKey| from.get(&(key.play, key.host.clone())).is_some_and(|o| key.ordinal > *o);
        self.ended.retain(|key, _| !behind(key));
        self.items.retain(|key, _| !behind(key));
        self.open.clear();
    }
}

#[cfg(test)]
#[path = "past_tests.rs"]
mod tests;
