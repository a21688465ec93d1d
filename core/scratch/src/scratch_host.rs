use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use switchover_protocol::{Bytes, Exec, HostCall, HostError, HostReply, Value};

use crate::Programs;
use crate::files::failed;
use crate::paths::Root;
use crate::programs::{line, run};
use crate::whole::whole;

/// A folder that plays a host.
#[derive(Debug)]
pub struct ScratchHost {
    pub(crate) root: Root,
    pub(crate) owners: RefCell<BTreeMap<PathBuf, Owner>>,
    programs: Programs,
    checking: Cell<bool>,
    refused: RefCell<Refused>,
}

/// User and group, as they were set.
pub(crate) type Owner = (Option<String>, Option<String>);

/// What a module asked for and did not get.
#[derive(Clone, Debug, Default)]
struct Refused {
    writes: Vec<String>,
    programs: Vec<String>,
}

impl ScratchHost {
    /// Takes a folder that is there; its content is what is on the host.
    pub fn new(folder: &Path, programs: Programs) -> std::io::Result<Self> {
        Ok(Self {
            root: Root(folder.canonicalize()?),
            owners: RefCell::default(),
            programs,
            checking: Cell::new(false),
            refused: RefCell::default(),
        })
    }

    /// Returns the folder, free of links.
    pub fn folder(&self) -> &Path {
        &self.root.0
    }

    /// While it is `true`, every call that writes is refused, as the engine does while a module only checks.
    pub fn fence(&self, checking: bool) {
        self.checking.set(checking);
    }

    /// Returns the calls that would have written behind the fence, and forgets them.
    pub fn take_refused_writes(&self) -> Vec<String> {
        std::mem::take(&mut self.refused.borrow_mut().writes)
    }

    /// Returns the programs that were not run, and forgets them.
    pub fn take_refused_programs(&self) -> Vec<String> {
        std::mem::take(&mut self.refused.borrow_mut().programs)
    }

    /// Answers a host call.
    pub fn answer(&self, call: &HostCall) -> HostReply {
        if self.checking.get() && call.writes() {
            let call = call.in_words();
            self.refused.borrow_mut().writes.push(call.clone());
            return HostReply::Error(HostError::RefusedDuringCheck { call });
        }
        self.allowed(call).unwrap_or_else(|error| error)
    }

    fn allowed(&self, call: &HostCall) -> Result<HostReply, HostReply> {
        match call {
            HostCall::Exec(exec) => self.exec(exec),
            HostCall::Stat { path, follow, checksum } => self.stat(path, *follow, *checksum),
            HostCall::Read { path, limit } => self.read(path, *limit),
            HostCall::ReadFrom { path, offset, limit } => self.read_from(path, *offset, *limit),
            HostCall::Write(write) => self.write(write),
            HostCall::SetAttributes { path, attributes, recursive, follow } => {
                self.set_attributes(path, attributes, *recursive, *follow)
            }
            HostCall::Remove { path, recursive } => self.remove(path, *recursive),
            HostCall::Mkdir { path, attributes } => self.mkdir(path, attributes),
            HostCall::Symlink { target, path, force } => self.link(target, path, *force, false),
            HostCall::Hardlink { target, path, force } => self.link(target, path, *force, true),
            HostCall::Rename { from, to } => self.rename(from, to),
            HostCall::List { path, recursive } => self.list(path, *recursive),
            HostCall::Checksum { path, algorithm } => self.checksum(path, *algorithm),
            HostCall::Many(calls) => Ok(self.many(calls)),
            HostCall::Log { .. } | HostCall::Progress { .. } => Ok(HostReply::Done),
            HostCall::Render { text, .. } => Ok(HostReply::Value(Value::String(text.clone()))),
            HostCall::ControllerRead { path, .. } => match whole(path) {
                Ok(content) => Ok(HostReply::Content(Bytes(content))),
                Err(error) => Err(failed(&format!("read {path}"), &error)),
            },
            other => Err(HostReply::Error(HostError::Invalid {
                reason: format!("a scratch host cannot answer {}", name(other)),
            })),
        }
    }

    pub(crate) fn exec(&self, exec: &Exec) -> Result<HostReply, HostReply> {
        let line = line(&exec.program);
        if self.programs == Programs::Refuse {
            self.refused.borrow_mut().programs.push(line.clone());
            let stderr = "a scratch host runs no programs".to_owned();
            return Err(HostReply::Error(HostError::Failed { what: format!("run {line}"), rc: 126, stderr }));
        }
        let folder =
            exec.cwd.as_deref().map_or_else(|| Ok(self.root.0.clone()), |cwd| self.root.follow(cwd))?;
        Ok(run(exec, &folder))
    }

    fn many(&self, calls: &[HostCall]) -> HostReply {
        let mut replies = Vec::new();
        for call in calls {
            replies.push(self.answer(call));
            if matches!(replies.last(), Some(HostReply::Error(_))) {
                break;
            }
        }
        HostReply::Many(replies)
    }
}

/// Returns the kind of a call, without what it holds.
fn name(call: &HostCall) -> String {
    let text = format!("{call:?}");
    text.split([' ', '(']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use switchover_protocol::{Attributes, Content, Program, WriteFile};

    use super::*;

    fn host(programs: Programs) -> (tempfile::TempDir, ScratchHost) {
        let folder = tempfile::tempdir().unwrap();
        let host = ScratchHost::new(folder.path(), programs).unwrap();
        (folder, host)
    }

    fn write(path: &str, text: &str) -> HostCall {
        let content = Content::Inline(text.into());
        let (mode, owner) = (Some("0640".into()), Some("www".into()));
        let attributes = Attributes { mode, owner, ..Attributes::default() };
        HostCall::Write(WriteFile {
            path: path.into(),
            content,
            attributes,
            backup: true,
            validate: None,
            follow: true,
        })
    }

    #[test]
    fn files_are_real_and_owners_are_remembered() {
        let (folder, host) = host(Programs::Refuse);
        assert_eq!(
            host.answer(&HostCall::Mkdir { path: "/etc".into(), attributes: Attributes::default() }),
            HostReply::Done
        );
        host.answer(&write("/etc/motd", "one"));
        let HostReply::Written(written) = host.answer(&write("/etc/motd", "two")) else { panic!() };
        assert_eq!(written.backup.as_deref(), Some("/etc/motd.backup~"));
        assert_eq!(std::fs::read_to_string(folder.path().join("etc/motd")).unwrap(), "two");
        assert_eq!(std::fs::read_to_string(folder.path().join("etc/motd.backup~")).unwrap(), "one");
        let call = HostCall::Stat { path: "/etc/motd".into(), follow: false, checksum: None };
        let HostReply::Stat(Some(stat)) = host.answer(&call) else { panic!() };
        assert_eq!((stat.mode, stat.owner.as_str(), stat.size), (0o640, "www", 3));
    }

    #[test]
    fn an_absolute_link_leads_within_the_folder() {
        let (_folder, host) = host(Programs::Refuse);
        host.answer(&write("/a", "text"));
        let link = HostCall::Symlink { target: "/a".into(), path: "/b".into(), force: false };
        assert_eq!(host.answer(&link), HostReply::Done);
        let read = HostCall::Read { path: "/b".into(), limit: 99 };
        assert_eq!(host.answer(&read), HostReply::Content("text".into()));
        let call = HostCall::Stat { path: "/b".into(), follow: false, checksum: None };
        let HostReply::Stat(Some(stat)) = host.answer(&call) else { panic!() };
        assert_eq!(stat.link_target.as_deref(), Some("/a"));
    }

    #[test]
    fn behind_the_fence_nothing_is_written_and_the_attempt_is_remembered() {
        let (folder, host) = host(Programs::Refuse);
        host.fence(true);
        let reply = host.answer(&write("/a", "text"));
        assert!(matches!(reply, HostReply::Error(HostError::RefusedDuringCheck { .. })), "{reply:?}");
        assert_eq!(host.take_refused_writes().len(), 1);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn programs_run_in_the_folder_or_not_at_all() {
        let exec = |text: &str, timeout| {
            let program = Program::Shell { text: text.into(), executable: None };
            HostCall::Exec(Exec { program, stdin: Some("in".into()), timeout, ..Exec::default() })
        };
        let (folder, running) = host(Programs::Run);
        let HostReply::Exec(output) = running.answer(&exec("pwd; cat; exit 3", None)) else { panic!() };
        let here = folder.path().canonicalize().unwrap();
        assert_eq!((output.rc, output.stdout.to_text()), (3, format!("{}\nin", here.display())));
        let HostReply::Exec(output) = running.answer(&exec("exec sleep 9", Some(0))) else { panic!() };
        assert!(output.timed_out);
        let (_folder, refusing) = host(Programs::Refuse);
        assert!(matches!(refusing.answer(&exec("ls", None)), HostReply::Error(_)));
        assert_eq!(refusing.take_refused_programs(), ["ls"]);
    }
}
