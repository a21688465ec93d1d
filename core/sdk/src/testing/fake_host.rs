use std::cell::RefCell;

use switchover_protocol::{
    Algorithm, Attributes, Bytes, Content, ExecOutput, Failure, FileKind, HostCall, HostError, HostReply,
    Map, Operation, Program, Reply, Request, Value, WriteFile, Written,
};

use super::files::{FakeFile, Files, failed};
use crate::export::{Erased as _, Typed};
use crate::{About, Delta, Host, Module, Outcome};

/// A host in memory: files that modules read and write, and programs whose answers the test gives.
///
/// A program that the test did not announce is an error, so a test sees everything that a module runs.
#[derive(Default)]
pub struct FakeHost {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    files: Files,
    commands: Vec<(String, ExecOutput)>,
    calls: Vec<HostCall>,
    checking: bool,
    check_mode: bool,
}

impl FakeHost {
    /// Returns an empty host.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file with mode 0644, owned by root.
    pub fn file(self, path: &str, content: &str) -> Self {
        self.state.borrow_mut().files.put(path, FileKind::File, 0o644, content.as_bytes());
        self
    }

    /// Adds a folder with mode 0755.
    pub fn folder(self, path: &str) -> Self {
        self.state.borrow_mut().files.put(path, FileKind::Directory, 0o755, b"");
        self
    }

    /// Announces a program: its arguments joined by blanks (or the text of a shell script), and its answer.
    pub fn command(self, line: &str, rc: i32, stdout: &str) -> Self {
        self.command_with(line, ExecOutput { rc, stdout: stdout.into(), ..ExecOutput::default() })
    }

    /// Announces a program with its whole answer.
    pub fn command_with(self, line: &str, output: ExecOutput) -> Self {
        self.state.borrow_mut().commands.push((line.to_owned(), output));
        self
    }

    /// Runs in check mode.
    pub fn check_mode(self) -> Self {
        self.state.borrow_mut().check_mode = true;
        self
    }

    /// Asks a module what would change; every write is refused meanwhile.
    pub fn check<M: Module>(&self, arguments: Value) -> Result<Delta, Failure> {
        self.state.borrow_mut().checking = true;
        let reply = self.ask::<M>(arguments, Operation::Check);
        self.state.borrow_mut().checking = false;
        match reply {
            Reply::Delta(delta) => Ok(delta),
            Reply::Failure(failure) => Err(failure),
            Reply::Outcome(_) => unreachable!("a check is answered by a delta or a failure"),
        }
    }

    /// Runs a module as the engine does: `check`, then `apply` unless there is nothing to change.
    pub fn run<M: Module>(&self, arguments: Value) -> Result<Outcome, Failure> {
        let delta = match self.check::<M>(arguments.clone())? {
            Delta::None { result } => return Ok(Outcome { result, ..Outcome::default() }),
            delta => delta,
        };
        match self.ask::<M>(arguments, Operation::Apply { delta }) {
            Reply::Outcome(outcome) => Ok(outcome),
            Reply::Failure(failure) => Err(failure),
            Reply::Delta(_) => unreachable!("an apply is answered by an outcome or a failure"),
        }
    }

    fn ask<M: Module>(&self, arguments: Value, operation: Operation) -> Reply {
        let params = match arguments {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        let check_mode = self.state.borrow().check_mode;
        let request = Request {
            module: M::SPEC.name.to_owned(),
            operation,
            params,
            check_mode,
            diff: true,
            verbosity: 0,
            about: Map::new(),
        };
        let caller = |call: &HostCall| self.answer(call);
        let about = About { check_mode, diff: true, ..About::default() };
        Typed::<M>::default().answer(&request, &Host::new(&caller, &|| false, about))
    }

    /// Returns a file's content as text; `None` when there is no such file.
    pub fn content(&self, path: &str) -> Option<String> {
        let state = self.state.borrow();
        state.files.0.get(path).map(|file| String::from_utf8_lossy(&file.content).into_owned())
    }

    /// Returns a path of the host.
    pub fn path(&self, path: &str) -> Option<FakeFile> {
        self.state.borrow().files.0.get(path).cloned()
    }

    /// Returns every call so far.
    pub fn calls(&self) -> Vec<HostCall> {
        self.state.borrow().calls.clone()
    }

    /// Returns the programs that were run, as lines.
    pub fn programs(&self) -> Vec<String> {
        self.calls()
            .iter()
            .filter_map(|call| if let HostCall::Exec(e) = call { Some(line(&e.program)) } else { None })
            .collect()
    }

    fn answer(&self, call: &HostCall) -> HostReply {
        let mut state = self.state.borrow_mut();
        state.calls.push(call.clone());
        if state.checking && call.writes() {
            return HostReply::Error(HostError::RefusedDuringCheck { call: format!("{call:?}") });
        }
        state.answer(call)
    }
}

impl State {
    fn answer(&mut self, call: &HostCall) -> HostReply {
        match call {
            HostCall::Exec(exec) => self.exec(&line(&exec.program)),
            HostCall::Stat { path, follow, checksum } => self.stat(path, *follow, *checksum),
            HostCall::Read { path, limit } => self.read(path, *limit),
            HostCall::Write(file) => self.write(file),
            HostCall::SetAttributes { path, attributes, .. } => self.attributes(path, attributes),
            HostCall::Remove { path, recursive } => self.files.remove(path, *recursive),
            HostCall::Mkdir { path, attributes } => {
                if !self.files.0.contains_key(path) {
                    self.files.put(path, FileKind::Directory, 0o755, b"");
                }
                self.attributes(path, attributes)
            }
            HostCall::Symlink { target, path, .. } => {
                self.files.put(path, FileKind::Link, 0o777, b"");
                if let Some(file) = self.files.0.get_mut(path) {
                    file.stat.link_target = Some(target.clone());
                }
                HostReply::Done
            }
            HostCall::Rename { from, to } => match self.files.0.remove(from) {
                Some(file) => {
                    self.files.0.insert(to.clone(), file);
                    HostReply::Done
                }
                None => failed(&format!("rename {from}"), "No such file or directory"),
            },
            HostCall::List { path, recursive } => self.files.list(path, *recursive),
            HostCall::Many(calls) => self.many(calls),
            HostCall::Log { .. } | HostCall::Progress { .. } => HostReply::Done,
            HostCall::Render { text, .. } => HostReply::Value(Value::String(text.clone())),
            other => HostReply::Error(HostError::Invalid {
                reason: format!("a fake host cannot answer {other:?}"),
            }),
        }
    }

    fn exec(&mut self, line: &str) -> HostReply {
        match self.commands.iter().find(|(announced, _)| announced == line) {
            Some((_, output)) => HostReply::Exec(output.clone()),
            None => HostReply::Error(HostError::Invalid {
                reason: format!("the test announced no program `{line}`"),
            }),
        }
    }

    fn many(&mut self, calls: &[HostCall]) -> HostReply {
        let mut replies = Vec::new();
        for call in calls {
            let reply = self.answer(call);
            let failed = matches!(reply, HostReply::Error(_));
            replies.push(reply);
            if failed {
                break;
            }
        }
        HostReply::Many(replies)
    }

    fn stat(&self, path: &str, follow: bool, checksum: Option<Algorithm>) -> HostReply {
        let path = if follow { self.files.resolve(path) } else { path.to_owned() };
        let found = self.files.0.get(&path).map(|file| {
            let mut stat = file.stat.clone();
            stat.checksum = checksum
                .filter(|_| stat.kind == FileKind::File)
                .map(|algorithm| format!("{algorithm:?}-of-{}", String::from_utf8_lossy(&file.content)));
            Box::new(stat)
        });
        HostReply::Stat(found)
    }

    fn read(&self, path: &str, limit: u64) -> HostReply {
        match self.files.0.get(&self.files.resolve(path)) {
            Some(file) if file.content.len() as u64 > limit => HostReply::Error(HostError::TooLarge {
                path: path.to_owned(),
                size: file.content.len() as u64,
                limit,
            }),
            Some(file) => HostReply::Content(Bytes(file.content.clone())),
            None => failed(&format!("read {path}"), "No such file or directory"),
        }
    }

    fn write(&mut self, write: &WriteFile) -> HostReply {
        let Content::Inline(content) = &write.content else {
            return HostReply::Error(HostError::Invalid {
                reason: "a fake host takes inline content only".into(),
            });
        };
        let path = if write.follow { self.files.resolve(&write.path) } else { write.path.clone() };
        let old = self.files.0.get(&path).cloned();
        let mode = old.as_ref().map_or(0o644, |file| file.stat.mode);
        self.files.put(&path, FileKind::File, mode, &content.0);
        self.attributes(&path, &write.attributes);
        let backup = old.filter(|_| write.backup).map(|file| {
            let name = format!("{path}.backup~");
            self.files.put(&name, FileKind::File, file.stat.mode, &file.content);
            name
        });
        HostReply::Written(Written { backup })
    }

    fn attributes(&mut self, path: &str, attributes: &Attributes) -> HostReply {
        let Some(file) = self.files.0.get_mut(path) else {
            return failed(&format!("set attributes of {path}"), "No such file or directory");
        };
        if let Some(bits) = attributes.mode.as_deref().and_then(|mode| u32::from_str_radix(mode, 8).ok()) {
            file.stat.mode = bits;
        }
        if let Some(owner) = &attributes.owner {
            file.stat.owner = owner.clone();
        }
        if let Some(group) = &attributes.group {
            file.stat.group = group.clone();
        }
        HostReply::Done
    }
}

fn line(program: &Program) -> String {
    match program {
        Program::Argv(argv) => argv.join(" "),
        Program::Shell { text, .. } => text.clone(),
    }
}
