//! Scenarios with the built program: what it prints, what it leaves behind, how it exits.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod ahead;
mod alation;
mod approvals;
mod collections;
mod databases;
mod details;
mod documentation;
mod faults;
mod guide;
mod hostile;
mod keys;
mod lab;
mod language;
mod lint;
mod locks;
mod mistakes;
mod modules;
mod not_done;
mod own_cluster;
mod plugin_check;
mod postgres;
mod reports;
mod resume;
mod scenario;
mod schema;
mod settings;
mod stops;
mod system;
mod terminal;
mod tools;
mod web;
