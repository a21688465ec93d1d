use switchover_journal::Status;
use switchover_protocol::Map;

use super::{Action, Call, Running};
use crate::background::Job;
use crate::performed::Performed;

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
        Box::pin(async move { look(call) })
    }
}

fn look(call: &Call<'_>) -> Performed {
    let Some(id) = call.text("jid") else {
        return Performed::failed("missing required arguments: jid");
    };
    let finished = |mut result: Map, flag: bool| {
        result.insert("ansible_job_id".to_owned(), id.as_str().into());
        result.insert("started".to_owned(), true.into());
        result.insert("finished".to_owned(), flag.into());
        result
    };
    match call.step.play.world.background.get(&id) {
        Some(Job::Running) => Performed::new(Status::Ok, finished(Map::new(), false)),
        Some(Job::Done(result)) => {
            let mut performed = Performed::new(result.status, finished(result.result.clone(), true));
            performed.changes = result.changes.clone();
            performed
        }
        None => Performed::new(Status::Failed, finished(Map::new(), true)).with("msg", "could not find job"),
    }
}
