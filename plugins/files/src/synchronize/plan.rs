use std::collections::{BTreeMap, BTreeSet};

use switchover_sdk::prelude::*;
use switchover_sdk::script::script;
use switchover_sdk::{Algorithm, HostCall, from_value};

use super::side::Side;
use super::{SynchronizeParams, What};
use crate::mode;
use crate::steps;
use crate::walk::join;

/// A source and what is at its destination.
pub struct Sync<'a> {
    pub params: &'a SynchronizeParams,
    pub what: &'a What,
    pub from: &'a Side,
    pub to: &'a Side,
}

/// What has to be done, in the order in which it is done.
#[derive(Default)]
struct Plan {
    calls: Vec<HostCall>,
    /// Lines as rsync itemizes them.
    lines: Vec<String>,
    /// Seconds, path: set last, because work in a folder changes its time.
    times: Vec<String>,
    /// Owner by name and by number, group by name and by number, path.
    owners: Vec<String>,
}

/// So many paths are asked for their checksum in one round trip.
const AT_ONCE: usize = 500;

/// `SECONDS PATH` pairs.
const TOUCH: &str = r#"while [ $# -gt 0 ]; do touch -m -d "@$1" -- "$2" || exit; shift 2; done"#;

/// `OWNER UID GROUP GID PATH`; empty words stay. A name that the host does not know is set by its number.
const CHOWN: &str = r#"while [ $# -gt 0 ]; do
if [ -n "$2" ]; then chown -h -- "${1:-$2}" "$5" 2>/dev/null || chown -h -- "$2" "$5" || exit; fi
if [ -n "$4" ]; then chgrp -h -- "${3:-$4}" "$5" 2>/dev/null || chgrp -h -- "$4" "$5" || exit; fi
shift 5; done"#;

impl Sync<'_> {
    /// Returns what differs, and what `apply` has to do.
    pub fn delta(&self, host: &Host) -> Result<Delta, Failure> {
        let names = self.names(host)?;
        let same = self.same_content(host)?;
        let mut plan = Plan::default();
        self.delete(&mut plan);
        for (relative, source) in &self.from.items {
            let there = self.to.items.get(relative);
            if there.is_none() && self.params.existing_only {
                continue;
            }
            self.item(relative, source, there, &same, names.as_ref(), &mut plan)?;
        }
        let result = json!({ "msg": plan.lines.join("\n"), "rc": 0, "stdout_lines": plan.lines });
        if plan.lines.is_empty() {
            return Ok(Delta::none_with(result));
        }
        let change = |line: &String| Change { what: line.clone(), ..Change::default() };
        let changes = plan.lines.iter().map(change).collect();
        if !plan.owners.is_empty() {
            plan.calls.push(HostCall::Exec(script(CHOWN, &plan.owners).into_exec()));
        }
        if !plan.times.is_empty() {
            plan.calls.push(HostCall::Exec(script(TOUCH, &plan.times).into_exec()));
        }
        Ok(Delta::changes(changes).with_result(result).with_state(json!(plan.calls)))
    }

    fn item(
        &self,
        relative: &str,
        source: &FileStat,
        there: Option<&FileStat>,
        same: &BTreeSet<String>,
        names: Option<&Names>,
        plan: &mut Plan,
    ) -> Result<(), Failure> {
        let path = join(&self.to.root, relative);
        let shown = if relative.is_empty() { "./" } else { relative };
        let there = there.filter(|there| there.kind == source.kind);
        if there.is_none() && self.to.items.contains_key(relative) {
            plan.calls.push(HostCall::Remove { path: path.clone(), recursive: true });
        }
        let wanted_mode = match there {
            Some(there) if !self.what.perms => there.mode,
            // A new path without kept permissions has those of its source, as far as the umask lets it.
            None if !self.what.perms => source.mode & mode::of_new(true),
            _ => source.mode,
        };
        let mode_differs =
            there.is_none_or(|there| there.mode != wanted_mode) && source.kind != FileKind::Link;
        let attributes =
            Attributes { mode: mode_differs.then(|| mode::octal(wanted_mode)), ..Attributes::default() };
        let is_folder = source.kind == FileKind::Directory;
        let keeps_time = match source.kind {
            FileKind::Link => false,
            FileKind::Directory => self.what.folder_times,
            _ => self.what.times,
        };
        let time_differs =
            keeps_time && there.is_none_or(|there| there.mtime.floor() != source.mtime.floor());
        let owner = names.and_then(|names| names.differing(source, there, self.what));
        let sends = match source.kind {
            FileKind::Directory => there.is_none(),
            FileKind::Link => there.is_none_or(|there| there.link_target != source.link_target),
            _ => there.is_none() || !same.contains(relative),
        };
        if sends {
            plan.calls.push(self.send(relative, source, path.clone(), attributes));
        } else if attributes.mode.is_some() {
            plan.calls.push(HostCall::SetAttributes {
                path: path.clone(),
                attributes,
                recursive: false,
                follow: false,
            });
        }
        if time_differs || (keeps_time && sends) || is_folder && keeps_time {
            plan.times.extend([format!("{:.0}", source.mtime.floor()), path.clone()]);
        }
        if let Some(owner) = &owner {
            plan.owners.extend(owner.iter().cloned().chain([path]));
        }
        if sends || mode_differs || time_differs || owner.is_some() {
            plan.lines.push(itemized(
                source,
                there,
                shown,
                [sends, time_differs, mode_differs, owner.is_some()],
            ));
        }
        Ok(())
    }

    fn send(&self, relative: &str, source: &FileStat, path: String, attributes: Attributes) -> HostCall {
        let from = self.from.path(relative);
        match source.kind {
            FileKind::Directory => HostCall::Mkdir { path, attributes },
            FileKind::Link => HostCall::Symlink {
                target: source.link_target.clone().unwrap_or_default(),
                path,
                force: true,
            },
            _ => HostCall::Write(WriteFile {
                path,
                content: if self.from.on_host { Content::Host(from) } else { Content::Controller(from) },
                attributes,
                backup: false,
                validate: None,
                follow: false,
            }),
        }
    }

    /// What only the destination has goes, the deepest first; what is left alone stays.
    fn delete(&self, plan: &mut Plan) {
        if !self.params.delete || self.from.items.get("").is_none_or(|root| root.kind != FileKind::Directory)
        {
            return;
        }
        let goes = |path: &String, stat: &FileStat| {
            !path.is_empty()
                && !self.from.items.contains_key(path)
                && !self.what.excludes.leaves(path, stat.kind == FileKind::Directory)
        };
        for (relative, stat) in self.to.items.iter().rev().filter(|(path, stat)| goes(path, stat)) {
            let is_folder = stat.kind == FileKind::Directory;
            let below = format!("{relative}/");
            let keeps = self.to.items.range(below.clone()..).take_while(|(path, _)| path.starts_with(&below));
            // A folder that holds something excluded stays.
            if is_folder && keeps.into_iter().any(|(path, stat)| !goes(path, stat)) {
                continue;
            }
            plan.lines.push(format!("*deleting   {relative}{}", if is_folder { "/" } else { "" }));
            plan.calls.push(HostCall::Remove { path: join(&self.to.root, relative), recursive: is_folder });
        }
    }

    /// Returns the files that are the same on both sides: by size and time, else by a checksum of what has the same size.
    fn same_content(&self, host: &Host) -> Result<BTreeSet<String>, Failure> {
        let mut same = BTreeSet::new();
        let mut asked: Vec<(&String, &FileStat)> = Vec::new();
        for (relative, source) in self.from.items.iter().filter(|(_, stat)| stat.kind == FileKind::File) {
            let Some(there) = self
                .to
                .items
                .get(relative)
                .filter(|there| there.kind == FileKind::File && there.size == source.size)
            else {
                continue;
            };
            if there.mtime.floor() == source.mtime.floor() && !self.params.checksum {
                same.insert(relative.clone());
            } else {
                asked.push((relative, source));
            }
        }
        for some in asked.chunks(AT_ONCE) {
            let sum = |path: String| steps::stat(&path, false, Some(Algorithm::Sha1));
            let there = steps::stats(
                some.iter().map(|(relative, _)| sum(join(&self.to.root, relative))).collect(),
                host,
            )?;
            let here: Vec<Option<String>> = if self.from.on_host {
                let stats = steps::stats(
                    some.iter().map(|(relative, _)| sum(self.from.path(relative))).collect(),
                    host,
                )?;
                stats.into_iter().map(|stat| stat.and_then(|stat| stat.checksum)).collect()
            } else {
                some.iter()
                    .map(|(relative, source)| self.controller_sum(relative, source, host))
                    .collect::<Result<_, _>>()?
            };
            for ((relative, _), (there, here)) in some.iter().zip(there.into_iter().zip(here)) {
                if here.is_some() && there.and_then(|there| there.checksum) == here {
                    same.insert((*relative).clone());
                }
            }
        }
        Ok(same)
    }

    fn controller_sum(
        &self,
        relative: &str,
        source: &FileStat,
        host: &Host,
    ) -> Result<Option<String>, Failure> {
        let path = self.from.path(relative);
        let file = switchover_sdk::ControllerFile { path, size: source.size, is_dir: false, checksum: None };
        host.controller_checksum(&file).map(Some)
    }

    /// Returns the names of owners, when they are kept: only root can, and others leave them as rsync does.
    fn names(&self, host: &Host) -> Result<Option<Names>, Failure> {
        if !self.what.owner && !self.what.group {
            return Ok(None);
        }
        let is_root = host.output(&Command::new(["id", "-u"]).reads())?.trim() == "0";
        Ok(is_root.then(|| Names::of_controller(self.from.on_host)))
    }
}

/// Names of users and groups by their numbers, on the side of the source.
struct Names {
    users: BTreeMap<u32, String>,
    groups: BTreeMap<u32, String>,
}

impl Names {
    /// Reads the controller's own lists; on the host the source knows its names.
    fn of_controller(on_host: bool) -> Self {
        let read = |path: &str| {
            let text =
                if on_host { String::new() } else { std::fs::read_to_string(path).unwrap_or_default() };
            let entry = |line: &str| {
                let mut fields = line.split(':');
                let name = fields.next()?.to_owned();
                Some((fields.nth(1)?.parse().ok()?, name))
            };
            text.lines().filter_map(entry).collect()
        };
        Self { users: read("/etc/passwd"), groups: read("/etc/group") }
    }

    /// Returns owner and group, each by name and number, where one differs; empty words for what stays.
    fn differing(&self, source: &FileStat, there: Option<&FileStat>, what: &What) -> Option<[String; 4]> {
        let name = |known: &BTreeMap<u32, String>, number: u32, own: &str| {
            if own.is_empty() { known.get(&number).cloned().unwrap_or_default() } else { own.to_owned() }
        };
        let (user, group) =
            (name(&self.users, source.uid, &source.owner), name(&self.groups, source.gid, &source.group));
        let owner_differs = what.owner
            && there.is_none_or(|there| there.uid != source.uid && (user.is_empty() || there.owner != user));
        let group_differs = what.group
            && there
                .is_none_or(|there| there.gid != source.gid && (group.is_empty() || there.group != group));
        let word = |wanted: bool, text: String| if wanted { text } else { String::new() };
        (owner_differs || group_differs).then(|| {
            [
                word(owner_differs, user),
                word(owner_differs, source.uid.to_string()),
                word(group_differs, group),
                word(group_differs, source.gid.to_string()),
            ]
        })
    }
}

/// Returns a line as `rsync --itemize-changes` writes it.
fn itemized(source: &FileStat, there: Option<&FileStat>, shown: &str, differs: [bool; 4]) -> String {
    let [sends, time, mode, owner] = differs;
    let (kind, slash) = match source.kind {
        FileKind::Directory => ("d", if shown.ends_with('/') { "" } else { "/" }),
        FileKind::Link => ("L", ""),
        _ => ("f", ""),
    };
    let leads = source.link_target.as_ref().map_or_else(String::new, |target| format!(" -> {target}"));
    let Some(there) = there else {
        let how = if kind == "f" { "<" } else { "c" };
        return format!("{how}{kind}+++++++++ {shown}{slash}{leads}");
    };
    let how = match (sends, kind) {
        (true, "f") => "<",
        (true, _) => "c",
        (false, _) => ".",
    };
    let flag = |on: bool, letter: char| if on { letter } else { '.' };
    let size = flag(kind == "f" && there.size != source.size, 's');
    format!(
        "{how}{kind}{}{size}{}{}{}.... {shown}{slash}{leads}",
        flag(sends && kind == "f", 'c'),
        flag(time, 't'),
        flag(mode, 'p'),
        flag(owner, 'o')
    )
}

/// Does what was planned.
pub fn apply(delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
    let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
    let calls: Vec<HostCall> = from_value(state.clone())
        .map_err(|error| Failure::new(format!("the plan of `check` cannot be read: {error}")))?;
    for reply in host.many(calls)? {
        if let switchover_sdk::HostReply::Exec(output) = reply
            && output.rc != 0
        {
            let stderr = output.stderr.to_text();
            return Err(Failure::new(format!("times or owners could not be set: {}", stderr.trim()))
                .with("rc", output.rc));
        }
    }
    Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
}
