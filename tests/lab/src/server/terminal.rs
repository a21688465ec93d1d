use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::pin::Pin;
use std::process::Stdio;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::process::{Child, Command};

/// Columns and rows of a terminal.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    columns: u16,
    rows: u16,
}

impl Size {
    /// A size as the protocol gives it; zero stands for 80 by 24.
    pub fn new(columns: u32, rows: u32) -> Self {
        let limit = |value: u32, default| match u16::try_from(value).unwrap_or(u16::MAX) {
            0 => default,
            value => value,
        };
        Self { columns: limit(columns, 80), rows: limit(rows, 24) }
    }

    fn native(self) -> libc::winsize {
        libc::winsize { ws_row: self.rows, ws_col: self.columns, ws_xpixel: 0, ws_ypixel: 0 }
    }
}

/// The master side of a pseudo terminal. When the last copy goes, the kernel hangs up the other side.
#[derive(Clone)]
pub struct Terminal {
    master: Arc<AsyncFd<OwnedFd>>,
    slave: Arc<std::sync::Mutex<Option<OwnedFd>>>,
}

impl Terminal {
    /// Opens a new pseudo terminal.
    pub fn open(size: Size) -> io::Result<Self> {
        let (mut master, mut slave) = (-1, -1);
        let native = size.native();
        // SAFETY: both numbers are written on success only; no name and no modes are asked for.
        let rc = unsafe {
            libc::openpty(&mut master, &mut slave, std::ptr::null_mut(), std::ptr::null(), &native)
        };
        if rc != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: openpty has just made both, and nobody else owns them.
        let (master, slave) = unsafe { (OwnedFd::from_raw_fd(master), OwnedFd::from_raw_fd(slave)) };
        for fd in [&master, &slave] {
            // SAFETY: plain flag calls on a descriptor that we own.
            unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) };
        }
        // SAFETY: as above.
        unsafe { libc::fcntl(master.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
        let slave = Arc::new(std::sync::Mutex::new(Some(slave)));
        // SAFETY: the descriptor is owned by what is registered, and is closed with it.
        let master = unsafe { AsyncFd::register(master) }.map_err(|error| error.into_parts().1)?;
        Ok(Self { master: Arc::new(master), slave })
    }

    /// Starts a command in a new session with this as its controlling terminal.
    pub fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        let slave = self.slave.lock().ok().and_then(|mut slave| slave.take());
        let slave = slave.ok_or_else(|| io::Error::other("the terminal is in use"))?;
        command.stdin(Stdio::from(slave.try_clone()?)).stdout(Stdio::from(slave.try_clone()?));
        command.stderr(Stdio::from(slave));
        // SAFETY: only calls that are safe between fork and exec; stdin is the terminal by then.
        unsafe {
            command.pre_exec(|| {
                if libc::setsid() < 0 || libc::ioctl(0, libc::TIOCSCTTY, 0) < 0 {
                    return Err(io::Error::last_os_error());
                }
                Ok(())
            });
        }
        let child = command.spawn();
        // The command still holds copies of the slave side, which would keep the terminal from ending.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        child
    }

    /// Tells the terminal its new size.
    pub fn resize(&self, size: Size) {
        let native = size.native();
        // SAFETY: the pointer is to a living winsize.
        unsafe { libc::ioctl(self.master.as_raw_fd(), libc::TIOCSWINSZ, &native) };
    }
}

impl AsyncRead for Terminal {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut guard = ready!(self.master.poll_read_ready(cx))?;
            let result = guard.try_io(|master| {
                let free = buf.initialize_unfilled();
                // SAFETY: the buffer is initialised and as long as said.
                let count = unsafe { libc::read(master.as_raw_fd(), free.as_mut_ptr().cast(), free.len()) };
                usize::try_from(count).map_err(|_| io::Error::last_os_error())
            });
            match result {
                Ok(Ok(count)) => {
                    buf.advance(count);
                    return Poll::Ready(Ok(()));
                }
                // The last process on the other side is gone: that is the end.
                Ok(Err(error)) if error.raw_os_error() == Some(libc::EIO) => return Poll::Ready(Ok(())),
                Ok(Err(error)) => return Poll::Ready(Err(error)),
                Err(_would_block) => {}
            }
        }
    }
}

impl AsyncWrite for Terminal {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            let mut guard = ready!(self.master.poll_write_ready(cx))?;
            let result = guard.try_io(|master| {
                // SAFETY: the buffer is as long as said.
                let count = unsafe { libc::write(master.as_raw_fd(), buf.as_ptr().cast(), buf.len()) };
                usize::try_from(count).map_err(|_| io::Error::last_os_error())
            });
            match result {
                Ok(result) => return Poll::Ready(result),
                Err(_would_block) => {}
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
