use switchover_sdk::HostCall;
use switchover_sdk::prelude::*;

use super::Found;
use crate::plan::Plan;

/// Plans that nothing is at the path.
pub fn plan(found: &Found, host: &Host) -> Result<Delta, Failure> {
    let mut plan = Plan::default();
    plan.key("path", found.path.clone());
    plan.key("state", "absent");
    if let Some(stat) = &found.stat {
        let recursive = stat.kind == FileKind::Directory;
        let mut change = found.state_change("absent");
        if recursive && host.about.diff {
            change.before["path_content"] = content(&found.path, host)?;
        }
        plan.changes.push(change);
        plan.calls.push(HostCall::Remove { path: found.path.clone(), recursive });
    }
    Ok(plan.delta(None))
}

/// Returns what would go with a folder.
fn content(folder: &str, host: &Host) -> Result<Value, Failure> {
    let entries = host.list(folder, true)?;
    let paths = |folders: bool| -> Vec<&str> {
        let wanted = entries.iter().filter(|entry| (entry.stat.kind == FileKind::Directory) == folders);
        wanted.map(|entry| entry.path.as_str()).collect()
    };
    Ok(json!({ "directories": paths(true), "files": paths(false) }))
}
