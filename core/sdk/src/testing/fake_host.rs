use std::cell::RefCell;

use switchover_protocol::{ExecOutput, Failure, FileKind, HostCall, HostError, HostReply, Value};

use super::answers::{Announced, State, line};
use super::asking::{self, Asked};
use super::files::FakeFile;
use crate::{About, Delta, Module, Outcome};

/// A host in memory: files that modules read and write, and programs whose answers the test gives.
///
/// A program that the test did not announce is an error, so a test sees everything that a module runs.
#[derive(Default)]
pub struct FakeHost {
    state: RefCell<State>,
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
        self.announce(line, false, false, output)
    }

    /// Announces any program that contains this text.
    pub fn script(self, part: &str, output: ExecOutput) -> Self {
        self.announce(part, true, false, output)
    }

    /// Announces a program that contains this text for one time; the next answer is that of the next announcement.
    pub fn script_once(self, part: &str, output: ExecOutput) -> Self {
        self.announce(part, true, true, output)
    }

    fn announce(self, line: &str, part: bool, once: bool, output: ExecOutput) -> Self {
        self.state.borrow_mut().commands.push(Announced { line: line.to_owned(), part, once, output });
        self
    }

    /// Adds a symbolic link.
    pub fn link(self, path: &str, target: &str) -> Self {
        self.state.borrow_mut().files.link(path, target);
        self
    }

    /// Gives a path that is there other permission bits.
    pub fn mode(self, path: &str, bits: u32) -> Self {
        if let Some(file) = self.state.borrow_mut().files.0.get_mut(path) {
            file.stat.mode = bits;
        }
        self
    }

    /// Adds a file of the controller, by its absolute path. A search for `x` in `files` finds `/play/files/x`.
    pub fn controller_file(self, path: &str, content: &str) -> Self {
        self.state.borrow_mut().controller.insert(path.to_owned(), content.as_bytes().to_vec());
        self
    }

    /// Sets what the module may know of its task, such as `inventory_hostname`.
    pub fn about(self, name: &str, value: Value) -> Self {
        self.state.borrow_mut().about.insert(name.to_owned(), value);
        self
    }

    /// Runs in check mode.
    pub fn check_mode(self) -> Self {
        self.state.borrow_mut().check_mode = true;
        self
    }

    /// Makes every call that speaks of this path, or of a program with this text, fail; `stderr` is what the host says.
    pub fn fault(self, about: &str, stderr: &str) -> Self {
        let what = format!("reach {about}");
        self.fault_with(about, HostError::Failed { what, rc: 1, stderr: stderr.to_owned() })
    }

    /// Makes every call that speaks of this path, or of a program with this text, be answered by an error, such as
    /// `HostError::Lost` for a connection that breaks.
    pub fn fault_with(self, about: &str, error: HostError) -> Self {
        self.state.borrow_mut().faults.push((about.to_owned(), error));
        self
    }

    /// Asks a module what would change; every write is refused meanwhile.
    pub fn check<M: Module>(&self, arguments: Value) -> Result<Delta, Failure> {
        asking::check::<M>(self, arguments)
    }

    /// Runs a module as the engine does: `check`, then `apply` unless there is nothing to change.
    pub fn run<M: Module>(&self, arguments: Value) -> Result<Outcome, Failure> {
        asking::run::<M>(self, arguments)
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

    /// Returns a file of the controller as text, such as one that was fetched.
    pub fn controller_content(&self, path: &str) -> Option<String> {
        let state = self.state.borrow();
        state.controller.get(path).map(|content| String::from_utf8_lossy(content).into_owned())
    }

    /// Returns how often the host was asked; calls of the controller cost nothing.
    pub fn round_trips(&self) -> usize {
        self.state.borrow().calls.iter().filter(|call| !call.is_for_controller()).count()
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
}

impl Asked for FakeHost {
    fn answer(&self, call: &HostCall) -> HostReply {
        let mut state = self.state.borrow_mut();
        state.calls.push(call.clone());
        if state.checking && call.writes() {
            return HostReply::Error(HostError::RefusedDuringCheck { call: call.in_words() });
        }
        state.answer(call)
    }

    fn fence(&self, checking: bool) {
        self.state.borrow_mut().checking = checking;
    }

    fn about(&self) -> About {
        let state = self.state.borrow();
        About { check_mode: state.check_mode, diff: true, facts: state.about.clone(), ..About::default() }
    }
}
