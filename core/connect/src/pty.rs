//! Programs of the controller on a pseudo-terminal.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::{ffi::CStr, ffi::OsStr, io};

use tokio::io::unix::AsyncFd;
use tokio::process::{Child, Command};

use crate::LocalOptions;
use crate::Stream;
use crate::pipe::{DRAIN, Event, Pipe, Reader, Writer, code_of};

/// The controller's side of a pseudo-terminal; when the last of them is dropped, what runs on it is hung up.
pub(crate) type Master = Arc<AsyncFd<File>>;

/// What a program writes to its terminal, and how it ends.
pub(crate) struct PtyReader {
    master: Master,
    child: Child,
    closed: bool,
    code: Option<i32>,
}

/// Starts a shell command in a session of its own, with a new terminal as its streams.
pub(crate) fn open(options: &LocalOptions, command: &[u8]) -> io::Result<Pipe> {
    let master = new_master()?;
    let slave =
        File::options().read(true).write(true).custom_flags(libc::O_NOCTTY).open(name_of_slave(&master)?)?;
    let mut program = Command::new(&options.executable);
    if let Some(folder) = &options.folder {
        program.current_dir(folder);
    }
    program.arg("-c").arg(OsStr::from_bytes(command));
    program.stdin(Stdio::from(slave.try_clone()?));
    program.stdout(Stdio::from(slave.try_clone()?)).stderr(Stdio::from(slave));
    // SAFETY: between fork and exec only setsid and ioctl are called, which are async-signal-safe and touch no
    // memory. Standard input is the terminal by then.
    unsafe {
        program.pre_exec(|| {
            if libc::setsid() < 0 || libc::ioctl(0, libc::TIOCSCTTY as _, 0) < 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(())
        });
    }
    let child = program.spawn()?;
    // While this side holds the slave, the master never reads an end.
    drop(program);
    // SAFETY: a `File` answers with the one descriptor that it keeps open until it is dropped.
    let master: Master = Arc::new(unsafe { AsyncFd::register(master) }?);
    let reader = PtyReader { master: Arc::clone(&master), child, closed: false, code: None };
    Ok(Pipe { writer: Writer::Pty(master), reader: Reader::Pty(Box::new(reader)) })
}

fn new_master() -> io::Result<File> {
    // SAFETY: the call takes flags only.
    let fd = unsafe { libc::posix_openpt(libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor was just made and is nobody else's.
    let master = File::from(unsafe { OwnedFd::from_raw_fd(fd) });
    // SAFETY: these calls take the descriptor, which is open, and numbers.
    let ready = unsafe {
        libc::grantpt(fd) == 0
            && libc::unlockpt(fd) == 0
            && libc::fcntl(fd, libc::F_SETFL, libc::O_RDWR | libc::O_NONBLOCK) >= 0
    };
    if ready { Ok(master) } else { Err(io::Error::last_os_error()) }
}

fn name_of_slave(master: &File) -> io::Result<PathBuf> {
    let mut name = [0_u8; 128];
    // SAFETY: the pointer and the length are those of one array, which lives until after the call.
    let error = unsafe { libc::ptsname_r(master.as_raw_fd(), name.as_mut_ptr().cast(), name.len()) };
    if error != 0 {
        return Err(io::Error::from_raw_os_error(error));
    }
    let name = CStr::from_bytes_until_nul(&name).map_err(io::Error::other)?;
    Ok(PathBuf::from(OsStr::from_bytes(name.to_bytes())))
}

/// Types these bytes at the terminal.
pub(crate) async fn send(master: &Master, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let mut ready = master.writable().await?;
        match ready.try_io(|fd| fd.get_ref().write(bytes)) {
            Ok(written) => bytes = &bytes[written?..],
            Err(_not_ready) => {}
        }
    }
    Ok(())
}

impl PtyReader {
    /// Waits for the next event; may be dropped while it waits without losing one.
    pub(crate) async fn next(&mut self) -> Event {
        let mut buffer = [0; 4096];
        while !self.closed {
            tokio::select! {
                got = read(&self.master, &mut buffer) => match got {
                    0 => self.closed = true,
                    length => return Event::Data(Stream::Stdout, buffer[..length].to_vec()),
                },
                status = self.child.wait(), if self.code.is_none() => {
                    self.code = Some(status.map_or(-1, code_of));
                }
                () = tokio::time::sleep(DRAIN), if self.code.is_some() => self.closed = true,
            }
        }
        if self.code.is_none() {
            self.code = self.child.wait().await.ok().map(code_of);
        }
        Event::Ended(self.code)
    }
}

/// Reading fails once nobody holds the other side, which is the end.
async fn read(master: &Master, buffer: &mut [u8]) -> usize {
    loop {
        let Ok(mut ready) = master.readable().await else { return 0 };
        if let Ok(got) = ready.try_io(|fd| fd.get_ref().read(buffer)) {
            return got.unwrap_or(0);
        }
    }
}
