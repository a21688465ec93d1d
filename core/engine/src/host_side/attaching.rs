use std::sync::atomic::Ordering;

use switchover_protocol::{HostCall, HostError, HostReply, JobState};

use super::HostSide;

impl HostSide {
    /// From now on (or no longer) nothing may be written but that a job which is there already is followed. Returns
    /// whether something else was asked for meanwhile.
    pub fn only_attach(&self, wanted: bool) -> bool {
        self.checking.store(false, Ordering::SeqCst);
        self.attaching.store(wanted, Ordering::SeqCst);
        self.overstepped.swap(false, Ordering::SeqCst)
    }

    /// Refuses what would be more than to follow a job that is there already.
    pub(super) async fn oversteps(&self, call: &HostCall) -> Option<HostReply> {
        if !self.attaching.load(Ordering::SeqCst) || !call.writes() {
            return None;
        }
        if let HostCall::JobStart { key, .. } = call
            && self.has_job(key).await
        {
            return None;
        }
        self.overstepped.store(true, Ordering::SeqCst);
        let reason = "there is no job to go on with, and nothing is begun anew without a new word".to_owned();
        Some(HostReply::Error(HostError::Invalid { reason }))
    }

    async fn has_job(&self, key: &str) -> bool {
        match self.on_host(HostCall::JobStatus { key: key.to_owned() }).await {
            HostReply::Job(job) => !matches!(job.state, JobState::Absent),
            _ => false,
        }
    }
}
