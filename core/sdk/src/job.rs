use switchover_protocol::{Exec, Failure, HostCall, HostReply, Job, JobChunk, JobState};

use crate::host::wrong_reply;
use crate::{Command, Host};

/// How a detached job ended, with all that it wrote.
#[derive(Clone, Debug)]
pub struct Followed {
    pub job: Job,
    pub rc: i32,
    pub stdout: String,
    pub stderr: String,
}

/// How long one look at a job may wait for news, in milliseconds.
const WAIT_MS: u64 = 1000;

impl Host<'_> {
    /// Looks a detached job up without starting anything.
    pub fn job_status(&self, key: &str) -> Result<Job, Failure> {
        self.job_call(HostCall::JobStatus { key: key.to_owned() })
    }

    /// Starts a program in its own session on the host; when the key is taken, attaches to what is there.
    pub fn job_start(&self, key: &str, command: &Command) -> Result<Job, Failure> {
        let exec = Exec { live: false, ..command.exec.clone() };
        self.job_call(HostCall::JobStart { key: key.to_owned(), exec, origin: None })
    }

    /// Removes the record of a finished job, so that the key can be used anew.
    pub fn job_forget(&self, key: &str) -> Result<(), Failure> {
        self.done(HostCall::JobForget { key: key.to_owned() })
    }

    /// Looks at a job's new output, waiting a moment for news.
    pub fn job_poll(&self, key: &str, stdout_from: u64, stderr_from: u64) -> Result<JobChunk, Failure> {
        let call = HostCall::JobPoll { key: key.to_owned(), stdout_from, stderr_from, wait_ms: WAIT_MS };
        match self.call(call)? {
            HostReply::JobChunk(chunk) => Ok(chunk),
            other => Err(wrong_reply(&other)),
        }
    }

    /// Follows a job to its end. `news` gets each piece of new output and is also called when nothing came.
    ///
    /// Survives lost connections. A job whose end cannot be told is a failure of kind `Unknown`.
    pub fn job_follow(
        &self,
        key: &str,
        mut news: impl FnMut(&Host, &str) -> Result<(), Failure>,
    ) -> Result<Followed, Failure> {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        loop {
            let chunk = self.job_poll(key, stdout.len() as u64, stderr.len() as u64)?;
            let quiet = chunk.stdout.0.is_empty() && chunk.stderr.0.is_empty();
            let text = format!("{}{}", chunk.stdout.to_text(), chunk.stderr.to_text());
            stdout.extend(chunk.stdout.0);
            stderr.extend(chunk.stderr.0);
            news(self, &text)?;
            match &chunk.job.state {
                JobState::Exited { rc } if quiet => {
                    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                    return Ok(Followed {
                        rc: *rc,
                        stdout: text(&stdout),
                        stderr: text(&stderr),
                        job: chunk.job,
                    });
                }
                JobState::Running | JobState::Exited { .. } => {}
                JobState::Absent => {
                    return Err(Failure::unknown(format!("the host knows no job `{key}` any more")));
                }
                JobState::Vanished { rebooted } => return Err(vanished(key, *rebooted, &chunk.job.folder)),
            }
            if self.cancelled() {
                return Err(Failure {
                    kind: crate::FailureKind::Cancelled,
                    ..Failure::new(format!(
                        "detached: job `{key}` goes on, see {} on the host",
                        chunk.job.folder
                    ))
                });
            }
        }
    }

    fn job_call(&self, call: HostCall) -> Result<Job, Failure> {
        match self.call(call)? {
            HostReply::Job(job) => Ok(job),
            other => Err(wrong_reply(&other)),
        }
    }
}

fn vanished(key: &str, rebooted: bool, folder: &str) -> Failure {
    let why = if rebooted { "the host restarted" } else { "its process ended without leaving an exit code" };
    Failure::unknown(format!(
        "job `{key}` was running, then {why}: it may have done all, some or none of its work"
    ))
    .remedy(format!("look at {folder} on the host and at the product's state before anything else is run"))
}
