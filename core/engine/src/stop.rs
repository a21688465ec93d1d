use std::sync::Arc;

use switchover_model::Task;

use crate::cursor::Cursor;

/// Where a host stands in a play that was not gone through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StopPoint {
    pub host: String,
    /// The name of the next task; none when only clean-ups are left.
    pub next: Option<String>,
    /// How many tasks of the play were not done, without clean-ups.
    pub left: usize,
    /// Tasks of `always` sections that were not run.
    pub cleanups: Vec<String>,
}

impl StopPoint {
    /// Reads it from where the host stands; `None` when nothing is left to do.
    pub fn of(host: &str, cursor: &Cursor) -> Option<Self> {
        let (tasks, always) = cursor.ahead();
        let named = |tasks: Vec<Arc<Task>>| -> Vec<String> {
            tasks.iter().filter(|task| !crate::batch::is_implicit(task)).map(|task| name(task)).collect()
        };
        let (tasks, cleanups) = (named(tasks), named(always));
        let (next, left) = (tasks.first().cloned(), tasks.len());
        (left + cleanups.len() > 0).then(|| Self { host: host.to_owned(), next, left, cleanups })
    }
}

/// Returns a task's name as the author wrote it, or its module.
fn name(task: &Task) -> String {
    task.name.as_ref().and_then(|name| name.as_str()).unwrap_or(&task.action.name).to_owned()
}
