//! The real part of a simulated host: its SSH server and its web page.

mod command;
mod link;
mod machine;
mod page;
mod session;
mod signal;
mod supervisor;
mod terminal;

pub use machine::Machine;
pub use supervisor::{Listeners, Supervisor};
