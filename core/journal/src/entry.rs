use serde::{Deserialize, Serialize};

use crate::{Act, Place, Status, StepKey};

/// The kinds of entries of a journal, by the word that stands in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The first entry: what the run was started with.
    Header,
    /// A masked [`Event`](crate::Event).
    Event,
    Intent,
    /// The host said that a step's job is there.
    Began,
    Retracted,
    Ended,
    Item,
    Forgiven,
    Gate,
    /// What a human answered, as a digest.
    Answer,
    /// A file that was read while the run went on.
    File,
    /// Somebody resumed the run.
    Resumed,
    /// The program left in order.
    Closed,
}

impl Kind {
    const WORDS: [(Self, &'static str); 13] = [
        (Self::Header, "header"),
        (Self::Event, "event"),
        (Self::Intent, "intent"),
        (Self::Began, "began"),
        (Self::Retracted, "retracted"),
        (Self::Ended, "ended"),
        (Self::Item, "item"),
        (Self::Forgiven, "forgiven"),
        (Self::Gate, "gate"),
        (Self::Answer, "answer"),
        (Self::File, "file"),
        (Self::Resumed, "resumed"),
        (Self::Closed, "closed"),
    ];

    /// Returns the word in the database.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// Returns the kind of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind)
    }
}

/// One entry as it stands in the database.
#[derive(Clone, Debug)]
pub struct Entry {
    pub seq: u64,
    pub kind: Kind,
    /// JSON that anybody may read.
    pub body: Vec<u8>,
    /// What only a resumed run may read.
    pub sealed: Option<Vec<u8>>,
}

/// The open part of how a step ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndedPart {
    pub keys: Vec<StepKey>,
    pub digest: String,
    pub task: String,
    pub place: Place,
    pub status: Status,
    pub settled: bool,
}

/// The open part of how an item ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ItemPart {
    #[serde(flatten)]
    pub act: Act,
    pub status: Status,
    pub settled: bool,
}

/// Which question was answered. The digest of the answer is sealed: a short secret could be guessed from it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AnswerPart {
    /// Which play of the run, from 0.
    pub play: u32,
    /// The variable.
    pub name: String,
}

/// A file that was read while the run went on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FilePart {
    pub path: String,
    pub digest: String,
}

/// Who resumed the run, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResumedPart {
    pub by: String,
    pub at: f64,
}

/// How the program left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClosedPart {
    pub code: u8,
    pub at: f64,
    /// The one next command, masked.
    pub next: Option<String>,
}
