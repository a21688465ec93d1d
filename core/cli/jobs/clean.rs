use std::collections::HashMap;

use switchover_journal::{History, Runs};
use switchover_protocol::{HostCall, HostReply, JobRecord, JobState};
use switchover_report::plural;

use super::{call, failed, list};
use crate::reach::Reach;
use crate::{exit, kept};

/// What is removed.
pub struct Broom {
    /// Seconds since the end of a job.
    pub older_than: u64,
    /// Also the records that the resume of a run may need.
    pub unfinished: bool,
}

/// Removes the records of jobs that have ended, and shows what went. What an unfinished run needs to go on stays: without
/// the record its resume could not tell whether the job did its work.
pub async fn run(reach: &Reach, broom: &Broom) -> u8 {
    let (mut gone, mut spared, mut code) = (Vec::new(), Vec::new(), exit::OK);
    let mut runs = KnownRuns::default();
    for (host, plan) in &reach.hosts {
        let records = match call(&reach.world, plan, HostCall::JobList).await {
            Ok(HostReply::JobList(records)) => records,
            Ok(other) => unreachable!("a list of jobs was asked for: {other:?}"),
            Err(error) => {
                code = code.max(failed(host, &error));
                continue;
            }
        };
        for record in records.iter().filter(|record| broom.reaches(record)) {
            if !broom.unfinished && !runs.is_complete(&record.origin.run) {
                spared.push(list::row(host, record));
                continue;
            }
            match call(&reach.world, plan, HostCall::JobForget { key: record.job.key.clone() }).await {
                Ok(_) => gone.push(list::row(host, record)),
                Err(error) => code = code.max(failed(host, &error)),
            }
        }
    }
    tell(&gone, &spared);
    code
}

fn tell(gone: &[[String; 7]], spared: &[[String; 7]]) {
    if !gone.is_empty() {
        list::print(gone);
    }
    println!("{} removed", plural(gone.len(), "record"));
    if !spared.is_empty() {
        println!("\nkept, because runs that are not known to be complete need them to go on:");
        list::print(spared);
        println!(
            "`--unfinished` removes such, too; a run that is resumed afterwards cannot tell whether the job did its \
             work, and may start it again"
        );
    }
}

impl Broom {
    fn reaches(&self, record: &JobRecord) -> bool {
        let job = &record.job;
        if job.state == JobState::Running {
            return false;
        }
        let ended = job.ended.unwrap_or(job.started);
        switchover_engine::now() as i64 - ended >= i64::try_from(self.older_than).unwrap_or(i64::MAX)
    }
}

/// Which runs of this user are complete. Those of others are not known to be.
#[derive(Default)]
struct KnownRuns(HashMap<String, bool>);

impl KnownRuns {
    fn is_complete(&mut self, run: &str) -> bool {
        let complete = || {
            let find = |runs: Runs| History::outline(&runs.find(run)?);
            let history = kept::runs().and_then(find);
            history.is_ok_and(|history| history.closed.is_some_and(|closed| closed.code == exit::OK))
        };
        *self.0.entry(run.to_owned()).or_insert_with(complete)
    }
}
