use switchover_connect::Session;
use switchover_journal::{EventKind, StepKey};
use switchover_protocol::{Bytes, Exec, ExecOutput, HostCall, HostError, HostReply, JobChunk, JobState};
use switchover_values::{Scope, TemplateError};

use super::HostSide;
use crate::background::Job;
use crate::performed::Performed;
use crate::settings::number;
use crate::step::Step;

/// `async:` and `poll:` of a task: its program runs detached on the host.
#[derive(Clone, Debug)]
pub struct Detach {
    /// The job's key on the host.
    pub key: String,
    /// Seconds after which the host ends the program.
    pub limit: u64,
}

/// How long one look at a job waits for news.
const WAIT_MS: u64 = 1000;

/// A file that is empty at so many looks is not just being written.
const FULL_LOOKS: u32 = 3;

impl Detach {
    /// Reads `async:` of a task; `None` when it is absent or 0.
    pub fn of(step: &Step, scope: &Scope) -> Result<Option<Self>, Box<Performed>> {
        let Some(node) = &step.task.detach else { return Ok(None) };
        let value = scope.render(node).map_err(|error| Box::new(Performed::from(error)))?;
        let limit = number(&value).ok_or_else(|| {
            let error = TemplateError::failed(format!("`async` must be a number of seconds, not '{value}'"));
            Box::new(Performed::from(error.at(&node.span)))
        })?;
        let key = job_key(step, step.next_job());
        Ok((limit > 0).then_some(Self { key, limit }))
    }
}

/// Returns the key of a step's job: the run, the step as the journal knows it, how often the step had failed before,
/// and how many jobs it had since. A resumed run comes to the same keys and attaches to what it started.
/// It begins with the run: by that a lock on the host knows that jobs of its run still work.
pub fn job_key(step: &Step, nth: u32) -> String {
    let clean = |text: &str| -> String {
        text.chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '.' { c } else { '_' })
            .collect()
    };
    let StepKey { play, host, ordinal } = &step.act.step;
    let item = step.act.item.map_or_else(String::new, |item| format!("-{item}"));
    let (run, tries) = (&step.play.world.run_id, step.earlier.tries);
    format!("{}.{play}.{}.{ordinal}{item}.{tries}.{nth}", clean(run), clean(host))
}

impl HostSide {
    /// Runs a program as a job and follows it to its end, across lost connections.
    pub(super) async fn exec_detached(&self, session: &Session, exec: Exec, detach: &Detach) -> HostReply {
        let exec = Exec { timeout: Some(detach.limit), ..exec };
        let start = HostCall::JobStart { key: detach.key.clone(), exec, origin: Some(self.origin.clone()) };
        self.world.events.note_job(self.task, &self.host, self.job_at(&detach.key));
        self.world.background.place(&detach.key, self.job_at(&detach.key));
        match self.send(session, &start).await {
            HostReply::Job(_) => {
                self.world.journal.began(&self.act);
                self.world.background.set(&detach.key, Job::Running);
            }
            other => return other,
        }
        let (mut stdout, mut stderr, mut full) = (Vec::new(), Vec::new(), 0);
        loop {
            let poll = HostCall::JobPoll {
                key: detach.key.clone(),
                stdout_from: stdout.len() as u64,
                stderr_from: stderr.len() as u64,
                wait_ms: WAIT_MS,
            };
            let chunk = match self.send(session, &poll).await {
                HostReply::JobChunk(chunk) => chunk,
                other => return other,
            };
            full += u32::from(chunk.job.no_room);
            if full == FULL_LOOKS && chunk.job.no_room {
                self.tell_full(&chunk.job.folder);
            }
            let quiet = chunk.stdout.0.is_empty() && chunk.stderr.0.is_empty();
            self.show(&chunk.stdout, false);
            self.show(&chunk.stderr, true);
            stdout.extend(chunk.stdout.0);
            stderr.extend(chunk.stderr.0);
            match chunk.job.state {
                JobState::Exited { rc } if quiet => {
                    let timed_out = rc == 124;
                    return HostReply::Exec(ExecOutput {
                        rc,
                        stdout: Bytes(stdout),
                        stderr: Bytes(stderr),
                        timed_out,
                        waited_us: 0,
                    });
                }
                JobState::Running | JobState::Exited { .. } => {}
                JobState::Vanished { rebooted: true } => {
                    return lost(&detach.key, "the host restarted while it ran", &chunk.job.folder);
                }
                JobState::Absent | JobState::Vanished { .. } => {
                    return lost(&detach.key, "its process is gone and left no exit code", &chunk.job.folder);
                }
            }
        }
    }

    /// Returns where a job stands, and once it has ended all that it printed. Nothing is started.
    pub async fn look_at_job(&self, key: &str) -> Result<JobChunk, HostError> {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        loop {
            let (stdout_from, stderr_from) = (stdout.len() as u64, stderr.len() as u64);
            let poll = HostCall::JobPoll { key: key.to_owned(), stdout_from, stderr_from, wait_ms: 0 };
            let chunk = match self.on_host(poll).await {
                HostReply::JobChunk(chunk) => chunk,
                HostReply::Error(error) => return Err(error),
                _ => return Err(HostError::Invalid { reason: format!("no word of job {key}") }),
            };
            let more = !chunk.stdout.0.is_empty() || !chunk.stderr.0.is_empty();
            stdout.extend(chunk.stdout.0);
            stderr.extend(chunk.stderr.0);
            if !more || !matches!(chunk.job.state, JobState::Exited { .. }) {
                return Ok(JobChunk { stdout: Bytes(stdout), stderr: Bytes(stderr), ..chunk });
            }
        }
    }

    /// Ends the job of a step whose time is up.
    pub(super) async fn end_job(&self, key: &str) {
        let Ok(session) = self.session().await else { return };
        self.send(&session, &HostCall::JobKill { key: key.to_owned() }).await;
    }

    fn tell_full(&self, folder: &str) {
        let text = format!(
            "the program has ended, and there is no room for how: the disk is full at {folder} (see `df -h` and `df -i` there); \
             the run goes on when there is room"
        );
        self.world.events.send(EventKind::Contact { host: self.host.clone(), text });
    }

    fn show(&self, bytes: &Bytes, stderr: bool) {
        if self.show_output && !bytes.0.is_empty() {
            let (task, host) = (self.task, self.host.clone());
            self.world.events.send(EventKind::Output { task, host, text: bytes.to_text(), stderr });
        }
    }
}

fn lost(key: &str, why: &str, folder: &str) -> HostReply {
    HostReply::Error(HostError::Lost {
        what: format!("job {key}"),
        reason: format!("{why}; what it wrote is in {folder} on the host"),
    })
}
