use switchover_sdk::HostCall;
use switchover_sdk::prelude::*;

use super::{FileParams, Found, plan_attributes};
use crate::attributes::{Wanted, state_word};
use crate::plan::Plan;

/// Plans a file (made empty when it is not there) with its times.
pub fn plan(params: &FileParams, wanted: &Wanted, found: &Found, host: &Host) -> Result<Delta, Failure> {
    let (path, stat) = found.followed(params.follow);
    let mut plan = Plan { told: Some((path.clone(), false)), ..Plan::default() };
    plan.key("dest", found.path.clone());
    match stat {
        None => {
            plan.changes.push(found.state_change("touch"));
            plan.calls.push(HostCall::Exec(Command::new(["touch", "--", &path]).into_exec()));
            params.times.plan_new(&mut plan, &path)?;
            let attributes = wanted.for_new(false)?;
            if !attributes.is_empty() {
                plan.calls.push(HostCall::SetAttributes {
                    path,
                    attributes,
                    recursive: false,
                    follow: false,
                });
            }
        }
        Some(stat) if matches!(stat.kind, FileKind::File | FileKind::Directory) => {
            params.times.plan(&mut plan, &path, stat, "now", host)?;
            plan_attributes(&mut plan, &path, stat, wanted)?;
        }
        Some(stat) => {
            let word = state_word(stat);
            let msg = format!("Can only touch files, directories, and hardlinks ({path} is {word})");
            return Err(found.failure(msg));
        }
    }
    Ok(plan.delta(stat))
}
