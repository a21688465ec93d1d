use switchover_engine::{ConnectionPlan, World};
use switchover_protocol::{HostCall, HostError, HostReply, JobChunk, JobState};

use super::screen::{Screen, Shown};
use super::{call, failed, only};
use crate::reach::Reach;
use crate::{exit, problems};

/// How long one look waits for news on the host, in milliseconds.
const WAIT_MS: u64 = 2000;

/// Where the two outputs of a job were read up to.
#[derive(Clone, Copy, Default)]
struct Read {
    stdout: u64,
    stderr: u64,
}

/// Shows the output of a job until it ends; returns its exit code.
pub async fn run(reach: &Reach, key: &str, from_now: bool) -> u8 {
    let (host, plan) = match only(reach) {
        Ok(one) => one,
        Err(code) => return code,
    };
    let begun = if from_now { end_of(&reach.world, plan, key).await } else { Ok(Read::default()) };
    let mut read = match begun {
        Ok(read) => read,
        Err(error) => return failed(host, &error),
    };
    let (mut stdout, mut stderr) = (Screen::stdout(), Screen::stderr());
    loop {
        let chunk = match poll(&reach.world, plan, key, read).await {
            Ok(chunk) => chunk,
            Err(error) => return failed(host, &error),
        };
        let quiet = chunk.stdout.0.is_empty() && chunk.stderr.0.is_empty();
        read.stdout += chunk.stdout.0.len() as u64;
        read.stderr += chunk.stderr.0.len() as u64;
        let shown = stdout.show(&chunk.stdout.0).and(stderr.show(&chunk.stderr.0));
        if shown == Shown::NobodyReads {
            return exit::OK;
        }
        match chunk.job.state {
            JobState::Running => {}
            JobState::Exited { .. } if !quiet => {}
            JobState::Exited { rc } => return u8::try_from(rc).unwrap_or(exit::ERROR),
            JobState::Absent => {
                let there = crate::next::sources(&reach.world);
                let help = format!(
                    "`switchover jobs{there}{host}` lists what is there; the jobs of another user are seen as that user: -b \
                     --become-user USER"
                );
                problems::say(&format!("{host} has no job `{key}` of this user"), Some(&help));
                return exit::ERROR;
            }
            JobState::Vanished { rebooted } => {
                let why = if rebooted { "the host restarted" } else { "its process vanished" };
                problems::say(
                    &format!("how job `{key}` ended cannot be told: {why}"),
                    Some(&format!("what it wrote is in {} on {host}", chunk.job.folder)),
                );
                return exit::UNKNOWN;
            }
        }
    }
}

async fn poll(world: &World, plan: &ConnectionPlan, key: &str, read: Read) -> Result<JobChunk, HostError> {
    let (key, stdout_from, stderr_from) = (key.to_owned(), read.stdout, read.stderr);
    let ask = HostCall::JobPoll { key, stdout_from, stderr_from, wait_ms: WAIT_MS };
    match call(world, plan, ask).await? {
        HostReply::JobChunk(chunk) => Ok(chunk),
        other => unreachable!("a look at a job was asked for: {other:?}"),
    }
}

/// Returns how much the job has written so far.
async fn end_of(world: &World, plan: &ConnectionPlan, key: &str) -> Result<Read, HostError> {
    let HostReply::Job(job) = call(world, plan, HostCall::JobStatus { key: key.to_owned() }).await? else {
        unreachable!("the state of a job was asked for")
    };
    let mut sizes = [0; 2];
    for (size, name) in sizes.iter_mut().zip(["out", "err"]) {
        let path = format!("{}/{name}", job.folder);
        let ask = HostCall::Stat { path, follow: false, checksum: None };
        if let HostReply::Stat(Some(stat)) = call(world, plan, ask).await? {
            *size = stat.size;
        }
    }
    Ok(Read { stdout: sizes[0], stderr: sizes[1] })
}
