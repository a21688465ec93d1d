//! One run at a time: the locks of the controller and of every target, for runs that may destroy something.
//!
//! A run that needs locks takes them before it does anything, renews them while it works, and gives them back when
//! nothing of it runs any more. They are no plugin's affair. A target that cannot be reached at the start is locked
//! later, before the first destroying step there: without the lock there is none.

mod controller;
mod hold;
mod holder;
mod judge;
mod machine;
mod targets;
mod wanted;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use switchover_journal::{History, Runs};
use switchover_model::Playbook;
use switchover_protocol::LockSeen;

use crate::step::ConnectionPlan;
use crate::world::World;

pub use hold::{look, release};
pub use holder::{Holder, Kept};
pub use judge::Life;
pub use machine::Machine;

use judge::judge;

/// The locks of a run.
pub struct Locks {
    /// Where the controller's locks are, and those of targets that are the controller itself.
    folder: PathBuf,
    /// What other runs of this user have on record.
    runs: Runs,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Tells the processes of a run apart.
    token: String,
    /// What the locks say about this run.
    about: Option<Holder>,
    controller: Option<controller::ControllerLock>,
    held: Vec<Held>,
    /// Targets whose lock was lost while the run held it.
    lost: Vec<LockProblem>,
    /// What a stop says about locks that stay.
    kept: Option<Kept>,
}

/// A lock that this run holds on a host.
#[derive(Clone)]
struct Held {
    plan: ConnectionPlan,
}

/// Why a lock could not be had.
#[derive(Clone, Debug, PartialEq)]
pub struct LockProblem {
    /// The target; none for the controller's own lock.
    pub host: Option<String>,
    pub why: LockWhy,
}

/// See [`LockProblem`].
#[derive(Clone, Debug, PartialEq)]
pub enum LockWhy {
    /// Another run has it.
    Held { holder: Box<Holder>, life: Life },
    /// It is held, and not in words of ours.
    Foreign { claim: String, file: String },
    /// The host, or the controller, could not make it.
    Failed { reason: String },
}

impl Locks {
    /// Returns the locks of a run before it has any; `state` is where this user's runs are on record, too.
    pub fn new(state: &Path) -> Self {
        let token = format!("{:x}{:x}", std::process::id(), crate::events::now().to_bits());
        let (folder, runs) = (state.join("locks"), Runs::below(state));
        Self { folder, runs, state: Mutex::new(State { token, ..State::default() }) }
    }

    /// Judges the holder of a lock by what its lock says, what the host sees, and what this machine sees and has on
    /// record: a run that died at a step which destroys is not over before somebody knows how the step ended.
    pub fn judge(&self, seen: &LockSeen, holder: &Holder) -> Life {
        match judge(seen, holder, &Machine::here()) {
            // While its program still works it is so, too: there is more to look at than that.
            life if (life.is_over() || life == Life::JobsRun) && self.left_open(&holder.run) => Life::Unknown,
            life => life,
        }
    }

    /// Returns whether a run has begun to destroy something, and nothing tells how that ended. Jobs tell it.
    fn left_open(&self, run: &str) -> bool {
        let Ok(folder) = self.runs.find(run) else { return false };
        // What a journal that cannot be read would tell is not known either.
        History::open_steps(&folder)
            .map_or(true, |open| open.iter().any(|intent| intent.destroys.is_some() && !intent.detached))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the hosts on which this run holds a lock.
    pub fn held(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.state().held.iter().map(|held| held.plan.target.name.clone()).collect();
        names.sort();
        names
    }

    /// Returns why locks stay after the end of the run.
    pub fn kept(&self) -> Option<Kept> {
        self.state().kept.clone()
    }

    /// Returns the locks that others took away while the run held them.
    pub fn lost(&self) -> Vec<LockProblem> {
        self.state().lost.clone()
    }
}

/// Takes the locks that these playbooks need, all or none.
pub async fn take(world: &Arc<World>, playbooks: &[Playbook]) -> Result<(), Vec<LockProblem>> {
    if world.options.check || !(world.options.lock || wanted::any(playbooks, &world.catalog)) {
        return Ok(());
    }
    let plans = targets::of(world, playbooks, world.options.lock);
    let about = Holder::of(world, playbooks);
    world.locks.state().about = Some(about.clone());
    let lock = controller::ControllerLock::take(&world.locks.folder, &plans, &about)
        .map_err(|problem| vec![problem])?;
    world.locks.state().controller = Some(lock);
    let problems = hold::take_all(world, plans, &about).await;
    if !problems.is_empty() {
        hold::give_back(world, None).await;
        return Err(problems);
    }
    tokio::spawn(hold::renew(Arc::clone(world), about));
    Ok(())
}

/// Gives the locks back, or marks them as kept because something of the run may still be under way.
pub async fn settle(world: &Arc<World>, kept: Option<Kept>) {
    hold::give_back(world, kept).await;
}

/// Makes sure of the lock of one target before something there is destroyed.
pub async fn ensure(world: &Arc<World>, plan: &ConnectionPlan) -> Result<(), LockProblem> {
    let name = &plan.target.name;
    if let Some(lost) = world.locks.state().lost.iter().find(|lost| lost.host.as_ref() == Some(name)) {
        return Err(lost.clone());
    }
    if world.locks.state().held.iter().any(|held| held.plan.target.name == *name) {
        return Ok(());
    }
    let (first, about) = {
        let mut state = world.locks.state();
        let about = state.about.get_or_insert_with(|| Holder::of(world, &[])).clone();
        (state.held.is_empty(), about)
    };
    match hold::take_one(world, plan.clone(), &about).await {
        Ok(true) if first => {
            tokio::spawn(hold::renew(Arc::clone(world), about));
            Ok(())
        }
        Ok(true) => Ok(()),
        Ok(false) => Err(LockProblem {
            host: Some(name.clone()),
            why: LockWhy::Failed { reason: "the host could not be reached for it".to_owned() },
        }),
        Err(problem) => Err(problem),
    }
}

impl std::fmt::Display for LockProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = self.host.as_deref().unwrap_or("this set of hosts");
        match &self.why {
            LockWhy::Held { holder, life } => write!(f, "{place} is locked by {}", held_by(holder, *life)),
            LockWhy::Foreign { claim, file } => {
                write!(f, "{place} is locked by {claim:.80}, which is not known ({file})")
            }
            LockWhy::Failed { reason } => write!(f, "{place} cannot be locked: {reason}"),
        }
    }
}

fn held_by(holder: &Holder, life: Life) -> String {
    let Holder { run, owner, machine, playbooks, .. } = holder;
    let what = if playbooks.is_empty() { String::new() } else { format!(" ({})", playbooks.join(", ")) };
    let minutes = ((crate::events::now() - holder.since) / 60.0).max(0.0) as u64;
    let since = if minutes < 1 { "less than a minute".to_owned() } else { format!("{minutes} min") };
    let why = match life {
        Life::Alive => format!("begun {since} ago, at work as process {}", machine.pid),
        Life::JobsRun => {
            format!("begun {since} ago; it has stopped, but jobs of it go on there, or a program")
        }
        Life::Unknown => format!("begun {since} ago; it stopped at a step whose end is unknown"),
        Life::Gone | Life::JobsEnded => format!("begun {since} ago; it has ended"),
        Life::Silent(seconds) => format!("begun {since} ago, not heard of for {} min", seconds / 60),
    };
    format!("{owner}: run {run}{what}, {why}")
}
