use switchover_journal::Status;
use switchover_protocol::{Bytes, HostError, JobChunk, JobState, Map};

use super::{Action, Call, Running};
use crate::background::Job;
use crate::host_side::HostSide;
use crate::job_id;
use crate::performed::Performed;
use crate::step::ConnectionPlan;

/// `async_status`: how a task stands that was started with `poll: 0`.
pub struct AsyncStatus;

impl Action for AsyncStatus {
    fn name(&self) -> &'static str {
        "async_status"
    }

    fn arguments(&self) -> Option<&'static [&'static str]> {
        Some(&["jid", "mode"])
    }

    fn run<'a>(&'a self, call: &'a Call<'a>) -> Running<'a> {
        Box::pin(look(call))
    }
}

async fn look(call: &Call<'_>) -> Performed {
    let Some(id) = call.text("jid") else {
        return Performed::failed("missing required arguments: jid");
    };
    let key = job_id::key_of(&id);
    let background = &call.step.play.world.background;
    if call.text("mode").as_deref() == Some("cleanup") && background.get(key).is_some() {
        background.forget(key);
        return erased(&id);
    }
    let performed = match background.get(key) {
        Some(Job::Starting | Job::Running) => under_way(),
        Some(Job::Done(result)) => {
            let mut performed = Performed::new(result.status, result.result.clone());
            performed.changes = result.changes.clone();
            performed.with("finished", true)
        }
        Some(Job::Earlier { whole, .. }) => ask_host(call, key, whole).await,
        None => Performed::failed("could not find job").with("finished", true),
    };
    performed.with("ansible_job_id", id).with("started", true)
}

/// What a task is told that wants a job forgotten; how the job ended does not matter then.
fn erased(id: &str) -> Performed {
    Performed::new(Status::Ok, Map::new())
        .with("ansible_job_id", id)
        .with("erased", id)
        .with("started", true)
        .with("finished", false)
        .with("stdout", "")
        .with("stderr", "")
}

fn under_way() -> Performed {
    Performed::new(Status::Ok, Map::new()).with("finished", false)
}

/// Asks the host for a job that an earlier part of the run started. Nothing is started again.
async fn ask_host(call: &Call<'_>, id: &str, whole: bool) -> Performed {
    let side = match host_side(call) {
        Ok(side) => side,
        Err(performed) => return *performed,
    };
    let chunk = match side.look_at_job(id).await {
        Ok(chunk) => chunk,
        Err(HostError::Unreachable { reason }) => {
            return Performed::new(Status::Unreachable, Map::from_iter([("msg".to_owned(), reason.into())]));
        }
        Err(error) => return Performed::failed(error.to_string()).with("finished", true),
    };
    let performed = match chunk.job.state {
        JobState::Running => return under_way(),
        JobState::Exited { rc } if whole => ended(rc, &chunk),
        _ => vanished(&chunk),
    };
    call.step.play.world.background.set(id, Job::Earlier { whole, ended: true });
    performed
}

fn host_side(call: &Call<'_>) -> Result<HostSide, Box<Performed>> {
    let boxed = |error| Box::new(Performed::from(error));
    let delegate = call.step.delegate(call.scope).map_err(boxed)?;
    let plan = ConnectionPlan::of(call.step, call.scope, delegate.as_deref())?;
    HostSide::new(call.step, call.scope, call.settings, plan, delegate, false)
}

fn ended(rc: i32, chunk: &JobChunk) -> Performed {
    let text = |bytes: &Bytes| bytes.to_text().trim_end_matches('\n').to_owned();
    let (status, msg) = match rc {
        0 => (Status::Changed, ""),
        124 => (Status::Failed, "it was ended when its time (`async`) was up"),
        _ => (Status::Failed, "non-zero return code"),
    };
    Performed::new(status, Map::new())
        .with("finished", true)
        .with("rc", rc)
        .with("stdout", text(&chunk.stdout))
        .with("stderr", text(&chunk.stderr))
        .with("msg", msg)
}

/// The controller died meanwhile, and what is on the host does not tell how the task ended.
fn vanished(chunk: &JobChunk) -> Performed {
    let folder = &chunk.job.folder;
    let why = match chunk.job.state {
        JobState::Vanished { rebooted: true } => {
            format!("the host restarted while it ran; see {folder} there")
        }
        JobState::Vanished { rebooted: false } => {
            format!("its process is gone and left no exit code; see {folder} there")
        }
        JobState::Absent => format!("it left nothing in {folder} on the host"),
        _ => "its program has ended, and this program was interrupted before the rest of the task".to_owned(),
    };
    Performed::failed(format!("could not find job: {why}"))
        .with("finished", true)
        .remedy("look at the host, then run the task again if it has to be")
}
