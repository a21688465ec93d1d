//! What happened: the one [`Event`] type, and [`Recap`], its fold.
//!
//! Events are what the engine sends while it works. Reporters show them; the same stream will be the durable
//! journal that `resume` folds. Everything in an event is masked already and can be shown to anybody.

mod event;
mod listener;
mod recap;
mod status;

pub use event::{Event, EventKind, Place, TaskInfo};
pub use listener::Listener;
pub use recap::{Counts, Recap};
pub use status::{Cause, Status, TaskResult};
