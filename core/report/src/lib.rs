//! Telling: reporters turn events into what people and programs read. Each is a [`Listener`](switchover_journal::Listener).
//!
//! [`Terminal`] is the default view, [`Ansible`] prints Ansible's format, [`JsonLines`] one event a line. A reporter
//! that cannot write any more (a closed pipe) goes quiet; the run goes on.

mod ansible;
mod json_lines;
mod output;
mod paint;
mod plural;
mod terminal;
mod tree;

pub use ansible::{Ansible, Display, Minimal, python};
pub use json_lines::JsonLines;
pub use output::Output;
pub use paint::Paint;
pub use plural::{duration, plural};
pub use terminal::Terminal;
pub use tree::Tree;
