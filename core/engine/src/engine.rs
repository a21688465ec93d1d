use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use switchover_journal::{EventKind, Recap};
use switchover_model::Playbook;
use switchover_syntax::Diagnostic;

use crate::play_run;
use crate::world::World;

/// Hosts that failed in an earlier play and take part in no later one.
pub type Excluded = BTreeSet<String>;

/// How a run ended.
#[derive(Debug)]
pub struct Summary {
    pub recap: Recap,
    /// A play could not be run at all.
    pub problem: Option<Diagnostic>,
    /// The operator asked the run to stop.
    pub stopped: bool,
}

impl Summary {
    /// Returns the process's exit code: Ansible's, and 10 for a step that nobody approved or confirmed, 11 for
    /// one whose end is unknown.
    pub fn exit_code(&self) -> u8 {
        let any = |pick: fn(&switchover_journal::Counts) -> u32| self.recap.total(pick) > 0;
        if self.problem.is_some() {
            1
        } else if any(|counts| counts.unknown) {
            11
        } else if any(|counts| counts.refused) {
            10
        } else if any(|counts| counts.unreachable) {
            4
        } else if any(|counts| counts.failed) {
            2
        } else if self.stopped {
            99
        } else {
            0
        }
    }
}

/// Runs playbooks one after the other, as far as they go.
pub async fn run(world: &Arc<World>, playbooks: &[Playbook]) -> Summary {
    let started = Instant::now();
    world.events.send(EventKind::RunStarted {
        run: world.run_id.clone(),
        playbooks: playbooks.iter().map(|playbook| playbook.path.display().to_string()).collect(),
        check_mode: world.options.check,
    });
    let problem = run_plays(world, playbooks).await;
    world.pool.close_all().await;
    let recap = world.events.recap();
    world.events.send(EventKind::RunFinished { recap: recap.clone(), took: started.elapsed().as_secs_f64() });
    Summary { recap, problem, stopped: world.is_interrupted() }
}

async fn run_plays(world: &Arc<World>, playbooks: &[Playbook]) -> Option<Diagnostic> {
    let mut excluded = Excluded::new();
    for play in playbooks.iter().flat_map(|playbook| &playbook.plays) {
        match play_run::run(world, play, &excluded).await {
            Ok(end) => {
                excluded.extend(end.failed);
                excluded.extend(end.unreachable);
                if end.stop {
                    world.events.send(EventKind::NoHostsLeft);
                    return None;
                }
            }
            Err(problem) => return Some(*problem),
        }
    }
    None
}
