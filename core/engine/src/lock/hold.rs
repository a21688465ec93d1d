use std::sync::Arc;
use std::time::{Duration, Instant};

use switchover_connect::TransportConfig;
use switchover_protocol::{HostCall, HostError, HostReply, LockAct, LockSeen, LockVerb};
use tokio::task::JoinSet;

use super::{Held, Holder, Kept, Life, LockProblem, LockWhy, Locks};
use crate::step::ConnectionPlan;
use crate::world::World;

/// Several times within a lease.
const RENEW_EVERY: Duration = Duration::from_secs(150);

/// What a killed run had under way has often ended a moment later; only what goes on keeps the lock.
const GRACE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A host that is out of contact at the end does not keep the operator waiting; its lock ends by itself.
const PATIENCE: Duration = Duration::from_secs(15);

impl Locks {
    /// Returns the claim of this process.
    fn claim(&self, run: &str) -> String {
        format!("{run}.{}", self.state().token)
    }

    /// Returns the file of a target's lock; hosts choose theirs by themselves.
    fn file(&self, plan: &ConnectionPlan) -> Option<String> {
        match plan.target.transport {
            TransportConfig::Ssh(_) => None,
            TransportConfig::Local(_) => {
                let fits = |c: char| if c.is_ascii_alphanumeric() || "-.".contains(c) { c } else { '_' };
                let name: String = plan.target.name.chars().map(fits).collect();
                Some(self.folder.join(format!("local-{name}.lock")).display().to_string())
            }
        }
    }
}

/// Takes the locks of all targets at once; returns those that could not be had.
pub async fn take_all(world: &Arc<World>, plans: Vec<ConnectionPlan>, about: &Holder) -> Vec<LockProblem> {
    let mut takers = JoinSet::new();
    for plan in plans {
        let (world, about) = (Arc::clone(world), about.clone());
        takers.spawn(async move {
            let _turn = world.workers.acquire().await;
            take_one(&world, plan, &about).await
        });
    }
    let mut problems = Vec::new();
    while let Some(taken) = takers.join_next().await {
        // A task that broke off has taken nothing that anybody knows of; the gate will ask again.
        problems.extend(taken.ok().and_then(Result::err));
    }
    problems.sort_by(|a, b| a.host.cmp(&b.host));
    problems
}

/// Takes the lock of one target; `false` when it cannot be reached.
pub async fn take_one(world: &Arc<World>, plan: ConnectionPlan, about: &Holder) -> Result<bool, LockProblem> {
    let host = plan.target.name.clone();
    let problem = |why| LockProblem { host: Some(host.clone()), why };
    let claim = world.locks.claim(&world.run_id);
    let line = world.events.mask(&about.to_line());
    let mut verb = LockVerb::Take { claim: claim.clone(), about: line.clone() };
    let until = Instant::now() + GRACE;
    // A lock may change hands between two looks; twice in a row it will not.
    let mut changes = 0..3;
    while changes.next().is_some() {
        let seen = match act(world, &plan, verb).await {
            Ok(Some(seen)) => seen,
            Ok(None) => LockSeen {
                claim: String::new(),
                about: String::new(),
                age: 0,
                jobs_run: false,
                file: String::new(),
            },
            Err(HostError::Unreachable { .. } | HostError::Lost { .. }) => return Ok(false),
            Err(error) => return Err(problem(LockWhy::Failed { reason: error.to_string() })),
        };
        if seen.claim == claim {
            world.locks.state().held.push(Held { plan });
            return Ok(true);
        }
        verb = match Holder::read(&seen.about) {
            _ if seen.claim.is_empty() => LockVerb::Take { claim: claim.clone(), about: line.clone() },
            None => return Err(problem(LockWhy::Foreign { claim: seen.claim, file: seen.file })),
            Some(holder) => {
                let life = world.locks.judge(&seen, &holder);
                if ends_soon(world, &holder, life) && Instant::now() < until {
                    tokio::time::sleep(LOOK_EVERY).await;
                    changes = 0..3;
                    verb = LockVerb::Take { claim: claim.clone(), about: line.clone() };
                    continue;
                }
                if !may_replace(world, &holder, life) {
                    return Err(problem(LockWhy::Held { holder: Box::new(holder), life }));
                }
                if holder.run != world.run_id {
                    world.events.warn(taken_over(&host, &holder, life));
                }
                LockVerb::Replace { claim: claim.clone(), about: line.clone(), from: seen.claim }
            }
        };
    }
    Err(problem(LockWhy::Failed { reason: "others take it all the time".to_owned() }))
}

/// Returns whether only work that may end by itself stands between a run and the lock.
fn ends_soon(world: &World, holder: &Holder, life: Life) -> bool {
    life == Life::JobsRun && holder.run != world.run_id
}

/// A run that goes on takes its own lock back, whatever it left behind, but not from a process that works on it.
fn may_replace(world: &World, holder: &Holder, life: Life) -> bool {
    life.is_over() || (holder.run == world.run_id && life != Life::Alive)
}

fn taken_over(host: &str, holder: &Holder, life: Life) -> String {
    let why = match life {
        Life::Silent(seconds) => format!("was not heard of for {} min", seconds / 60),
        Life::JobsEnded => "left jobs there that have ended".to_owned(),
        _ => "ended without giving it back".to_owned(),
    };
    format!("took over the lock of {host}: run {} of {} {why}", holder.run, holder.owner)
}

/// Renews the locks for as long as the run works. One that another has taken stops the run.
pub async fn renew(world: Arc<World>, about: Holder) {
    let claim = world.locks.claim(&world.run_id);
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        let held = world.locks.state().held.clone();
        for Held { plan } in held {
            let verb = LockVerb::Take { claim: claim.clone(), about: world.events.mask(&about.to_line()) };
            // Who is out of contact is asked again next time.
            let Ok(Some(seen)) = act(&world, &plan, verb).await else { continue };
            if seen.claim != claim && world.locks.held().contains(&plan.target.name) {
                lose(&world, &plan, seen);
            }
        }
        if world.locks.held().is_empty() {
            return;
        }
    }
}

fn lose(world: &World, plan: &ConnectionPlan, seen: LockSeen) {
    let host = plan.target.name.clone();
    let why = match Holder::read(&seen.about) {
        Some(holder) => LockWhy::Held { holder: Box::new(holder), life: Life::Alive },
        None => LockWhy::Foreign { claim: seen.claim, file: seen.file },
    };
    world.events.warn(format!("the lock of {host} was taken by another run; this run stops"));
    let mut state = world.locks.state();
    state.held.retain(|held| held.plan.target.name != host);
    state.lost.push(LockProblem { host: Some(host), why });
    drop(state);
    world.stop();
}

/// Gives all locks back, or writes into them why they stay.
pub async fn give_back(world: &Arc<World>, kept: Option<Kept>) {
    let held = {
        let mut state = world.locks.state();
        state.kept = kept.clone().filter(|_| !state.held.is_empty());
        if kept.is_none() { std::mem::take(&mut state.held) } else { state.held.clone() }
    };
    let claim = world.locks.claim(&world.run_id);
    let about = world.locks.state().about.clone().unwrap_or_else(|| Holder::of(world, &[]));
    let about = Holder { kept: kept.clone(), ..about };
    let mut all = JoinSet::new();
    for Held { plan } in held {
        let verb = match kept {
            None => LockVerb::Release { claim: claim.clone() },
            Some(_) => LockVerb::Take { claim: claim.clone(), about: world.events.mask(&about.to_line()) },
        };
        let world = Arc::clone(world);
        all.spawn(async move {
            let done = tokio::time::timeout(PATIENCE, act(&world, &plan, verb)).await;
            if !matches!(done, Ok(Ok(_))) {
                let host = &plan.target.name;
                world.events.warn(format!(
                    "the lock of {host} could not be given back: the host was not reached. The next run here takes it over"
                ));
            }
        });
    }
    all.join_all().await;
    world.locks.state().controller = None;
}

/// Looks at the lock of a target.
pub async fn look(world: &Arc<World>, plan: &ConnectionPlan) -> Result<Option<LockSeen>, HostError> {
    act(world, plan, LockVerb::Look).await
}

/// Takes a lock away from whoever holds it under this claim; returns what is there then.
pub async fn release(
    world: &Arc<World>,
    plan: &ConnectionPlan,
    claim: &str,
) -> Result<Option<LockSeen>, HostError> {
    act(world, plan, LockVerb::Release { claim: claim.to_owned() }).await
}

async fn act(world: &World, plan: &ConnectionPlan, verb: LockVerb) -> Result<Option<LockSeen>, HostError> {
    let unreachable =
        |error: switchover_connect::ConnectError| HostError::Unreachable { reason: error.to_string() };
    let session = world.pool.session(&plan.target).await.map_err(unreachable)?;
    let call = HostCall::Lock(LockAct { verb, file: world.locks.file(plan) });
    match session.call(plan.elevation.as_ref(), &call, &mut ()).await {
        HostReply::Lock(seen) => Ok(seen),
        HostReply::Error(error) => Err(error),
        other => Err(HostError::Invalid { reason: format!("an answer of the wrong kind: {other:?}") }),
    }
}
