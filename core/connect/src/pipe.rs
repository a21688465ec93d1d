//! A program on a host with its two output streams, its input and its end, whatever brought us there.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use russh::client::Msg;
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};

use crate::Stream;
use crate::pty::{self, Master, PtyReader};
use crate::pulse::Pulse;

/// After its end a program's last output has this long to arrive: something it left behind may hold the
/// stream open for ever.
pub(crate) const DRAIN: Duration = Duration::from_millis(300);

/// What a program does.
pub(crate) enum Event {
    Data(Stream, Vec<u8>),
    /// It ended with this code, or (none) the way to it broke.
    Ended(Option<i32>),
}

/// The two directions of a running program.
pub(crate) struct Pipe {
    pub writer: Writer,
    pub reader: Reader,
}

/// The standard input of a program. Closed when dropped.
pub(crate) enum Writer {
    Local(Box<ChildStdin>),
    Ssh(SshWriter),
    Pty(Master),
}

impl Writer {
    pub(crate) async fn send(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        match self {
            Self::Local(stdin) => {
                stdin.write_all(&bytes).await?;
                stdin.flush().await
            }
            Self::Pty(master) => pty::send(master, &bytes).await,
            Self::Ssh(writer) => writer.half().data_bytes(bytes).await.map_err(io::Error::other),
        }
    }
}

/// The input of an SSH channel. Dropping a channel does not close it, so this does.
pub(crate) struct SshWriter(Option<ChannelWriteHalf<Msg>>);

impl SshWriter {
    pub(crate) fn new(half: ChannelWriteHalf<Msg>) -> Self {
        Self(Some(half))
    }

    fn half(&self) -> &ChannelWriteHalf<Msg> {
        self.0.as_ref().expect("it is taken only when dropped")
    }
}

impl Drop for SshWriter {
    fn drop(&mut self) {
        if let (Some(half), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move {
                if half.eof().await.is_ok() {
                    // An error here means that the connection is gone, and the channel with it.
                    half.close().await.ok();
                }
            });
        }
    }
}

/// The output of a program.
pub(crate) enum Reader {
    Local(Box<LocalReader>),
    Ssh { half: ChannelReadHalf, code: Option<i32>, pulse: Arc<Pulse> },
    Pty(Box<PtyReader>),
}

pub(crate) struct LocalReader {
    pub child: Child,
    pub stdout: Option<ChildStdout>,
    pub stderr: Option<ChildStderr>,
    pub code: Option<i32>,
}

impl Reader {
    /// Waits for the next event; may be dropped while it waits without losing one.
    pub(crate) async fn next(&mut self) -> Event {
        match self {
            Self::Local(reader) => reader.next().await,
            Self::Pty(reader) => reader.next().await,
            Self::Ssh { half, code, pulse } => {
                let event = next_of_channel(half, code).await;
                if matches!(event, Event::Data(..)) {
                    pulse.hear();
                }
                event
            }
        }
    }

    /// Returns the pulse of the connection, where there is a way that may be silent.
    pub(crate) fn pulse(&self) -> Option<Arc<Pulse>> {
        match self {
            Self::Ssh { pulse, .. } => Some(Arc::clone(pulse)),
            Self::Local(_) | Self::Pty(_) => None,
        }
    }
}

async fn next_of_channel(half: &mut ChannelReadHalf, code: &mut Option<i32>) -> Event {
    loop {
        let message = match code {
            None => half.wait().await,
            Some(_) => tokio::time::timeout(DRAIN, half.wait()).await.unwrap_or(None),
        };
        match message {
            Some(ChannelMsg::Data { data }) => return Event::Data(Stream::Stdout, data.to_vec()),
            Some(ChannelMsg::ExtendedData { data, ext: 1 }) => {
                return Event::Data(Stream::Stderr, data.to_vec());
            }
            Some(ChannelMsg::ExitStatus { exit_status }) => *code = Some(exit_status as i32),
            Some(ChannelMsg::ExitSignal { signal_name, .. }) => *code = Some(128 + number(&signal_name)),
            Some(ChannelMsg::Failure) => *code = Some(126),
            Some(ChannelMsg::Close) | None => return Event::Ended(*code),
            Some(_) => {}
        }
    }
}

fn number(signal: &russh::Sig) -> i32 {
    use russh::Sig;
    match signal {
        Sig::HUP => 1,
        Sig::INT => 2,
        Sig::QUIT => 3,
        Sig::ILL => 4,
        Sig::ABRT => 6,
        Sig::FPE => 8,
        Sig::KILL => 9,
        Sig::USR1 => 10,
        Sig::SEGV => 11,
        Sig::PIPE => 13,
        Sig::ALRM => 14,
        Sig::TERM => 15,
        Sig::Custom(_) => 127,
    }
}

impl LocalReader {
    async fn next(&mut self) -> Event {
        let (mut out, mut err) = ([0; 8192], [0; 8192]);
        loop {
            if self.stdout.is_none() && self.stderr.is_none() {
                if self.code.is_none() {
                    self.code = self.child.wait().await.ok().map(code_of);
                }
                return Event::Ended(self.code);
            }
            tokio::select! {
                got = read(&mut self.stdout, &mut out) => match got {
                    0 => self.stdout = None,
                    length => return Event::Data(Stream::Stdout, out[..length].to_vec()),
                },
                got = read(&mut self.stderr, &mut err) => match got {
                    0 => self.stderr = None,
                    length => return Event::Data(Stream::Stderr, err[..length].to_vec()),
                },
                status = self.child.wait(), if self.code.is_none() => {
                    self.code = Some(status.map_or(-1, code_of));
                }
                () = tokio::time::sleep(DRAIN), if self.code.is_some() => {
                    self.stdout = None;
                    self.stderr = None;
                }
            }
        }
    }
}

pub(crate) fn code_of(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

/// A stream that cannot be read any more counts as ended; one that has ended says nothing.
async fn read<R: tokio::io::AsyncRead + Unpin>(stream: &mut Option<R>, buffer: &mut [u8]) -> usize {
    match stream {
        Some(stream) => stream.read(buffer).await.unwrap_or(0),
        None => std::future::pending().await,
    }
}
