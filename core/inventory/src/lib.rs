//! Hosts, groups and their variables: read from Ansible's inventories, asked by patterns, shown as Ansible shows them.
//!
//! [`Inventory::load`] reads sources, [`Inventory::hosts`] answers a pattern, [`Inventory::layers`] gives a host's variables
//! by precedence. Templates are not rendered here.

mod address;
mod beside;
mod edit;
mod files;
mod group;
mod host;
mod inventory;
mod layers;
mod load;
mod pattern;
mod range;
mod rules;
mod select;
mod settle;
mod show;
mod source;

pub use beside::VarsBeside;
pub use edit::Loop;
pub use files::{Files, PlainFiles};
pub use group::Group;
pub use host::{Host, HostSource};
pub use inventory::Inventory;
pub use load::Loaded;
pub use pattern::glob::Glob;
pub use pattern::{Pattern, PatternError};
pub use rules::{GroupNames, Rules};
pub use select::Selection;
pub use show::{NoSuchGroup, View};
