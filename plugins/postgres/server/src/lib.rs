//! How to talk to a PostgreSQL server: what its modules share.
//!
//! [`Settings`] are the parameters that every module has. [`Server`] is what a data directory and its running server say of
//! themselves, [`Source`] the other server of a pair as this host reaches it, [`sql`] runs statements, [`auto_conf`] knows
//! `postgresql.auto.conf`. This crate decides nothing about the order of a procedure: that is the playbook's.

pub mod auto_conf;
mod control_data;
mod lsn;
mod script;
mod server;
mod settings;
mod source;
pub mod sql;
mod standby;
mod version;
mod work;

pub use control_data::ControlData;
pub use lsn::Lsn;
pub use script::script;
pub use server::{Live, Role, Server, State};
pub use settings::Settings;
pub use source::{Identity, Source};
pub use standby::Standby;
pub use version::Version;
pub use work::Work;
