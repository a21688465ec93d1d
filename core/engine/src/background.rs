use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use switchover_journal::TaskResult;
use tokio::sync::Notify;

use crate::under_way::JobAt;

/// Tasks that were started with `poll: 0`, by the id that `async_status` asks for.
#[derive(Debug, Default)]
pub struct Background {
    jobs: Mutex<HashMap<String, (Owner, Job)>>,
    changed: Notify,
}

/// Whose a task in the background is.
#[derive(Clone, Debug, PartialEq)]
pub struct Owner {
    pub host: String,
    pub task: String,
    /// Where its job runs, once that is known.
    pub job: Option<JobAt>,
}

/// Where a task in the background stands.
#[derive(Clone, Debug)]
pub enum Job {
    /// Nothing is known to have begun on the host.
    Starting,
    Running,
    Done(Box<TaskResult>),
    /// It was started in an earlier part of the run. Its program is all there was to do, or was not.
    Earlier {
        whole: bool,
        ended: bool,
    },
}

impl Background {
    /// Notes a job.
    pub fn insert(&self, id: &str, owner: Owner, job: Job) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), (owner, job));
    }

    /// Notes where a job stands that is known.
    pub fn set(&self, id: &str, job: Job) {
        if let Some(known) = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).get_mut(id) {
            known.1 = job;
        }
        self.changed.notify_waiters();
    }

    /// Forgets a job that has ended; one that runs stays known.
    pub fn forget(&self, id: &str) {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, Job::Done(_) | Job::Earlier { ended: true, .. })) = jobs.get(id) {
            jobs.remove(id);
        }
    }

    /// Notes where a job runs, when it is one of these.
    pub fn place(&self, id: &str, job: JobAt) {
        if let Some(known) = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).get_mut(id) {
            known.0.job = Some(job);
        }
    }

    /// Returns a job of this run.
    pub fn get(&self, id: &str) -> Option<Job> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).get(id).map(|(_, job)| job.clone())
    }

    /// Waits until something of the job has begun on the host, or nothing will.
    pub async fn until_begun(&self, id: &str) {
        loop {
            let changed = self.changed.notified();
            if !matches!(self.get(id), Some(Job::Starting)) {
                return;
            }
            changed.await;
        }
    }

    /// Returns the jobs of which nobody has seen the end, with their ids, by host.
    pub fn running(&self) -> Vec<(String, Owner)> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = |job: &Job| matches!(job, Job::Done(_) | Job::Earlier { ended: true, .. });
        let mut running: Vec<(String, Owner)> = jobs
            .iter()
            .filter(|(_, (_, job))| !ended(job))
            .map(|(id, (owner, _))| (id.clone(), owner.clone()))
            .collect();
        running.sort_by(|(a, of_a), (b, of_b)| (&of_a.host, a).cmp(&(&of_b.host, b)));
        running
    }
}
