//! The host side of the plugin boundary: finds libraries, loads them, and asks their modules.
//!
//! [`Catalog`] holds the modules by name; [`Module::invoke`] asks one a question and answers its host calls
//! through a closure; [`check_arguments`] holds a task's arguments against what a module declares. The crate
//! knows neither connections nor playbooks. A library runs inside this process: it is trusted code, and one
//! that crashes takes the process with it (README.md says what is and is not caught).

#![deny(unsafe_code)]

mod arguments;
mod catalog;
mod elf;
mod error;
mod folders;
mod host_side;
mod library;
mod module;
mod nearest;
mod plugin;
mod spec;
mod trust;

pub use arguments::{ArgumentProblem, Mismatch, Problem, check_arguments, check_arguments_static};
pub use catalog::{Catalog, Shadowed};
pub use error::{AnswerError, PluginError};
pub use folders::{Places, default_folders};
pub use module::Module;
pub use nearest::nearest;
pub use plugin::Plugin;
pub use spec::SpecFault;
pub use trust::Distrust;
