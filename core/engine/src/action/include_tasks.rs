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
    let Some(path) = find(&call.step.task, call.scope, &name) else {
        let reason = format!("Could not find or access '{name}' on the Ansible Controller.");
        return Performed::failed(reason.as_str()).with("include", name).with("reason", reason).remedy(
            "relative names begin at the folder of the file that includes them, then at the role's tasks",
        );
    };
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
    let written_in = task.span.source.name();
    let beside = std::path::absolute(written_in).ok().and_then(|file| file.parent().map(PathBuf::from));
    let mut places: Vec<PathBuf> = beside.into_iter().collect();
    for folder in folders(scope) {
        places.push(folder.join("tasks"));
        places.push(folder);
    }
    places.into_iter().map(|folder| folder.join(&path)).find(|candidate| candidate.is_file())
}
