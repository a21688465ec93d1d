use switchover_sdk::prelude::*;

use super::{FileParams, Found, plan_attributes};
use crate::attributes::{Wanted, state_word};
use crate::plan::Plan;

/// Plans the attributes of a file that must be there.
pub fn plan(params: &FileParams, wanted: &Wanted, found: &Found, host: &Host) -> Result<Delta, Failure> {
    let (path, stat) = found.followed(params.follow);
    let word = stat.map_or(found.word(), state_word);
    let stat = match stat {
        Some(stat) if matches!(word, "file" | "hard") => stat,
        _ => return Err(found.failure(format!("file ({path}) is {word}, cannot continue"))),
    };
    let mut plan = Plan { told: Some((path.clone(), false)), ..Plan::default() };
    plan.key("path", found.path.clone());
    plan_attributes(&mut plan, &path, stat, wanted)?;
    params.times.plan(&mut plan, &path, stat, "preserve", host)?;
    Ok(plan.delta(Some(stat)))
}
