//! How to talk to an Alation host: what its modules share.
//!
//! [`Settings`] are the parameters that every module has. [`conf`] reads and sets `alation_conf` keys, [`action`]
//! runs `alation_action` as a detached job that a second start attaches to, [`observe`] tells what is installed and
//! which role a host has, [`monitor`] reads the replication page, [`record`] keeps what must survive a
//! broken run. This crate decides nothing about the order of a procedure: that is the playbook's.

pub mod access;
pub mod action;
mod build;
pub mod conf;
pub mod copy;
pub mod guard;
pub mod lag;
pub mod mode;
pub mod monitor;
pub mod observe;
pub mod progress;
pub mod prompt;
pub mod record;
mod release;
mod release_builds;
pub mod rules;
mod settings;
mod shell;
#[cfg(feature = "testing")]
pub mod testing;

pub use build::{Build, BuildError};
pub use cluster_kit::{quote, quote_if_needed, secret};
pub use mode::Mode;
pub use release::{Release, ReleaseError};
pub use release_builds::{ReleaseBuilds, Sure};
pub use settings::{Role, Settings, ShellMode};
pub use shell::{Ran, Shell};
