//! A host that is this machine, for tests that need a real git, tar or unzip.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command as Process, Stdio};

use switchover_sdk::prelude::*;
use switchover_sdk::{About, Exec, HostCall, HostReply, Program};
use tempfile::TempDir;

/// Runs modules on this machine; programs see a home that is empty.
pub struct Local {
    pub folder: TempDir,
    pub check_mode: bool,
}

impl Local {
    pub fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), check_mode: false }
    }

    /// Returns a path in the test's own folder.
    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Runs a script in the test's own folder; it must succeed.
    pub fn sh(&self, text: &str) -> String {
        let output = self.process("sh").args(["-e", "-c", text]).output().unwrap();
        assert!(output.status.success(), "{text}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn process(&self, program: &str) -> Process {
        let mut process = Process::new(program);
        process.current_dir(self.folder.path()).env("HOME", self.folder.path());
        process
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("GIT_CONFIG_GLOBAL")
            .env("GIT_ALLOW_PROTOCOL", "file");
        process
    }

    /// Runs a module as the engine does.
    pub fn run<M: Module>(&self, arguments: Value) -> Result<Outcome, Failure> {
        let caller = |call: &HostCall| self.answer(call);
        let about = About { check_mode: self.check_mode, ..About::default() };
        let host = Host::new(&caller, &|| false, about);
        let Value::Object(params) = arguments else { panic!("arguments are a mapping") };
        let params = M::Params::parse(&params).unwrap();
        match M::check(&params, &host)? {
            Delta::None { result } => Ok(Outcome { result, ..Outcome::default() }),
            Delta::Some { result, .. } if self.check_mode => {
                Ok(Outcome { changed: true, result, ..Outcome::default() })
            }
            delta => M::apply(&params, &delta, &host),
        }
    }

    fn answer(&self, call: &HostCall) -> HostReply {
        match call {
            HostCall::Many(calls) => HostReply::Many(calls.iter().map(|call| self.answer(call)).collect()),
            HostCall::Exec(exec) => HostReply::Exec(self.exec(exec)),
            HostCall::Mkdir { path, .. } => {
                std::fs::create_dir_all(path).unwrap();
                HostReply::Done
            }
            HostCall::Remove { path, .. } => {
                std::fs::remove_dir_all(path).unwrap();
                HostReply::Done
            }
            HostCall::Write(WriteFile { path, content: Content::Controller(from), .. }) => {
                std::fs::copy(from, path).unwrap();
                HostReply::Written(Default::default())
            }
            HostCall::Stat { path, .. } => HostReply::Stat(stat(path)),
            HostCall::ControllerFile { path, .. } => HostReply::ControllerFile {
                path: path.clone(),
                size: 0,
                is_dir: Path::new(path).is_dir(),
                checksum: None,
            },
            other => panic!("a test asked for {other:?}"),
        }
    }

    fn exec(&self, exec: &Exec) -> ExecOutput {
        let Program::Argv(argv) = &exec.program else { panic!("no arguments") };
        let mut process = self.process(&argv[0]);
        process.args(&argv[1..]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = process.spawn().unwrap();
        let input = exec.stdin.clone().unwrap_or_default();
        // A program may end without reading its input.
        let _ = child.stdin.take().unwrap().write_all(&input.0);
        let output = child.wait_with_output().unwrap();
        let rc = output.status.code().unwrap_or(128);
        ExecOutput { rc, stdout: output.stdout.into(), stderr: output.stderr.into(), ..ExecOutput::default() }
    }
}

fn stat(path: &str) -> Option<Box<FileStat>> {
    let found = std::fs::metadata(path).ok()?;
    let mode = found.permissions().mode() & 0o7777;
    Some(Box::new(FileStat { kind: FileKind::Directory, mode, size: found.len(), ..FileStat::default() }))
}

/// Returns whether a tool is on this machine, and prints that a test is skipped when it is not.
pub fn has(tool: &str) -> bool {
    let found =
        Process::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        println!("skipped: {tool} is not on this machine");
    }
    found
}
