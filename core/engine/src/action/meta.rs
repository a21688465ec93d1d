use switchover_journal::Status;
use switchover_model::Task;
use switchover_protocol::Map;

use super::{Action, Call, Running};
use crate::performed::Performed;
use crate::state_change::{Meta as Kind, StateChange};

/// `meta`: changes the course of the play.
pub struct Meta;

impl Action for Meta {
    fn name(&self) -> &'static str {
        "meta"
    }

    fn arguments(&self) -> Option<&'static [&'static str]> {
        Some(&["_raw_params"])
    }

    fn run<'a>(&'a self, call: &'a Call<'a>) -> Running<'a> {
        Box::pin(async move {
            let word = call.text("_raw_params").unwrap_or_default();
            match kind(word.trim()) {
                Some(kind) => Performed::new(Status::Ok, Map::new()).with_effect(StateChange::Meta(kind)),
                None => Performed::failed(format!("invalid meta action requested: {word}")),
            }
        })
    }
}

/// Returns whether one host decides this `meta` task for all.
pub fn is_for_all(task: &Task) -> bool {
    matches!(
        of(task),
        Some(
            Kind::ClearFacts
                | Kind::ClearHostErrors
                | Kind::EndBatch
                | Kind::EndPlay
                | Kind::RefreshInventory
        )
    )
}

/// Returns what a `meta` task does.
pub fn of(task: &Task) -> Option<Kind> {
    if switchover_model::short(&task.action.name) != "meta" {
        return None;
    }
    kind(task.action.free_form.as_ref().and_then(|node| node.as_str()).unwrap_or_default().trim())
}

/// Returns the action that this word stands for.
pub fn kind(word: &str) -> Option<Kind> {
    Some(match word {
        "flush_handlers" => Kind::FlushHandlers,
        "clear_facts" => Kind::ClearFacts,
        "clear_host_errors" => Kind::ClearHostErrors,
        "end_host" => Kind::EndHost,
        "end_role" => Kind::EndRole,
        "end_batch" => Kind::EndBatch,
        "end_play" => Kind::EndPlay,
        "refresh_inventory" => Kind::RefreshInventory,
        "reset_connection" => Kind::ResetConnection,
        "noop" => Kind::Noop,
        _ => return None,
    })
}
