use switchover_sdk::{Exec, HostReply, Job, JobChunk, JobState};

/// What a command of the fake host does when it runs.
#[derive(Clone, Debug, Default)]
pub struct Behaviour {
    pub rc: i32,
    pub stdout: String,
    pub stderr: String,
    /// Keys that it sets when it runs.
    pub sets: Vec<(String, String)>,
    /// The build that is installed afterwards.
    pub installs: Option<String>,
    /// It never ends by itself.
    pub hangs: bool,
    /// With this on its input it does not hang.
    pub needs_input: Option<String>,
}

/// A detached job of the fake host.
#[derive(Clone, Debug)]
pub struct FakeJob {
    pub line: String,
    pub state: JobState,
    pub started: i64,
    pub stdout: String,
    pub stderr: String,
}

impl FakeJob {
    /// Returns the job that this behaviour makes of a program.
    pub fn of(line: &str, behaviour: &Behaviour, exec: &Exec, now: i64) -> Self {
        let given = exec.stdin.as_ref().map(|bytes| bytes.to_text());
        let waits = behaviour.hangs && (behaviour.needs_input.is_none() || given != behaviour.needs_input);
        Self {
            line: line.to_owned(),
            state: if waits { JobState::Running } else { JobState::Exited { rc: behaviour.rc } },
            started: now,
            stdout: behaviour.stdout.clone(),
            stderr: behaviour.stderr.clone(),
        }
    }

    /// Answers a look at the job.
    pub fn job(&self, key: &str, attached: bool) -> Job {
        Job {
            key: key.to_owned(),
            state: self.state.clone(),
            attached,
            started: self.started,
            ended: matches!(self.state, JobState::Exited { .. }).then_some(self.started + 1),
            folder: format!("/home/op/.switchover/jobs/{key}"),
            no_room: false,
        }
    }

    /// Answers a look at new output.
    pub fn chunk(&self, key: &str, stdout_from: u64, stderr_from: u64) -> HostReply {
        let rest = |text: &str, from: u64| text.get(from as usize..).unwrap_or_default().into();
        HostReply::JobChunk(JobChunk {
            job: self.job(key, false),
            stdout: rest(&self.stdout, stdout_from),
            stderr: rest(&self.stderr, stderr_from),
        })
    }
}
