use std::path::PathBuf;
use std::sync::Arc;

use switchover_syntax::{Mapping, Node, Span};

use crate::{Context, Item};

/// A playbook with its imports resolved.
#[derive(Debug)]
pub struct Playbook {
    pub path: PathBuf,
    pub plays: Vec<Arc<Play>>,
}

/// A play. What it shares with tasks (`become`, `tags`, `environment`...) is in `context`.
#[derive(Clone, Debug)]
pub struct Play {
    pub span: Span,
    /// The folder of the file that it stands in: relative paths begin there.
    pub folder: PathBuf,
    pub name: Option<Node>,
    pub hosts: Node,
    pub context: Arc<Context>,
    /// `vars:` of the play itself (also reachable through `context`).
    pub vars: Arc<Mapping>,
    pub vars_files: Vec<Node>,
    pub vars_prompt: Vec<Prompt>,
    pub gather_facts: Option<Node>,
    pub gather_subset: Option<Node>,
    pub gather_timeout: Option<Node>,
    pub serial: Option<Node>,
    pub strategy: Option<Node>,
    pub order: Option<Node>,
    pub max_fail_percentage: Option<Node>,
    pub force_handlers: Option<Node>,
    pub fact_path: Option<Node>,
    /// Ours: conditions that must hold at the start and again before each destroying step.
    pub expect: Vec<Node>,
    /// Ours: the run holds the locks of its targets.
    pub lock: Option<Node>,
    pub pre_tasks: Vec<Item>,
    /// One block a role, its dependencies' blocks before it.
    pub roles: Vec<Item>,
    pub tasks: Vec<Item>,
    pub post_tasks: Vec<Item>,
    /// In the order in which they run: handlers of `roles:`, of the play, of imported roles.
    /// Of several with one name, the last is the one that is notified.
    pub handlers: Vec<Item>,
}

/// An entry of `vars_prompt:`.
#[derive(Clone, Debug)]
pub struct Prompt {
    pub name: String,
    pub prompt: Option<Node>,
    pub default: Option<Node>,
    pub private: Option<Node>,
    pub confirm: Option<Node>,
    pub encrypt: Option<Node>,
    pub salt: Option<Node>,
    pub salt_size: Option<Node>,
    pub unsafe_: Option<Node>,
}
