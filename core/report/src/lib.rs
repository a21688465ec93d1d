//! Telling: reporters turn events into what people and programs read. Each is a [`Listener`](switchover_journal::Listener).
//!
//! [`Terminal`] is the default view, [`Ansible`] prints Ansible's format, [`JsonLines`] one event a line. A reporter
//! that cannot write any more (a closed pipe) goes quiet; the run goes on.

mod ansible;
mod asking;
mod callbacks;
mod diff_limit;
mod json_lines;
mod log;
mod markup;
mod output;
mod page;
mod paint;
mod plural;
mod story;
mod terminal;
mod tree;

pub use ansible::{Ansible, Display, Minimal, python};
pub use asking::asking;
pub use callbacks::{JUnit, JUnitSettings, Json, Profile, ProfileBy, Timer};
pub use json_lines::JsonLines;
pub use log::log_to;
pub use output::Output;
pub use page::Page;
pub use paint::Paint;
pub use plural::{duration, plural};
pub use terminal::Terminal;
pub use tree::Tree;
