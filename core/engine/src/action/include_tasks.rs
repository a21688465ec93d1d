use std::path::PathBuf;
use std::sync::Arc;

use switchover_journal::Status;
use switchover_model::Task;
use switchover_protocol::Map;
use switchover_values::Scope;

use super::{Action, Call, Running};
use crate::performed::Performed;
use crate::search::folders;
use crate::state_change::{Include, Included, StateChange};

/// `include_tasks`: runs a file of tasks that is chosen while the play runs.
pub struct IncludeTasks;

impl Action for IncludeTasks {
    fn name(&self) -> &'static str {
        "include_tasks"
    }

    fn arguments(&self) -> Option<&'static [&'static str]> {
        Some(&["_raw_params", "file", "apply"])
    }

    fn unrendered(&self) -> &'static [&'static str] {
        &["apply"]
    }

    fn run<'a>(&'a self, call: &'a Call<'a>) -> Running<'a> {
        Box::pin(async move { include(call) })
    }
}

fn include(call: &Call<'_>) -> Performed {
    let Some(name) = call.text("file").or_else(|| call.text("_raw_params")) else {
        return Performed::failed("include_tasks needs the name of a file");
    };
    // One that is not there is told when the hosts that wanted it come to it.
    let path =
        find(&call.step.task, call.scope, &name).unwrap_or_else(|| beside(&call.step.task).join(&name));
    let result = Map::from_iter([("include".to_owned(), name.into())]);
    let include = Include {
        what: Included::Tasks(path),
        vars: Arc::default(),
        label: None,
        apply: super::apply_of(&call.step.task),
    };
    Performed::new(Status::Ok, result).with_effect(StateChange::Include(include))
}

/// The folder of the including file comes first, then the role's `tasks`, then the play's folder.
pub fn find(task: &Task, scope: &Scope, name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(name);
    if path.is_absolute() {
        return path.exists().then_some(path);
    }
    let mut places = vec![beside(task)];
    for folder in folders(scope) {
        places.push(folder.join("tasks"));
        places.push(folder);
    }
    places.into_iter().map(|folder| folder.join(&path)).find(|candidate| candidate.is_file())
}

/// Returns the folder of the file that the task is written in.
pub fn beside(task: &Task) -> PathBuf {
    let file = std::path::absolute(task.span.source.name()).ok();
    file.and_then(|file| file.parent().map(PathBuf::from)).unwrap_or_default()
}
