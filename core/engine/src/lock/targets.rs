use std::collections::BTreeMap;
use std::sync::Arc;

use switchover_connect::TransportConfig;
use switchover_model::{Play, Playbook};

use super::wanted::play_wants;
use crate::play_context::PlayContext;
use crate::play_run;
use crate::step::ConnectionPlan;
use crate::world::World;

/// Returns the ways to the targets that are locked: those of every play, for a cluster is worked on as a whole. A
/// play on the controller itself is only locked when it asks for it, so that two clusters may have such plays.
///
/// What cannot be told yet (a group that a task will make, a password that will be asked) is left out: the lock is
/// taken later, before something is destroyed there.
pub fn of(world: &Arc<World>, playbooks: &[Playbook], always: bool) -> Vec<ConnectionPlan> {
    let mut plans = BTreeMap::new();
    for play in playbooks.iter().flat_map(|playbook| &playbook.plays) {
        let wants = always || play_wants(play, &world.catalog);
        for plan in of_play(world, play) {
            if wants || matches!(plan.target.transport, TransportConfig::Ssh(_)) {
                plans.entry(plan.target.name.clone()).or_insert(plan);
            }
        }
    }
    // Nobody has seen these yet; the plays will tell them when they begin.
    world.hosts.take_warnings();
    plans.into_values().collect()
}

fn of_play(world: &Arc<World>, play: &Arc<Play>) -> Vec<ConnectionPlan> {
    let Ok(names) = play_run::hosts_of(world, play) else { return Vec::new() };
    let folder = play_run::folder_of(play);
    let title = (0, String::new());
    let context =
        PlayContext::new(world, play, title, folder, (names.clone(), names.clone()), Arc::default());
    let plan = |name: &String| {
        context.reload_vars_files(name);
        let scope = context.scope(name);
        let plan = ConnectionPlan::of_host(world, &play.context, name, &scope).ok()?;
        Some(ConnectionPlan { elevation: None, ..plan })
    };
    names.iter().filter_map(plan).collect()
}
