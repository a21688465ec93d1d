use std::io::{Read, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use switchover_protocol::{Bytes, Exec, ExecOutput, HostError, HostReply, Program};

/// Whether programs are run. They are those of this machine, and see its files, not only the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Programs {
    Run,
    /// Each is an error, and is remembered.
    Refuse,
}

/// Returns a program as one line.
pub(crate) fn line(program: &Program) -> String {
    match program {
        Program::Argv(argv) => argv.join(" "),
        Program::Shell { text, .. } => text.clone(),
    }
}

/// Runs a program in a folder and waits for its end.
pub(crate) fn run(exec: &Exec, folder: &Path) -> HostReply {
    let mut command = match &exec.program {
        Program::Argv(argv) => {
            let mut command = Command::new(argv.first().map(String::as_str).unwrap_or_default());
            command.args(argv.iter().skip(1));
            command
        }
        Program::Shell { text, executable } => {
            let mut command = Command::new(executable.as_deref().unwrap_or("/bin/sh"));
            command.args(["-c", text]);
            command
        }
    };
    let stdin = if exec.stdin.is_some() { Stdio::piped() } else { Stdio::null() };
    command.envs(&exec.env).current_dir(folder).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    match command.spawn() {
        Ok(child) => HostReply::Exec(wait(child, exec)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let stderr = format!("{}: not found", line(&exec.program)).as_str().into();
            HostReply::Exec(ExecOutput { rc: 127, stderr, ..ExecOutput::default() })
        }
        Err(error) => HostReply::Error(HostError::Failed {
            what: format!("run {}", line(&exec.program)),
            rc: 126,
            stderr: error.to_string(),
        }),
    }
}

fn wait(mut child: Child, exec: &Exec) -> ExecOutput {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if let (Some(mut pipe), Some(text)) = (stdin, &exec.stdin) {
                // A program that does not read its input closes it.
                drop(pipe.write_all(&text.0));
            }
        });
        let stdout = scope.spawn(move || all(stdout));
        let stderr = scope.spawn(move || all(stderr));
        let (rc, timed_out) = end(&mut child, exec.timeout.map(Duration::from_secs));
        let stdout = Bytes(stdout.join().unwrap_or_default());
        let stderr = Bytes(stderr.join().unwrap_or_default());
        ExecOutput { rc, stdout, stderr, timed_out, waited_us: 0 }
    })
}

fn end(child: &mut Child, limit: Option<Duration>) -> (i32, bool) {
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => {
                return (status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)), false);
            }
            Ok(None) if limit.is_some_and(|limit| started.elapsed() > limit) => {
                drop(child.kill());
                drop(child.wait());
                return (137, true);
            }
            Ok(None) => std::thread::sleep(Duration::from_millis(2)),
            Err(_) => return (126, false),
        }
    }
}

fn all(pipe: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        // What was read before an error is what there is.
        drop(pipe.read_to_end(&mut bytes));
    }
    bytes
}
