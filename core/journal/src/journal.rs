use serde_json::Value;

use crate::{Act, Broken, Earlier, Ended, EndedItem, Gate, Intent, OnRecord, StepKey};

/// Hears whether what was handed over is on the disk.
pub type Done = Box<dyn FnOnce(Result<(), Broken>) + Send>;

/// What the engine asks of a journal. It writes before it acts, and asks before it starts a step.
pub trait Journal: Send + Sync {
    /// Returns whether anything is kept.
    fn keeps(&self) -> bool {
        true
    }

    /// Returns the step's end, when it is on record and settled.
    fn on_record(&self, key: &StepKey) -> Option<OnRecord>;

    /// Returns the body of a step's end and counts it as gone through.
    fn take(&self, key: &StepKey) -> Result<Value, Broken>;

    /// Returns what is known of a step whose end is not on record. `digest` is of the task as it is now.
    fn earlier(&self, key: &StepKey, digest: &str) -> Result<Earlier, Broken>;

    /// Returns whether there are ends on record that nobody has taken yet.
    fn is_replaying(&self) -> bool;

    /// Returns how many ends were taken.
    fn taken(&self) -> usize;

    /// Returns whether anything of this play is on record.
    fn has_begun(&self, play: u32) -> bool;

    /// Returns everything that was begun and is not known to have ended.
    fn unfinished(&self) -> Vec<(u64, Intent)>;

    /// Writes down that these are about to act; `done` is called when that is on the disk.
    fn intend(&self, intents: Vec<Intent>, done: Done);

    /// Writes down that the host said that a step's job is there.
    fn began(&self, act: &Act);

    /// Takes back what was intended and is known not to have begun.
    fn retract(&self, acts: Vec<Act>);

    /// Writes down how a step ended.
    fn end(&self, ended: Ended);

    /// Writes down how an item of a loop ended.
    fn end_item(&self, ended: EndedItem);

    /// Writes down that failures up to here are forgotten (`meta: clear_host_errors`).
    fn forgive(&self);

    /// Writes down who let a step pass.
    fn gate(&self, gate: Gate);

    /// Returns the digest of what was answered before to a play's question.
    fn answer(&self, play: u32, name: &str) -> Result<Option<Value>, Broken>;

    /// Writes down the digest of an answer.
    fn keep_answer(&self, play: u32, name: &str, digest: &str);

    /// Returns why nothing more can be written.
    fn broken(&self) -> Option<Broken>;
}

/// The journal of a run that keeps none.
pub struct NoJournal;

impl Journal for NoJournal {
    fn keeps(&self) -> bool {
        false
    }

    fn on_record(&self, _: &StepKey) -> Option<OnRecord> {
        None
    }

    fn take(&self, _: &StepKey) -> Result<Value, Broken> {
        Ok(Value::Null)
    }

    fn earlier(&self, _: &StepKey, _: &str) -> Result<Earlier, Broken> {
        Ok(Earlier::default())
    }

    fn is_replaying(&self) -> bool {
        false
    }

    fn taken(&self) -> usize {
        0
    }

    fn has_begun(&self, _: u32) -> bool {
        false
    }

    fn unfinished(&self) -> Vec<(u64, Intent)> {
        Vec::new()
    }

    fn intend(&self, _: Vec<Intent>, done: Done) {
        done(Ok(()));
    }

    fn began(&self, _: &Act) {}

    fn retract(&self, _: Vec<Act>) {}

    fn end(&self, _: Ended) {}

    fn end_item(&self, _: EndedItem) {}

    fn forgive(&self) {}

    fn gate(&self, _: Gate) {}

    fn answer(&self, _: u32, _: &str) -> Result<Option<Value>, Broken> {
        Ok(None)
    }

    fn keep_answer(&self, _: u32, _: &str, _: &str) {}

    fn broken(&self) -> Option<Broken> {
        None
    }
}
