//! What happened: the one [`Event`] type, and [`Recap`], its fold.
//!
//! Events are what the engine sends while it works. Reporters show them, and everything in an event is masked already
//! and can be shown to anybody. A [`Journal`] also holds what a resumed run has to know; [`Store`] keeps one on the disk.

mod act;
mod broken;
mod database;
mod entry;
mod event;
mod head;
mod header;
mod history;
mod journal;
mod link;
mod listener;
mod past;
mod recap;
mod run_folder;
mod seal;
mod status;
mod store;
mod writer;

pub use act::{Act, Earlier, Ended, EndedItem, Gate, Intent, OnRecord, StepKey};
pub use broken::Broken;
pub use entry::{ClosedPart, ResumedPart};
pub use event::{Event, EventKind, Place, TaskInfo};
pub use header::{Drift, FORMAT, Header, Inputs};
pub use history::History;
pub use journal::{Done, Journal, NoJournal};
pub use link::digest;
pub use listener::Listener;
pub use recap::{Counts, Recap};
pub use run_folder::{RunFolder, RunLock, Runs};
pub use status::{Cause, Status, TaskResult};
pub use store::{Begun, Recorder, Store};
