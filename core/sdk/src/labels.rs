//! SELinux contexts and chattr's flags of the file a module keeps, for every module that has [`FileAttributes`].
//!
//! The first host call of such a task also asks whether the host has SELinux, so a task that names a context costs
//! nothing where it has not.

use std::cell::Cell;

use switchover_protocol::{Change, Delta, Exec, Failure, HostCall, HostReply, Map, Outcome, Value};

use crate::script::{MARK, MISSING, missing, sections};
use crate::{Command, FileAttributes, Host, Params, json};

/// Looks at paths and sets what differs; its head says which words it takes.
const SCRIPT: &str = include_str!("labels/labels.sh");

/// Says `on` where the kernel holds contexts.
const ASK: &str = "if command -v selinuxenabled >/dev/null 2>&1; then selinuxenabled && echo on
else grep -q ' /sys/fs/selinux selinuxfs rw' /proc/mounts 2>/dev/null && echo on; fi
exit 0";

/// Runs the script for a folder and all that is below it.
const BELOW: &str = r#"[ ! -d "$1" ] || exec find "$@""#;

/// The exit code of the script for a folder that is not to be labelled.
const FOLDER: i32 = 65;

/// What a delta holds whose module found nothing to change.
const ONLY_LABELS: &str = "only labels";

/// What a task asks for.
pub struct Labels<'a> {
    /// User, role, type, level.
    context: [String; 4],
    flags: String,
    arguments: &'a Map,
    /// The module is about folders too, not only about a file.
    folders: bool,
    selinux: Cell<Option<bool>>,
}

/// A path as the script tells of it.
struct Told {
    kind: String,
    path: String,
    before: String,
    after: String,
}

impl<'a> Labels<'a> {
    /// Returns what a task of a module with these parameters asks for; `None` for nearly all tasks.
    pub fn asked<P: Params>(arguments: &'a Map) -> Option<Self> {
        const NAMES: [&str; 6] = ["seuser", "serole", "setype", "selevel", "attributes", "attr"];
        if !NAMES.iter().any(|name| arguments.get(*name).is_some_and(|value| !value.is_null())) {
            return None;
        }
        let specs = P::specs();
        if !FileAttributes::specs().iter().all(|spec| specs.contains(spec)) {
            return None;
        }
        let given = FileAttributes::parse(arguments).ok()?;
        let context =
            [given.seuser, given.serole, given.setype, given.selevel].map(Option::unwrap_or_default);
        let folders = specs.iter().any(|spec| spec.name == "recurse");
        let flags = given.flags.unwrap_or_default();
        Some(Self { context, flags, arguments, folders, selinux: Cell::new(None) })
    }

    /// Makes a call for the module; the first to the host also learns whether it has SELinux.
    pub fn call(&self, call: &HostCall, host: &Host) -> HostReply {
        let alone =
            call.is_for_controller() || matches!(call, HostCall::JobStart { .. } | HostCall::JobPoll { .. });
        if alone || self.selinux.get().is_some() || !self.wants_context() {
            return host.ask(call);
        }
        let (calls, many) = match call {
            HostCall::Many(calls) => (calls.clone(), true),
            call => (vec![call.clone()], false),
        };
        let asking = std::iter::once(HostCall::Exec(ask())).chain(calls).collect();
        match host.ask(&HostCall::Many(asking)) {
            HostReply::Many(mut replies) if !replies.is_empty() => {
                let said = replies.remove(0);
                if matches!(said, HostReply::Error(_)) {
                    return said;
                }
                self.learn(&said);
                if many {
                    HostReply::Many(replies)
                } else {
                    replies.into_iter().next().unwrap_or(HostReply::Done)
                }
            }
            other => other,
        }
    }

    /// Adds to what a module found.
    pub fn check(&self, delta: Delta, host: &Host) -> Result<Delta, Failure> {
        let (result, changes) = match &delta {
            Delta::Unknown { .. } => return Ok(delta),
            Delta::None { result } => (result, None),
            Delta::Some { result, changes, .. } => (result, Some(changes)),
        };
        let told = self.run("look", self.path(result, changes), host)?;
        let found = self.changes(&told);
        Ok(match delta {
            Delta::None { result } if found.is_empty() => Delta::None { result: self.result(result, &told) },
            Delta::None { result } => Delta::Some { changes: found, result, state: json!(ONLY_LABELS) },
            Delta::Some { mut changes, result, state } => {
                changes.extend(found);
                Delta::Some { changes, result, state }
            }
            unknown => unknown,
        })
    }

    /// Returns what stands for the module's work where `check` found nothing for it to do.
    pub fn instead(delta: &Delta) -> Option<Outcome> {
        match delta {
            Delta::Some { result, state, .. } if state == ONLY_LABELS => {
                Some(Outcome { result: result.clone(), ..Outcome::default() })
            }
            _ => None,
        }
    }

    /// Labels what a module made, or left.
    pub fn apply(&self, outcome: Outcome, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let changes = if let Delta::Some { changes, .. } = delta { Some(changes) } else { None };
        let told = self.run("set", self.path(&outcome.result, changes), host)?;
        let changed = outcome.changed || !self.changes(&told).is_empty();
        let result = self.result(outcome.result, &told);
        Ok(Outcome { changed, result, ..outcome })
    }

    fn wants_context(&self) -> bool {
        self.context.iter().any(|part| !part.is_empty())
    }

    fn learn(&self, reply: &HostReply) {
        let on = matches!(reply, HostReply::Exec(output) if output.stdout.to_text().trim() == "on");
        self.selinux.set(Some(on));
    }

    /// Returns the path that the module is about: what its result says, or its argument.
    fn path(&self, result: &Map, changes: Option<&Vec<Change>>) -> Option<String> {
        let named = |map: &Map, names: &[&str]| {
            names.iter().find_map(|name| map.get(*name)?.as_str().map(str::to_owned))
        };
        named(result, &["path", "dest"])
            .or_else(|| named(self.arguments, &["path", "dest", "destfile", "name"]))
            .or_else(|| changes?.first().map(|change| change.what.clone()))
            .filter(|path| path.starts_with('/'))
    }

    fn run(&self, what: &str, path: Option<String>, host: &Host) -> Result<Vec<Told>, Failure> {
        if self.wants_context() && self.selinux.get().is_none() {
            self.learn(&host.call(HostCall::Exec(ask()))?);
        }
        let selinux = self.selinux.get() == Some(true);
        let Some(path) = path.filter(|_| selinux || !self.flags.is_empty()) else { return Ok(Vec::new()) };
        let flag = |on: bool| if on { "1" } else { "" };
        let link = self.arguments.get("state").is_some_and(|state| state == "link");
        let below = self.folders && self.arguments.get("recurse").is_some_and(truth);
        let words = [what, flag(!link && !below)].into_iter().chain(self.context.iter().map(String::as_str));
        let words = words.chain([&*self.flags, flag(selinux), flag(self.folders)]);
        let script = ["sh", "-c", SCRIPT, "sh"].into_iter().chain(words);
        let command = if below {
            let below = ["sh", "-c", BELOW, "sh", &format!("{path}/"), "-exec"];
            Command::new(below.into_iter().chain(script).chain(["{}", "+"]))
        } else {
            Command::new(script.chain([path.as_str()]))
        };
        let output = host.exec(&if what == "look" { command.reads() } else { command })?;
        match output.rc {
            0 => Ok(sections(&output.stdout.to_text()).into_iter().filter_map(Told::read).collect()),
            MISSING => Err(missing(output.stdout.to_text().rsplit(MARK).next().unwrap_or_default())),
            FOLDER => Err(Failure::new(format!("contexts and flags of what is in {path} are not set here"))
                .remedy("give them with a task of `file` with `recurse: true`")),
            rc => {
                let stderr = output.stderr.to_text();
                let msg = format!("the context or the flags of {path} cannot be set: {}", stderr.trim());
                Err(Failure::new(msg).with("path", path).with("rc", rc))
            }
        }
    }

    fn changes(&self, told: &[Told]) -> Vec<Change> {
        told.iter().filter(|told| told.before != told.after).map(Told::change).collect()
    }

    /// Adds the keys that Ansible gives.
    fn result(&self, mut result: Map, told: &[Told]) -> Map {
        for told in told.iter().take(2).filter(|told| told.kind == "context") {
            result.insert("secontext".into(), json!(told.after));
        }
        result
    }
}

impl Told {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('\u{1f}').map(str::to_owned);
        Some(Self { kind: parts.next()?, path: parts.next()?, before: parts.next()?, after: parts.next()? })
    }

    fn change(&self) -> Change {
        let key = if self.kind == "context" { "secontext" } else { "attributes" };
        let value = |text: &str| match key {
            "secontext" => json!(text.splitn(4, ':').collect::<Vec<_>>()),
            _ => json!(text),
        };
        let side = |text: &str| json!({ "path": self.path, key: value(text) });
        Change {
            what: self.path.clone(),
            before: side(&self.before),
            after: side(&self.after),
            ..Change::default()
        }
    }
}

fn ask() -> Exec {
    Command::new(["sh", "-c", ASK]).reads().into_exec()
}

fn truth(value: &Value) -> bool {
    value == true
        || value
            .as_str()
            .is_some_and(|text| matches!(text.to_lowercase().as_str(), "yes" | "true" | "on" | "1"))
}

#[cfg(test)]
mod tests;
