use switchover_sdk::prelude::*;
use switchover_sdk::{Algorithm, HostCall};

use super::CopyParams;
use super::tree::{Item, Tree};
use crate::attributes::Wanted;
use crate::diff;
use crate::mode;
use crate::plan::Plan;
use crate::steps;

/// So many paths are looked at in one round trip.
const AT_ONCE: usize = 500;

/// Plans a folder of the controller.
pub fn check(params: &CopyParams, tree: &Tree, host: &Host) -> Result<Delta, Failure> {
    let name = if tree.root.ends_with('/') { "" } else { steps::split(&tree.root).1 };
    let dest = params.dest.trim_end_matches('/');
    let mut plan = plan(params, tree, &join(dest, name), false, host)?;
    plan.key("dest", format!("{dest}/"));
    plan.key("src", tree.root.clone());
    Ok(plan.delta(None))
}

/// Plans a folder of the host: it goes into `dest`, or what is in it when its name ends with a slash.
pub fn check_remote(params: &CopyParams, src: &str, host: &Host) -> Result<Delta, Failure> {
    let dest = params.dest.trim_end_matches('/');
    let there = host.stat_with(dest, true, None)?;
    if there.as_ref().is_some_and(|stat| stat.kind != FileKind::Directory) {
        return Err(Failure::new(format!("cannot copy the folder {src} over the file {dest}")));
    }
    let root = if src.ends_with('/') { dest.to_owned() } else { join(dest, steps::split(src).1) };
    let mut plan = plan(params, &Tree::of_host(src, host)?, &root, true, host)?;
    let root = if there.is_some() { root } else { dest.to_owned() };
    plan.key("dest", root.clone());
    plan.key("src", src);
    plan.key("checksum", Value::Null);
    plan.key("md5sum", Value::Null);
    let stat = host.stat_with(&root, true, None)?;
    plan.told = Some((root, true));
    Ok(plan.delta(stat.as_ref()))
}

fn join(folder: &str, name: &str) -> String {
    if name.is_empty() { folder.to_owned() } else { format!("{folder}/{name}") }
}

fn plan(params: &CopyParams, tree: &Tree, root: &str, keep_mode: bool, host: &Host) -> Result<Plan, Failure> {
    let mut plan = Plan::default();
    let mut paths = vec![root.to_owned()];
    paths.extend(tree.items.keys().map(|relative| join(root, relative)));
    let mut stats = Vec::new();
    for some in paths.chunks(AT_ONCE) {
        let calls = some.iter().map(|path| steps::stat(path, params.follow, Some(Algorithm::Sha1))).collect();
        stats.extend(steps::stats(calls, host)?);
    }
    let folder = Item::Folder { mode: mode::of_new(true) };
    let items = std::iter::once(&folder).chain(tree.items.values());
    for ((path, stat), item) in paths.iter().zip(&stats).zip(items) {
        match item {
            Item::Folder { mode } => {
                plan_folder(&mut plan, params, path, stat.as_ref(), keep_mode.then_some(*mode))?
            }
            Item::Link { target } => plan_link(&mut plan, path, stat.as_ref(), target),
            Item::File { .. } => plan_file(&mut plan, params, path, stat.as_ref(), item, keep_mode, host)?,
        }
    }
    Ok(plan)
}

fn plan_folder(
    plan: &mut Plan,
    params: &CopyParams,
    path: &str,
    stat: Option<&FileStat>,
    mode: Option<u32>,
) -> Result<(), Failure> {
    match stat {
        Some(stat) if stat.kind == FileKind::Directory => Ok(()),
        Some(_) => Err(Failure::new(format!("cannot make the folder {path}: something else is there"))),
        None => {
            let wanted = params.folders()?;
            let mode_wanted = wanted.mode.clone().or(mode.map(mode::octal));
            let attributes = Wanted { mode: mode_wanted, ..wanted }.for_new(true)?;
            plan.changes.push(Change {
                what: path.to_owned(),
                before: json!({ "path": path, "state": "absent" }),
                after: json!({ "path": path, "state": "directory" }),
                ..Change::default()
            });
            plan.calls.push(HostCall::Mkdir { path: path.to_owned(), attributes });
            Ok(())
        }
    }
}

fn plan_link(plan: &mut Plan, path: &str, stat: Option<&FileStat>, target: &str) {
    if stat.and_then(|stat| stat.link_target.as_deref()) == Some(target) {
        return;
    }
    let after = json!({ "path": path, "src": target });
    plan.changes.push(Change { what: path.to_owned(), after, ..Change::default() });
    plan.calls.push(HostCall::Symlink { target: target.to_owned(), path: path.to_owned(), force: true });
}

fn plan_file(
    plan: &mut Plan,
    params: &CopyParams,
    path: &str,
    stat: Option<&FileStat>,
    item: &Item,
    keep_mode: bool,
    host: &Host,
) -> Result<(), Failure> {
    let Item::File { source, mode: source_mode } = item else { return Ok(()) };
    let mut wanted = params.wanted(Some(*source_mode))?;
    if keep_mode && wanted.mode.is_none() {
        wanted.mode = Some(mode::octal(*source_mode));
    }
    let same = stat.is_some_and(|stat| stat.checksum.as_deref() == Some(&source.checksum));
    let differing = match stat {
        Some(stat) => Some(wanted.difference(stat)?),
        None => None,
    };
    match (stat, differing) {
        (Some(_), _) if !params.force => {}
        (Some(_), Some(differing)) if same => {
            if !differing.is_empty() {
                plan.changes.push(differing.change(path));
                let (path, attributes) = (path.to_owned(), differing.attributes);
                plan.calls.push(HostCall::SetAttributes { path, attributes, recursive: false, follow: true });
            }
        }
        (_, differing) => {
            let attributes = match differing {
                Some(differing) => differing.attributes,
                None => wanted.for_new(false)?,
            };
            plan.changes.push(change(path, stat, source, host)?);
            plan.calls.push(HostCall::Write(WriteFile {
                path: path.to_owned(),
                content: source.content.clone(),
                attributes,
                backup: params.backup,
                validate: params.validate.clone(),
                follow: params.follow,
            }));
        }
    }
    Ok(())
}

fn change(
    path: &str,
    stat: Option<&FileStat>,
    source: &crate::source::Source,
    host: &Host,
) -> Result<Change, Failure> {
    let small = stat.is_none_or(|stat| stat.size <= diff::LIMIT as u64 && stat.kind == FileKind::File);
    let bare = Change { what: path.to_owned(), ..Change::default() };
    if !host.about.diff || !small {
        return Ok(bare);
    }
    let before = if stat.is_some() { host.read(path)?.0 } else { Vec::new() };
    let headers = (path.to_owned(), source.label.clone());
    Ok(source.bytes(host)?.map_or(bare, |after| diff::content(path, &before, &after, headers)))
}
