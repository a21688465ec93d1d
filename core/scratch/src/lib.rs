//! A folder that plays a host: it answers host calls with real files below it, and with real programs when it may.
//!
//! [`ScratchHost`] is for trying modules: `switchover plugin check` runs their examples against one, and
//! `switchover_sdk::testing::LocalHost` lends it to tests. It is a whole host for files. It starts no jobs, renders
//! nothing, and only remembers who owns what, because it works without root.

mod files;
mod paths;
mod programs;
mod scratch_host;
mod stat;
mod whole;

pub use programs::Programs;
pub use scratch_host::ScratchHost;
