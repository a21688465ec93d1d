use switchover_protocol::{HostCall, HostReply, JobState};

use super::{call, failed, list, only};
use crate::reach::Reach;
use crate::{exit, problems};

/// Ends a job with all its processes, and says how it ended.
pub async fn run(reach: &Reach, key: &str) -> u8 {
    let (host, plan) = match only(reach) {
        Ok(one) => one,
        Err(code) => return code,
    };
    match call(&reach.world, plan, HostCall::JobKill { key: key.to_owned() }).await {
        Ok(HostReply::Job(job)) if job.state == JobState::Absent => {
            let help = format!("`switchover jobs {host}` lists what is there");
            problems::say(&format!("{host} has no job `{key}` of this user"), Some(&help));
            exit::ERROR
        }
        Ok(HostReply::Job(job)) => {
            println!("{host}: job {key}: {}", list::state(&job.state));
            exit::OK
        }
        Ok(other) => unreachable!("the end of a job was asked for: {other:?}"),
        Err(error) => failed(host, &error),
    }
}
