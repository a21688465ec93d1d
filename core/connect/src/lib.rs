//! Sessions with hosts: everything a module asks of its host, done over a local or an SSH transport.
//!
//! The way in is [`Pool::session`]; what is done with a host is one [`HostCall`](switchover_protocol::HostCall)
//! after another, given to [`Session::call`]. Nothing is needed on a host but a POSIX `sh` and the usual small
//! tools (coreutils or busybox). This crate decides nothing about tasks, prints nothing, and remembers nothing
//! beyond its connections; `README.md` tells how the shells are framed and what the job folders promise.

mod compile;
mod connection;
mod contact;
mod elevation;
mod error;
mod frame;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod local;
mod names;
mod pipe;
mod plan;
mod pool;
mod processes;
mod pty;
mod pulse;
mod quote;
mod run;
mod secret;
mod session;
mod shell;
mod shells;
mod sink;
mod ssh;
mod target;
mod terminal;
mod token;
mod words;

pub use elevation::{Elevation, Method};
pub use error::{ConnectError, ElevationProblem};
pub use pool::{Pool, PoolSettings};
pub use secret::Secret;
pub use session::Session;
pub use sink::{Sink, Stream};
pub use ssh::{HostKeyChecking, SshOptions};
pub use target::{LocalOptions, Target, TransportConfig};
