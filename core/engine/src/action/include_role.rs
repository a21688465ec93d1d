use std::sync::Arc;

use switchover_journal::Status;
use switchover_model::{RoleFrom, Task};
use switchover_protocol::Map;
use switchover_syntax::Mapping;

use super::{Action, Call, Running};
use crate::performed::Performed;
use crate::state_change::{Include, Included, StateChange};

/// `include_role`: runs a role that is chosen while the play runs.
pub struct IncludeRole;

impl Action for IncludeRole {
    fn name(&self) -> &'static str {
        "include_role"
    }

    fn arguments(&self) -> Option<&'static [&'static str]> {
        Some(&[
            "name",
            "role",
            "tasks_from",
            "vars_from",
            "defaults_from",
            "handlers_from",
            "apply",
            "public",
            "allow_duplicates",
            "rolespec_validate",
        ])
    }

    fn unrendered(&self) -> &'static [&'static str] {
        &["apply"]
    }

    fn run<'a>(&'a self, call: &'a Call<'a>) -> Running<'a> {
        Box::pin(async move { include(call) })
    }
}

fn include(call: &Call<'_>) -> Performed {
    let Some(name) = call.text("name").or_else(|| call.text("role")) else {
        return Performed::failed("'name' is a required field for include_role.");
    };
    let from = RoleFrom {
        tasks_from: call.text("tasks_from"),
        vars_from: call.text("vars_from"),
        defaults_from: call.text("defaults_from"),
        handlers_from: call.text("handlers_from"),
        unchecked: call.flag("rolespec_validate") == Some(false),
    };
    let what = Included::Role {
        name: name.clone(),
        from,
        public: call.flag("public").unwrap_or(false),
        allow_duplicates: call.flag("allow_duplicates").unwrap_or(true),
    };
    let result = Map::from_iter([
        ("include_variables".to_owned(), Map::new().into()),
        ("name".to_owned(), name.into()),
    ]);
    let apply = apply_of(&call.step.task);
    let include = Include { what, vars: Arc::default(), label: None, apply };
    Performed::new(Status::Ok, result).with_effect(StateChange::Include(include))
}

/// Returns the keywords of `apply:` as the author wrote them.
pub fn apply_of(task: &Task) -> Option<Arc<Mapping>> {
    let written = task.action.args.as_mapping()?.get("apply")?;
    match &written.kind {
        switchover_syntax::NodeKind::Mapping(mapping) => Some(Arc::clone(mapping)),
        _ => None,
    }
}
