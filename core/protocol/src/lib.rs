//! The words that cross the plugin boundary, on one page.
//!
//! The engine asks a plugin to [`describe`](abi::PluginApi::describe) its modules ([`ModuleSpec`]) and to
//! answer a [`Request`] with a [`Reply`]. While it works, a plugin touches its host only through
//! [`HostCall`]s, which are answered by [`HostReply`]s. All of these travel as JSON bytes through the C
//! functions in [`abi`]. This crate holds data only: it does no input or output and imports nothing of ours.

pub mod abi;
mod bytes;
mod call;
mod host;
mod job;
mod lock;
mod module;
mod stat;
mod words;

pub use bytes::Bytes;
pub use call::{Change, Delta, Failure, FailureKind, Operation, Outcome, Reply, Request};
pub use host::{
    Algorithm, Attributes, Content, Entry, Exec, ExecOutput, HostCall, HostError, HostReply, Level, Program,
    WriteFile, Written,
};
pub use job::{Job, JobChunk, JobOrigin, JobRecord, JobState};
pub use lock::{LockAct, LockSeen, LockVerb};
pub use module::{
    DestroysWhen, Effect, Example, ModuleSpec, ParamKind, ParamSpec, PluginSpec, RefusedModules, Requires,
    ReturnSpec,
};
pub use stat::{FileKind, FileStat};

/// A value as modules see it: what YAML gives after templating, and what `register` stores.
pub type Value = serde_json::Value;

/// A mapping as modules see it; keeps the order in which keys were written.
pub type Map = serde_json::Map<String, Value>;
