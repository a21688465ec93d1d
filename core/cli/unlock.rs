use switchover_engine::{ConnectionPlan, Holder, LockProblem, LockWhy, World, look_at_lock, release_lock};
use switchover_protocol::{HostError, LockSeen};

use crate::options::ReachArgs;
use crate::reach::Reach;
use crate::{exit, problems};

#[derive(clap::Args, Debug)]
pub struct UnlockArgs {
    /// The hosts: names or patterns.
    #[arg(required = true, value_name = "HOSTS")]
    pub hosts: Vec<String>,
    /// Also takes away a lock whose holder works, or has left something behind.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// Shows who holds the locks of hosts, and gives back those that nobody needs any more.
pub fn run(arguments: &UnlockArgs) -> u8 {
    let reach = match Reach::of(&arguments.reach, &arguments.hosts) {
        Ok(reach) => reach,
        Err(code) => return code,
    };
    let work = async {
        let mut worst = exit::OK;
        for (name, plan) in &reach.hosts {
            let code = match unlock(&reach.world, name, plan, arguments.force).await {
                Ok(code) => code,
                Err(error) => {
                    problems::say(&format!("{name}: {error}"), None);
                    exit::UNREACHABLE
                }
            };
            worst = worst.max(code);
        }
        worst
    };
    reach.block_on(work).unwrap_or_else(|code| code)
}

async fn unlock(
    world: &std::sync::Arc<World>,
    name: &str,
    plan: &ConnectionPlan,
    force: bool,
) -> Result<u8, HostError> {
    let Some(seen) = look_at_lock(world, plan).await? else {
        println!("{name} is not locked");
        return Ok(exit::OK);
    };
    let (problem, over) = describe(world, name, &seen);
    println!("{problem}");
    if !over && !force {
        println!(
            "  kept: it is given back with --force, when you know that nothing of that run is under way"
        );
        return Ok(exit::LOCKED);
    }
    match release_lock(world, plan, &seen.claim).await? {
        None => {
            println!("  given back");
            Ok(exit::OK)
        }
        Some(now) => {
            println!("  not given back: {}", describe(world, name, &now).0);
            Ok(exit::LOCKED)
        }
    }
}

/// Returns who holds a lock, and whether nobody needs it any more.
fn describe(world: &World, name: &str, seen: &LockSeen) -> (LockProblem, bool) {
    let host = Some(name.to_owned());
    match Holder::read(&seen.about) {
        Some(holder) => {
            let life = world.locks.judge(seen, &holder);
            let why = LockWhy::Held { holder: Box::new(holder), life };
            (LockProblem { host, why }, life.is_over())
        }
        None => {
            let why = LockWhy::Foreign { claim: seen.claim.clone(), file: seen.file.clone() };
            (LockProblem { host, why }, false)
        }
    }
}
