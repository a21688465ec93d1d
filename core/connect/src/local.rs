use std::process::Stdio;

use tokio::process::Command;

use crate::LocalOptions;
use crate::pipe::{LocalReader, Pipe, Reader, Writer};

/// Starts a shell command on the controller, in a session of its own: the controller's terminal and the keys
/// pressed there are none of its business.
pub(crate) fn open(options: &LocalOptions, command: &[u8]) -> std::io::Result<Pipe> {
    use std::os::unix::ffi::OsStrExt as _;
    let mut program = Command::new(&options.executable);
    if let Some(folder) = &options.folder {
        program.current_dir(folder);
    }
    program.arg("-c").arg(std::ffi::OsStr::from_bytes(command));
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // SAFETY: between fork and exec only setsid is called, which is async-signal-safe and touches no memory.
    unsafe {
        program.pre_exec(|| if libc::setsid() < 0 { Err(std::io::Error::last_os_error()) } else { Ok(()) });
    }
    let mut child = program.spawn()?;
    let stdin = child.stdin.take().expect("it was asked for");
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let reader = LocalReader { child, stdout, stderr, code: None };
    Ok(Pipe { writer: Writer::Local(Box::new(stdin)), reader: Reader::Local(Box::new(reader)) })
}
