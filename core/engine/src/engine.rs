use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use switchover_journal::{Broken, EventKind, Recap};
use switchover_model::{Play, Playbook};
use switchover_syntax::Diagnostic;

use crate::background::Owner;
use crate::lock::{self, Kept, LockProblem};
use crate::mistake::Mistake;
use crate::play_run;
use crate::stop::StopPoint;
use crate::under_way::UnderWayStep;
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
    /// A play could not be run at all, or not to its end.
    pub mistake: Option<Mistake>,
    /// The operator asked the run to stop.
    pub stopped: bool,
    /// The journal could not be kept, and so nothing more was done.
    pub broken: Option<Broken>,
    /// Locks that could not be had, or were lost: other runs work there.
    pub locked: Vec<LockProblem>,
    /// What was left to itself on the hosts.
    pub under_way: Vec<UnderWayStep>,
    /// Jobs that were started with `poll: 0` and of which nobody has seen the end, by their keys.
    pub background: Vec<(String, Owner)>,
    /// Where those hosts stand that did not go through a play.
    pub stops: Vec<StopPoint>,
    /// The plays that were not begun.
    pub not_begun: Vec<NotBegun>,
    /// Why this run's own locks stay.
    pub kept: Option<Kept>,
}

/// A play that was not begun, and its hosts as far as they are known.
#[derive(Debug)]
pub struct NotBegun {
    pub play: String,
    pub hosts: Vec<String>,
}

impl NotBegun {
    fn of(world: &Arc<World>, play: &Arc<Play>) -> Self {
        let hosts = play_run::hosts_of(world, play).unwrap_or_default();
        Self { play: play_run::title(world, play).1, hosts }
    }
}

impl Summary {
    /// Returns whether it ended in a way that Ansible knows, too.
    pub fn is_ansibles(&self) -> bool {
        !self.stopped && matches!(self.exit_code(), 0..=4)
    }

    /// Returns the process's exit code: Ansible's, and 10 for a step that nobody approved or confirmed, 11 for
    /// one whose end is unknown, 12 for a journal that could not be kept, 13 when another run holds a lock.
    pub fn exit_code(&self) -> u8 {
        let any = |pick: fn(&switchover_journal::Counts) -> u32| self.recap.total(pick) > 0;
        if !self.locked.is_empty() {
            13
        } else if self.broken.is_some() {
            12
        } else if let Some(mistake) = &self.mistake {
            if mistake.misread { 4 } else { 1 }
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
    let (mut mistake, mut locked, mut not_begun) = (None, Vec::new(), Vec::new());
    match lock::take(world, playbooks).await {
        Ok(()) => {
            let problem = run_plays(world, playbooks, &mut lost, &mut not_begun).await;
            mistake = problem.map(Mistake::of).or_else(|| world.mistake());
        }
        Err(found) => locked = found,
    }
    let recap = world.events.recap();
    let under_way = [world.events.under_way(), world.events.lost_jobs()].concat();
    lock::settle(world, left_behind(world, &recap, &under_way)).await;
    world.events.expect_silence();
    world.pool.close_all().await;
    locked.extend(world.locks.lost());
    let (took, broken) = (started.elapsed().as_secs_f64(), mistake.is_some() || !locked.is_empty());
    world.events.send(EventKind::RunFinished { recap: recap.clone(), took, broken });
    let broken = world.broken_journal();
    let (stopped, kept) = (world.is_interrupted(), world.locks.kept());
    // What failed in a play and was forgiven later is no matter.
    let left = |stop: &&StopPoint| stop.unbegun || world.is_stopping() || lost.contains(&stop.host);
    let mut stops: Vec<_> = world.stops().all().iter().filter(left).cloned().collect();
    stops.sort_by(|one, other| one.host.cmp(&other.host));
    let background = world.background.running();
    Summary { broken, recap, lost, mistake, stopped, locked, under_way, background, stops, not_begun, kept }
}

/// Returns why the locks have to stay: something of the run may still be at work on a host.
fn left_behind(world: &World, recap: &Recap, under_way: &[UnderWayStep]) -> Option<Kept> {
    let mut applying = under_way.iter().filter(|step| step.applying);
    let jobs = !world.background.running().is_empty() || under_way.iter().any(|step| step.applying);
    if recap.total(|counts| counts.unknown) > 0 || applying.any(|step| step.job.is_none()) {
        return Some(Kept::Unknown);
    }
    jobs.then_some(Kept::Jobs)
}

async fn run_plays(
    world: &Arc<World>,
    playbooks: &[Playbook],
    excluded: &mut Excluded,
    not_begun: &mut Vec<NotBegun>,
) -> Option<Diagnostic> {
    let mut plays = (0..).zip(playbooks.iter().flat_map(|playbook| {
        let first = (0..).map(move |index| (index == 0).then_some(playbook));
        playbook.plays.iter().zip(first)
    }));
    while let Some((number, (play, begins))) = plays.next() {
        if let Some(playbook) = begins {
            let (path, plays) = (playbook.path.display().to_string(), playbook.plays.len());
            world.tell_first(EventKind::PlaybookStarted { path, plays });
        }
        match play_run::run(world, number, play, excluded).await {
            Ok(end) => {
                let stop = end.stop;
                excluded.add(end);
                if stop {
                    not_begun.extend(plays.map(|(_, (play, _))| NotBegun::of(world, play)));
                    return None;
                }
            }
            Err(problem) => {
                let rest = plays.map(|(_, (play, _))| play);
                not_begun.extend(std::iter::once(play).chain(rest).map(|play| NotBegun::of(world, play)));
                // A question that a stop took back was no mistake.
                let taken_back = world.is_interrupted() && problem.code == "playbook::prompt";
                return (!taken_back).then_some(*problem);
            }
        }
    }
    None
}
