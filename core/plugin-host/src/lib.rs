//! The host side of the plugin boundary: finds libraries, loads them, and asks their modules.
//!
//! [`Catalog`] holds the modules by name; [`Module::invoke`] asks one a question and answers its host calls
//! through a closure; [`check_arguments`] holds a task's arguments against what a module declares. The crate
//! knows neither connections nor playbooks. A library is asked for its description in a process of its own, and runs
//! inside this one unless it is isolated (README.md says what is and is not caught).

#![deny(unsafe_code)]

mod arguments;
mod catalog;
mod child;
mod crash;
mod descriptions;
mod discovery;
mod elf;
mod error;
mod examine;
mod folders;
mod host_side;
mod library;
mod lock;
mod module;
mod nearest;
mod own;
mod plugin;
mod process_wide;
mod remedy;
mod spec;
mod stamp;
mod trust;

pub use arguments::{ArgumentProblem, Mismatch, Problem, check_arguments, check_arguments_static, told};
pub use catalog::{Catalog, Shadowed};
pub use child::{CHILD_ARGUMENT, serve};
pub use crash::{leave, watch_for_crashes};
pub use discovery::{Discovery, Isolation};
pub use error::{AnswerError, PluginError, printable};
pub use examine::{Examination, examine};
pub use folders::{Places, default_folders, own_folders};
pub use lock::{LOCK_FILE, Lock, Locked};
pub use module::Module;
pub use nearest::nearest;
pub use plugin::Plugin;
pub use spec::SpecFault;
pub use trust::Distrust;
