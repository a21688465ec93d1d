use switchover_sdk::prelude::*;
use switchover_sdk::{Algorithm, HostCall};

use super::CopyParams;
use super::tree::{Item, Tree};
use crate::attributes::Wanted;
use crate::diff;
use crate::mode;
use crate::plan::Plan;
use crate::source::Source;
use crate::steps;
use crate::walk::join;

/// So many paths are looked at in one round trip.
const AT_ONCE: usize = 500;

/// Plans a folder of the controller.
pub fn check(params: &CopyParams, tree: &Tree, host: &Host) -> Result<Delta, Failure> {
    let name = if tree.root.ends_with('/') { "" } else { steps::split(&tree.root).1 };
    let dest = params.dest.trim_end_matches('/');
    let Looked { items, dest: there } = look(params, tree, &join(dest, name), dest, host)?;
    refuse_file(&tree.root, dest, there.as_ref())?;
    let mut plan = Plan::default();
    for (index, (path, stat, item)) in items.iter().enumerate() {
        match item {
            Item::Folder { .. } => {
                // The folder itself stays as it is, those in it get what the task says.
                plan_folder(&mut plan, path, stat.as_ref(), &params.folders()?, index > 0)?
            }
            Item::Link { target } => plan_link(&mut plan, path, stat.as_ref(), target),
            Item::File { source, mode } => {
                let wanted = params.wanted(Some(*mode))?;
                plan_file(&mut plan, params, path, stat.as_ref(), source, (&wanted, &wanted), host)?
            }
        }
    }
    plan.key("dest", format!("{dest}/"));
    plan.key("src", tree.root.clone());
    Ok(plan.delta(None))
}

/// Plans a folder of the host: it goes into `dest`, or what is in it when its name ends with a slash. As with Ansible the
/// mode is for the folder itself: what is in it brings its own, and keeps what it has when it is there.
pub fn check_remote(params: &CopyParams, src: &str, mode: u32, host: &Host) -> Result<Delta, Failure> {
    let dest = params.dest.trim_end_matches('/');
    let root = if src.ends_with('/') { dest.to_owned() } else { join(dest, steps::split(src).1) };
    let tree = Tree::of_host(src, host)?;
    let Looked { items, dest: there } = look(params, &tree, &root, dest, host)?;
    refuse_file(src, dest, there.as_ref())?;
    let wanted = params.wanted(None)?;
    let with_mode = |mode: u32| Wanted { mode: Some(mode::octal(mode)), ..wanted.clone() };
    let owned = Attributes { mode: None, ..wanted.for_new(false)? };
    let mut plan = Plan::default();
    let mut stat_of_root = None;
    for (index, (path, stat, item)) in items.iter().enumerate() {
        match item {
            Item::Folder { .. } if index == 0 => {
                stat_of_root = stat.clone();
                let is_new = stat.is_none() && wanted.mode.is_none();
                let wanted = if is_new { with_mode(mode) } else { wanted.clone() };
                plan_folder(&mut plan, path, stat.as_ref(), &wanted, true)?;
            }
            Item::Folder { mode } => plan_folder(&mut plan, path, stat.as_ref(), &with_mode(*mode), false)?,
            Item::Link { target } => {
                plan_link(&mut plan, path, stat.as_ref(), target);
                if stat.is_none() && !owned.is_empty() {
                    plan.calls.push(set(path, owned.clone(), false));
                }
            }
            Item::File { source, mode } => {
                let kept = Wanted::default();
                plan_file(&mut plan, params, path, stat.as_ref(), source, (&with_mode(*mode), &kept), host)?
            }
        }
    }
    let told = if there.is_some() { root } else { dest.to_owned() };
    let slash = if src.ends_with('/') && there.is_some() { "/" } else { "" };
    plan.key("dest", format!("{told}{slash}"));
    plan.key("src", src);
    plan.key("checksum", Value::Null);
    plan.key("md5sum", Value::Null);
    plan.told = Some((told, true));
    Ok(plan.delta(stat_of_root.as_ref()))
}

/// Every path of a tree with what is there and what should be, the folder itself first, and what is at `dest`.
struct Looked<'a> {
    items: Vec<(String, Option<FileStat>, &'a Item)>,
    dest: Option<FileStat>,
}

const ITSELF: Item = Item::Folder { mode: 0o755 };

fn look<'a>(
    params: &CopyParams,
    tree: &'a Tree,
    root: &str,
    dest: &str,
    host: &Host,
) -> Result<Looked<'a>, Failure> {
    let below = tree.items.iter().map(|(relative, item)| (join(root, relative), item));
    let items: Vec<(String, &Item)> = std::iter::once((root.to_owned(), &ITSELF)).chain(below).collect();
    let mut calls = vec![steps::stat(dest, true, None)];
    calls.extend(items.iter().map(|(path, _)| steps::stat(path, params.follow, Some(Algorithm::Sha1))));
    let mut stats = Vec::new();
    while !calls.is_empty() {
        let rest = calls.split_off(calls.len().min(AT_ONCE));
        stats.extend(steps::stats(std::mem::replace(&mut calls, rest), host)?);
    }
    let mut stats = stats.into_iter();
    let dest = stats.next().flatten();
    let items = items.into_iter().zip(stats).map(|((path, item), stat)| (path, stat, item)).collect();
    Ok(Looked { items, dest })
}

fn refuse_file(src: &str, dest: &str, there: Option<&FileStat>) -> Result<(), Failure> {
    match there {
        Some(stat) if stat.kind != FileKind::Directory => {
            Err(Failure::new(format!("cannot copy the folder {src} over the file {dest}")))
        }
        _ => Ok(()),
    }
}

/// Plans a folder; one that is there gets the attributes only when `changes`.
fn plan_folder(
    plan: &mut Plan,
    path: &str,
    stat: Option<&FileStat>,
    wanted: &Wanted,
    changes: bool,
) -> Result<(), Failure> {
    match stat {
        Some(stat) if stat.kind == FileKind::Directory && changes => {
            let difference = wanted.difference(stat)?;
            if !difference.is_empty() {
                plan.changes.push(difference.change(path));
                plan.calls.push(set(path, difference.attributes, true));
            }
            Ok(())
        }
        Some(stat) if stat.kind == FileKind::Directory => Ok(()),
        Some(_) => Err(Failure::new(format!("cannot make the folder {path}: something else is there"))),
        None => {
            plan.changes.push(Change {
                what: path.to_owned(),
                before: json!({ "path": path, "state": "absent" }),
                after: json!({ "path": path, "state": "directory" }),
                ..Change::default()
            });
            let attributes = wanted.for_new(true)?;
            plan.calls.push(HostCall::Mkdir { path: path.to_owned(), attributes });
            Ok(())
        }
    }
}

fn set(path: &str, attributes: Attributes, follow: bool) -> HostCall {
    HostCall::SetAttributes { path: path.to_owned(), attributes, recursive: false, follow }
}

fn plan_link(plan: &mut Plan, path: &str, stat: Option<&FileStat>, target: &str) {
    if stat.and_then(|stat| stat.link_target.as_deref()) == Some(target) {
        return;
    }
    let after = json!({ "path": path, "src": target });
    plan.changes.push(Change { what: path.to_owned(), after, ..Change::default() });
    plan.calls.push(HostCall::Symlink { target: target.to_owned(), path: path.to_owned(), force: true });
}

/// Plans a file, which gets the first attributes when it is sent and the second when its content is right.
fn plan_file(
    plan: &mut Plan,
    params: &CopyParams,
    path: &str,
    stat: Option<&FileStat>,
    source: &Source,
    (sent, kept): (&Wanted, &Wanted),
    host: &Host,
) -> Result<(), Failure> {
    let attributes = match stat {
        Some(_) if !params.force => return Ok(()),
        Some(stat) if stat.checksum.as_deref() == Some(&source.checksum) => {
            let differing = kept.difference(stat)?;
            if !differing.is_empty() {
                plan.changes.push(differing.change(path));
                plan.calls.push(set(path, differing.attributes, true));
            }
            return Ok(());
        }
        Some(stat) => sent.difference(stat)?.attributes,
        None => sent.for_new(false)?,
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
    Ok(())
}

fn change(path: &str, stat: Option<&FileStat>, source: &Source, host: &Host) -> Result<Change, Failure> {
    let small = stat.is_none_or(|stat| stat.size <= diff::LIMIT as u64 && stat.kind == FileKind::File);
    let bare = Change { what: path.to_owned(), ..Change::default() };
    if !host.about.diff || !small {
        return Ok(bare);
    }
    let before = if stat.is_some() { host.read(path)?.0 } else { Vec::new() };
    let headers = (path.to_owned(), source.label.clone());
    Ok(source.bytes(host)?.map_or(bare, |after| diff::content(path, &before, &after, headers)))
}
