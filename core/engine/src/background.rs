use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use switchover_journal::TaskResult;

/// Tasks that were started with `poll: 0`, by the id that `async_status` asks for.
#[derive(Debug, Default)]
pub struct Background {
    jobs: Mutex<HashMap<String, Job>>,
}

/// Where a task in the background stands.
#[derive(Clone, Debug)]
pub enum Job {
    Running,
    Done(Box<TaskResult>),
}

impl Background {
    /// Notes where a job stands.
    pub fn insert(&self, id: &str, job: Job) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), job);
    }

    /// Returns a job of this run.
    pub fn get(&self, id: &str) -> Option<Job> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Returns how many jobs still run.
    pub fn running(&self) -> usize {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.values().filter(|job| matches!(job, Job::Running)).count()
    }
}
