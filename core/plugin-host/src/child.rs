//! A plugin in a process of its own: the same questions and host calls, over a socket instead of a table.
//!
//! [`Child`] is the side of the run, [`serve`] that of the process. A plugin that crashes, exits or hangs there
//! is an answer that did not come; whoever waits for it learns how the process ended.

mod ending;
mod frame;
mod process;
mod serve;

pub(crate) use ending::signal_name;
pub(crate) use process::{Child, Patience};
pub use serve::serve;

/// The first argument with which the program is called to be such a process; the second is the library.
pub const CHILD_ARGUMENT: &str = "__plugin-child";
