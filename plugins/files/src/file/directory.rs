use switchover_sdk::HostCall;
use switchover_sdk::prelude::*;

use super::{FileParams, Found, plan_attributes};
use crate::attributes::Wanted;
use crate::plan::Plan;

/// Plans a folder with its attributes, and those of all below it when asked.
pub fn plan(params: &FileParams, wanted: &Wanted, found: &Found, host: &Host) -> Result<Delta, Failure> {
    let (path, stat) = found.followed(params.follow);
    let mut plan = Plan { told: Some((path.clone(), false)), ..Plan::default() };
    plan.key("path", found.path.clone());
    match stat {
        None if found.stat.is_some() => {
            return Err(found.failure(format!("{} already exists as a link to nothing", found.path)));
        }
        None => make(&mut plan, wanted, found)?,
        Some(stat) if stat.kind != FileKind::Directory => {
            let word = crate::attributes::state_word(stat);
            return Err(found.failure(format!("{path} already exists as a {word}")));
        }
        Some(stat) => {
            plan_attributes(&mut plan, &path, stat, wanted)?;
            params.times.plan(&mut plan, &path, stat, "preserve", host)?;
            if params.recurse {
                below(&mut plan, &path, wanted, host)?;
            }
        }
    }
    Ok(plan.delta(stat))
}

fn make(plan: &mut Plan, wanted: &Wanted, found: &Found) -> Result<(), Failure> {
    let attributes = wanted.for_new(true)?;
    let mut change = found.state_change("directory");
    for (key, value) in
        [("mode", &attributes.mode), ("owner", &attributes.owner), ("group", &attributes.group)]
    {
        if let Some(value) = value {
            change.after[key] = json!(value);
        }
    }
    plan.changes.push(change);
    plan.calls.push(HostCall::Mkdir { path: found.path.clone(), attributes });
    Ok(())
}

/// Plans what differs below a folder; links get an owner but no mode.
fn below(plan: &mut Plan, folder: &str, wanted: &Wanted, host: &Host) -> Result<(), Failure> {
    for entry in host.list(folder, true)? {
        plan_attributes(plan, &entry.path, &entry.stat, wanted)?;
    }
    Ok(())
}
