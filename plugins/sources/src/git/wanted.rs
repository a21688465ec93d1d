use switchover_sdk::prelude::*;

use super::GitParams;
use super::access::without_credentials;
use super::found::{Found, Kind};

/// Compares a clone with what a task wants; the answer of `check`.
pub fn delta(params: &GitParams, found: &Found) -> Result<Delta, Failure> {
    if found.kind != "clone" {
        return new_clone(params, found);
    }
    let before = json!(found.head);
    if !params.update {
        return Ok(Delta::none_with(json!({ "before": before, "after": before })));
    }
    if found.local_changes && !params.force {
        let msg = format!("Local modifications exist in the destination: {} (force=no).", params.dest);
        return Err(Failure::new(msg)
            .with("before", before)
            .remedy("commit them, or give them up with force"));
    }
    let (target, kind) = known(found)?;
    let (repo, _) = params.access.repository(&params.repo);
    let url_differs = without_credentials(&params.access.repository(&found.url).0).0 != repo;
    let at_target = !found.head.is_empty() && found.head.starts_with(&target);
    let on_branch = kind != Kind::Branch || params.bare || found.branch == found.version;
    let mut result = json!({ "before": before, "remote_url_changed": url_differs });
    result["after"] = json!(if at_target { &found.head } else { &target });
    if found.local_changes {
        result["msg"] = json!(format!("Local modifications exist in the destination: {}", params.dest));
    }
    let mut changes = Vec::new();
    let mut note = |what: &str, before: &str, after: &str| {
        let what = format!("{}{what}", params.dest);
        changes.push(Change { what, before: json!(before), after: json!(after), ..Change::default() });
    };
    if !at_target {
        note("", &found.head, &target);
    }
    if url_differs {
        note(" (remote)", &without_credentials(&found.url).0, &repo);
    }
    if at_target && !on_branch {
        note(" (branch)", &found.branch, &found.version);
    }
    if found.local_changes {
        note(" (local changes)", "changed", "as committed");
    }
    if found.submodules_differ {
        note(" (submodules)", "differ", "as noted");
    }
    if changes.is_empty() {
        return Ok(Delta::none_with(result));
    }
    let state = json!({ "new": false, "kind": kind.word(), "target": target, "version": found.version });
    Ok(Delta::changes(changes).with_result(result).with_state(state))
}

fn new_clone(params: &GitParams, found: &Found) -> Result<Delta, Failure> {
    if found.kind == "other" && params.clone {
        let dest = &params.dest;
        let msg = format!("fatal: destination path '{dest}' already exists and is not an empty directory.");
        return Err(Failure::new(msg).with("rc", 128));
    }
    let (target, kind) = known(found)?;
    let result = json!({ "before": null, "after": target });
    let state = json!({ "new": true, "kind": kind.word(), "target": target, "version": found.version });
    Ok(Delta::change(&*params.dest, Value::Null, target).with_result(result).with_state(state))
}

fn known(found: &Found) -> Result<(String, Kind), Failure> {
    let msg = || format!("Could not determine remote revision for {}", found.version);
    found
        .target()
        .ok_or_else(|| Failure::new(msg()).remedy("name a branch, a tag or a commit of the repository"))
}
