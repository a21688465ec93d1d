use switchover_sdk::HostCall;
use switchover_sdk::prelude::*;

use super::{FileParams, Found, find, plan_attributes};
use crate::attributes::Wanted;
use crate::plan::Plan;
use crate::steps;

/// Plans a hard link.
pub fn plan(params: &FileParams, wanted: &Wanted, found: Found, host: &Host) -> Result<Delta, Failure> {
    let found = in_folder(params, found, host)?;
    let source = params.src.as_deref();
    let source_stat = match source {
        Some(source) if source.starts_with('/') => host.stat_with(source, true, None)?,
        _ => None,
    };
    let mut plan = Plan { told: Some((found.path.clone(), false)), ..Plan::default() };
    plan.key("dest", found.path.clone());
    plan.key("src", json!(source));
    let stat = match (source, source_stat) {
        (None, _) if found.stat.is_none() => {
            return Err(Failure::new("src is required for creating new hardlinks"));
        }
        (None, _) => found.stat.clone(),
        (Some(source), None) => {
            let failure = Failure::new("src does not exist").with("dest", found.path.clone());
            return Err(failure.with("src", source));
        }
        (Some(source), Some(stat)) => {
            plan_link(&mut plan, params, &found, source, &stat)?;
            Some(stat)
        }
    };
    if let Some(stat) = &stat {
        plan_attributes(&mut plan, &found.path, stat, wanted)?;
    }
    Ok(plan.delta(found.stat.as_ref()))
}

/// A hard link cannot take the place of a folder: it goes into it, under the name of its source.
fn in_folder(params: &FileParams, found: Found, host: &Host) -> Result<Found, Failure> {
    let is_folder = found.target.as_ref().is_some_and(|stat| stat.kind == FileKind::Directory);
    match &params.src {
        Some(source) if is_folder => find(&format!("{}/{}", found.path, steps::split(source).1), host),
        _ => Ok(found),
    }
}

fn plan_link(
    plan: &mut Plan,
    params: &FileParams,
    found: &Found,
    source: &str,
    stat: &FileStat,
) -> Result<(), Failure> {
    let same = found.stat.as_ref().is_some_and(|old| old.inode == stat.inode && old.dev == stat.dev);
    if same {
        return Ok(());
    }
    let word = found.word();
    match word {
        "directory" => {
            return Err(
                found.failure(format!("refusing to convert from {word} to hard link for {}", found.path))
            );
        }
        "hard" if !params.force => {
            let failure = found.failure("Cannot link, different hard link exists at destination".to_owned());
            return Err(failure.with("dest", found.path.clone()));
        }
        "file" if !params.force => {
            let failure = found.failure(format!("Cannot link, {word} exists at destination"));
            return Err(failure.with("dest", found.path.clone()));
        }
        _ => {}
    }
    plan.changes.push(found.state_change("hard"));
    plan.calls.push(HostCall::Hardlink { target: source.to_owned(), path: found.path.clone(), force: true });
    Ok(())
}
