//! What the author of a module sees: [`Module`], [`Params`], [`Host`], and [`export_modules!`].
//!
//! A module answers two questions: `check` looks and says what would change, `apply` changes it. Both touch the
//! host only through [`Host`]. See the crate's README for a first module.

extern crate self as switchover_sdk;

mod command;
mod controller;
mod erased;
mod expand;
pub mod export;
mod failure;
mod file_attributes;
mod host;
mod job;
mod labels;
mod module;
mod params;
pub mod script;
pub mod testing;
pub mod text_file;
mod types;

pub use command::Command;
pub use controller::ControllerFile;
pub use expand::quote;
pub use file_attributes::FileAttributes;
pub use host::{About, Host};
pub use job::Followed;
pub use module::{Module, Spec, SpecEffect};
pub use params::{ArgumentError, ParamType, Params, argument};
pub use serde_json::{from_value, json};
pub use switchover_protocol::{
    Algorithm, Attributes, Bytes, Change, Content, Delta, Effect, Entry, Example, Exec, ExecOutput, Failure,
    FailureKind, FileKind, FileStat, HostCall, HostError, HostReply, Job, JobChunk, JobState, Level, Map,
    ModuleSpec, Outcome, ParamKind, ParamSpec, Program, Requires, Value, WriteFile, Written,
};
pub use switchover_sdk_derive::{Choice, Params};
pub use types::{HostPath, Mode, Secret};

/// Everything that most modules need.
pub mod prelude {
    pub use crate::{
        Attributes, Change, Choice, Command, Content, Delta, Effect, Example, ExecOutput, Failure,
        FileAttributes, FileKind, FileStat, Host, HostPath, Map, Mode, Module, Outcome, Params, Secret, Spec,
        Value, WriteFile, export_modules, json,
    };
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
