use std::collections::HashSet;
use std::sync::Arc;

use indexmap::IndexSet;
use switchover_model::Task;

use crate::cursor::Cursor;

/// A host in a batch of a play.
pub struct HostRun {
    pub name: String,
    pub cursor: Cursor,
    pub running: bool,
    pub begun: bool,
    /// Which of its steps in the play the host is at, from 1.
    pub ordinal: u32,
    /// What was notified, as it was written: an include may bring another handler of that name until they run.
    pub notifications: IndexSet<String>,
    /// Handlers (by address) that are to be run now.
    pub notified: HashSet<usize>,
    pub state: HostState,
}

/// Whether a host is still in the play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostState {
    Active,
    /// `meta: end_host` or `end_play`: it is done, and well.
    Ended,
    Failed,
    Unreachable,
}

impl HostRun {
    /// Returns a host before its first task.
    pub fn new(name: String, cursor: Cursor) -> Self {
        let state = HostState::Active;
        Self {
            name,
            cursor,
            running: false,
            begun: false,
            ordinal: 0,
            notifications: IndexSet::new(),
            notified: HashSet::new(),
            state,
        }
    }

    /// Returns whether the host has failed or cannot be reached.
    pub fn is_lost(&self) -> bool {
        matches!(self.state, HostState::Failed | HostState::Unreachable)
    }
}

/// Tells two tasks apart that were written alike.
pub fn address(task: &Arc<Task>) -> usize {
    Arc::as_ptr(task) as usize
}
