//! What acts on the engine's own state, and so cannot be a plugin: one file each, behind one trait.

mod add_host;
mod argument_spec;
mod assert;
mod async_status;
mod confirm;
mod debug;
mod fail;
mod group_by;
mod include_role;
mod include_tasks;
mod include_vars;
mod meta;
mod pause;
mod set_fact;
mod set_stats;
mod validate_argument_spec;

use std::pin::Pin;

use switchover_protocol::{Map, Value};
use switchover_values::Scope;

use crate::performed::Performed;
use crate::settings::Settings;
use crate::step::Step;

/// One action of the engine.
pub trait Action: Sync {
    /// Returns the short name.
    fn name(&self) -> &'static str;

    /// Returns the arguments it takes; `None` when any name is allowed.
    fn arguments(&self) -> Option<&'static [&'static str]>;

    /// Returns the arguments that it takes as they are written: conditions, keywords of what is included.
    fn unrendered(&self) -> &'static [&'static str] {
        &[]
    }

    /// Returns whether one host does it for all of a group (`linear`).
    fn is_once(&self) -> bool {
        false
    }

    /// Does it.
    fn run<'a>(&'a self, call: &'a Call<'a>) -> Running<'a>;
}

/// An action under way.
pub type Running<'a> = Pin<Box<dyn Future<Output = Performed> + Send + 'a>>;

/// What an action is given.
pub struct Call<'a> {
    pub step: &'a Step,
    pub scope: &'a Scope,
    pub settings: &'a Settings,
    /// Rendered.
    pub arguments: Map,
}

impl Call<'_> {
    /// Returns an argument as text.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.arguments.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// Returns an argument as a truth.
    pub fn flag(&self, name: &str) -> Option<bool> {
        let value = switchover_values::from_json(self.arguments.get(name)?.clone());
        crate::flags::truth(&value)
    }

    /// Returns an argument as a list of texts; text is split at commas.
    pub fn words(&self, name: &str) -> Vec<String> {
        let clean = |text: &str| text.trim().to_owned();
        match self.arguments.get(name) {
            Some(Value::Array(items)) => {
                items.iter().map(|item| clean(item.as_str().unwrap_or_default())).collect()
            }
            Some(Value::String(text)) => text.split(',').map(clean).filter(|word| !word.is_empty()).collect(),
            _ => Vec::new(),
        }
    }
}

/// Every action. Ansible's names come with `ansible.builtin.` too; `confirm` is ours.
static ACTIONS: [&dyn Action; 15] = [
    &add_host::AddHost,
    &assert::Assert,
    &async_status::AsyncStatus,
    &confirm::Confirm,
    &debug::Debug,
    &fail::Fail,
    &group_by::GroupBy,
    &include_role::IncludeRole,
    &include_tasks::IncludeTasks,
    &include_vars::IncludeVars,
    &meta::Meta,
    &pause::Pause,
    &set_fact::SetFact,
    &set_stats::SetStats,
    &validate_argument_spec::ValidateArgumentSpec,
];

/// Returns the action of this name.
pub fn find(name: &str) -> Option<&'static dyn Action> {
    let name = switchover_model::short(name);
    ACTIONS.iter().find(|action| action.name() == name).copied()
}

pub use include_role::apply_of;
pub use include_tasks::{beside, find as find_tasks};
pub use include_vars::under;
pub use meta::{is_for_all, of as meta_of};
pub use set_fact::with_written;

/// Returns the arguments that an action takes, by any of its names; `None` when any name is allowed, or none is its.
pub fn arguments_of(name: &str) -> Option<&'static [&'static str]> {
    find(name)?.arguments()
}

/// Returns the names of all actions.
pub fn names() -> impl Iterator<Item = &'static str> {
    ACTIONS.iter().map(|action| action.name())
}
