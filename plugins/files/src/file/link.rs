use switchover_sdk::HostCall;
use switchover_sdk::prelude::*;

use super::{FileParams, Found, plan_attributes};
use crate::attributes::Wanted;
use crate::plan::Plan;
use crate::steps;

/// Plans a symbolic link.
pub fn plan(params: &FileParams, wanted: &Wanted, found: &Found, host: &Host) -> Result<Delta, Failure> {
    let kept = found.stat.as_ref().and_then(|stat| stat.link_target.clone());
    let source = match (&params.src, &kept) {
        (Some(source), _) => source.clone(),
        (None, Some(target)) => target.clone(),
        (None, None) => return Err(Failure::new("src is required for creating new symlinks")),
    };
    let absolute = absolute(found, &source);
    let target = host.stat_with(&absolute, true, None)?;
    refuse(params, found, &absolute, target.as_ref(), host)?;
    let mut plan = Plan::default();
    plan.key("dest", found.path.clone());
    plan.key("src", source.clone());
    plan_link(&mut plan, found, &source, kept.as_deref());
    let told = attributes(params, wanted, &absolute, target.as_ref(), found, &mut plan)?;
    plan.told = Some((found.path.clone(), false));
    Ok(plan.delta(told))
}

/// Returns where a source leads that is written relative to its link.
fn absolute(found: &Found, source: &str) -> String {
    let is_folder = found.stat.as_ref().is_some_and(|stat| stat.kind == FileKind::Directory);
    let folder =
        if is_folder { &found.path } else { found.path.rsplit_once('/').map_or("", |(folder, _)| folder) };
    if source.starts_with('/') { source.to_owned() } else { format!("{folder}/{source}") }
}

fn refuse(
    params: &FileParams,
    found: &Found,
    absolute: &str,
    target: Option<&FileStat>,
    host: &Host,
) -> Result<(), Failure> {
    let word = found.word();
    let path = &found.path;
    if !params.force && params.src.is_some() && target.is_none() {
        let msg = format!(
            "src file does not exist, use 'force=yes' if you really want to create the link: {absolute}"
        );
        return Err(found.failure(msg).with("src", params.src.clone().unwrap_or_default()));
    }
    if matches!(word, "directory" | "file" | "hard") && !params.force {
        return Err(found.failure(format!("refusing to convert from {word} to symlink for {path}")));
    }
    if word == "directory" && !host.list(path, false)?.is_empty() {
        return Err(found.failure(format!("the directory {path} is not empty, refusing to convert it")));
    }
    Ok(())
}

fn plan_link(plan: &mut Plan, found: &Found, source: &str, kept: Option<&str>) {
    let path = found.path.clone();
    if kept == Some(source) {
        return;
    }
    match kept {
        Some(old) => plan.changes.push(Change {
            what: path.clone(),
            before: json!({ "path": path, "src": old }),
            after: json!({ "path": path, "src": source }),
            ..Change::default()
        }),
        None => plan.changes.push(found.state_change("link")),
    }
    if found.word() == "directory" {
        // Only an empty folder gets here, and `rmdir` removes no other.
        plan.calls.push(HostCall::Exec(Command::new(["rmdir", "--", &path]).into_exec()));
    }
    plan.calls.push(HostCall::Symlink { target: source.to_owned(), path, force: true });
}

/// Plans owner and mode: of what the link leads to when links are followed, else of the link. Returns what
/// the result tells of.
fn attributes<'a>(
    params: &FileParams,
    wanted: &Wanted,
    absolute: &str,
    target: Option<&'a FileStat>,
    found: &'a Found,
    plan: &mut Plan,
) -> Result<Option<&'a FileStat>, Failure> {
    if params.follow {
        match target {
            Some(target) => plan_attributes(plan, &steps::normal(absolute), target, wanted)?,
            None => plan.warnings.push(
                "Cannot set fs attributes on a non-existent symlink target. follow should be set to False to avoid this."
                    .to_owned(),
            ),
        }
        return Ok(found.stat.as_ref());
    }
    match &found.stat {
        Some(stat) if stat.kind == FileKind::Link => plan_attributes(plan, &found.path, stat, wanted)?,
        _ => {
            let attributes = Attributes { mode: None, ..wanted.for_new(false)? };
            if !attributes.is_empty() && !plan.calls.is_empty() {
                let path = found.path.clone();
                plan.calls.push(HostCall::SetAttributes {
                    path,
                    attributes,
                    recursive: false,
                    follow: false,
                });
            }
        }
    }
    Ok(found.stat.as_ref())
}
