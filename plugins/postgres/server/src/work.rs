use switchover_sdk::prelude::*;
use switchover_sdk::{Followed, JobState};

/// Long work on a data directory, detached, under a key that stays the same over runs: a second start attaches.
///
/// The result of an earlier start never counts: whether the work is done is seen in the data directory.
#[derive(Clone, Debug)]
pub struct Work {
    key: String,
    command: Command,
}

impl Work {
    /// Returns the work of `module` on the data directory `data`.
    pub fn new(module: &str, data: &str, command: Command) -> Self {
        let place: String = data.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        Self { key: format!("{module}.{}", place.trim_matches('-')), command }
    }

    /// Returns whether it runs now.
    pub fn is_running(&self, host: &Host) -> Result<bool, Failure> {
        Ok(host.job_status(&self.key)?.state == JobState::Running)
    }

    /// Starts it, or attaches to it, and follows it to its end. `news` gets each piece of output.
    pub fn run(
        &self,
        host: &Host,
        news: impl FnMut(&Host, &str) -> Result<(), Failure>,
    ) -> Result<Followed, Failure> {
        match host.job_status(&self.key)?.state {
            JobState::Absent | JobState::Running => {}
            JobState::Exited { .. } | JobState::Vanished { .. } => host.job_forget(&self.key)?,
        }
        host.job_start(&self.key, &self.command)?;
        host.job_follow(&self.key, news)
    }

    /// Ends it.
    pub fn end(&self, host: &Host) -> Result<(), Failure> {
        host.call(switchover_sdk::HostCall::JobKill { key: self.key.clone() }).map(|_| ())
    }
}
