use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use switchover_journal::{Broken, EventKind, Recap};
use switchover_model::Playbook;
use switchover_syntax::Diagnostic;

use crate::play_run;
use crate::world::World;

/// Hosts that failed in an earlier play and take part in no later one.
#[derive(Debug, Default)]
pub struct Excluded {
    failed: BTreeSet<String>,
    unreachable: BTreeSet<String>,
}

impl Excluded {
    /// Returns whether a host takes part no more.
    pub fn contains(&self, host: &str) -> bool {
        self.failed.contains(host) || self.unreachable.contains(host)
    }

    fn add(&mut self, end: play_run::PlayEnd) {
        if end.cleared {
            *self = Self::default();
        }
        self.failed.extend(end.failed);
        self.unreachable.extend(end.unreachable);
    }
}

/// How a run ended.
#[derive(Debug)]
pub struct Summary {
    pub recap: Recap,
    /// Hosts that had failed, or could not be reached, when it ended.
    pub lost: Excluded,
    /// A play could not be run at all.
    pub problem: Option<Diagnostic>,
    /// The operator asked the run to stop.
    pub stopped: bool,
    /// The journal could not be kept, and so nothing more was done.
    pub broken: Option<Broken>,
}

impl Summary {
    /// Returns whether it ended in a way that Ansible knows, too.
    pub fn is_ansibles(&self) -> bool {
        !self.stopped && matches!(self.exit_code(), 0..=4)
    }

    /// Returns the process's exit code: Ansible's, and 10 for a step that nobody approved or confirmed, 11 for
    /// one whose end is unknown, 12 for a journal that could not be kept.
    pub fn exit_code(&self) -> u8 {
        let any = |pick: fn(&switchover_journal::Counts) -> u32| self.recap.total(pick) > 0;
        if self.broken.is_some() {
            12
        } else if self.problem.is_some() {
            1
        } else if any(|counts| counts.unknown) {
            11
        } else if any(|counts| counts.refused) {
            10
        } else if !self.lost.unreachable.is_empty() {
            4
        } else if !self.lost.failed.is_empty() {
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
    let mut lost = Excluded::default();
    let problem = run_plays(world, playbooks, &mut lost).await.or_else(|| world.problem());
    world.pool.close_all().await;
    let recap = world.events.recap();
    let (took, broken) = (started.elapsed().as_secs_f64(), problem.is_some());
    world.events.send(EventKind::RunFinished { recap: recap.clone(), took, broken });
    let broken = world.broken_journal();
    Summary { broken, recap, lost, problem, stopped: world.is_interrupted() }
}

async fn run_plays(
    world: &Arc<World>,
    playbooks: &[Playbook],
    excluded: &mut Excluded,
) -> Option<Diagnostic> {
    for (number, play) in (0..).zip(playbooks.iter().flat_map(|playbook| &playbook.plays)) {
        match play_run::run(world, number, play, excluded).await {
            Ok(end) => {
                let stop = end.stop;
                excluded.add(end);
                if stop {
                    return None;
                }
            }
            Err(problem) => return Some(*problem),
        }
    }
    None
}
