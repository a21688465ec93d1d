use std::io::{ErrorKind, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::CHILD_ARGUMENT;
use super::ending::{LastWords, ending};
use super::frame::{Frame, Kind};
use crate::library::{DESCRIBE_LIMIT, Side};
use crate::{AnswerError, PluginError};

/// How long a silent process is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// For the description, from the start on.
    pub describe: Duration,
    /// For anything at all, once the run is being stopped. Time in host calls does not count.
    pub stopping: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { describe: Duration::from_secs(10), stopping: Duration::from_secs(5) }
    }
}

/// How often a wait looks whether it should go on.
const TICK: Duration = Duration::from_millis(50);

/// A process that holds one library and answers one request at a time. It is killed when dropped.
#[derive(Debug)]
pub(crate) struct Child {
    file: PathBuf,
    process: std::process::Child,
    socket: UnixStream,
    words: LastWords,
    listener: Option<JoinHandle<()>>,
    patience: Patience,
    is_over: bool,
}

impl Child {
    /// Starts the process, which loads the library, and returns it with the description that the library gave.
    pub(crate) fn start(
        program: &Path,
        file: &Path,
        patience: Patience,
    ) -> Result<(Self, Vec<u8>), PluginError> {
        let cannot = |source| PluginError::NoProcess { file: file.to_owned(), source };
        let (ours, theirs) = UnixStream::pair().map_err(cannot)?;
        ours.set_read_timeout(Some(TICK)).map_err(cannot)?;
        let mut process = Command::new(program)
            .arg(CHILD_ARGUMENT)
            .arg(file)
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // The last line of what it says is kept, which has to be the telling one.
            .env_remove("RUST_BACKTRACE")
            // Ctrl-C at the terminal is for the run, which tells its plugins.
            .process_group(0)
            .spawn()
            .map_err(cannot)?;
        let stderr = process.stderr.take();
        let (words, listener) = match stderr.map(LastWords::listen) {
            Some((words, listener)) => (words, Some(listener)),
            None => (LastWords::default(), None),
        };
        let file = file.to_owned();
        let mut child = Self { file, process, socket: ours, words, listener, patience, is_over: false };
        let description = child.described()?;
        Ok((child, description))
    }

    fn described(&mut self) -> Result<Vec<u8>, PluginError> {
        let until = Instant::now() + self.patience.describe;
        let file = self.file.clone();
        match self.receive(&|_| Instant::now() > until) {
            Ok(Frame { kind: Kind::Described, bytes }) if bytes.len() <= DESCRIBE_LIMIT => Ok(bytes),
            Ok(Frame { kind: Kind::Refused, bytes }) => match serde_json::from_slice(&bytes) {
                Ok((text, remedy)) => Err(PluginError::Refused { file, text, remedy }),
                Err(_) => Err(PluginError::Died { file, how: "it does not keep to the protocol".into() }),
            },
            Ok(_) => Err(PluginError::Died { file, how: "it does not keep to the protocol".into() }),
            Err(Silence::TooLong) => {
                Err(PluginError::Hangs { file, seconds: self.patience.describe.as_secs() })
            }
            Err(Silence::Ended(how)) => Err(PluginError::Died { file, how }),
        }
    }

    /// Passes a request on; `side` answers the host calls that come back meanwhile.
    pub(crate) fn invoke(&mut self, request: &[u8], side: &dyn Side) -> Result<Vec<u8>, AnswerError> {
        self.send(Kind::Request, request)?;
        let limit = self.patience.stopping;
        let deaf = AnswerError::Deaf { seconds: limit.as_secs() };
        // One that keeps asking is no better than one that is silent.
        let mut went_on = Duration::ZERO;
        loop {
            let since = Instant::now();
            let frame = self.receive(&|silent| side.is_cancelled() && went_on + silent > limit);
            let frame = frame.map_err(|silence| match silence {
                Silence::TooLong => deaf.clone(),
                Silence::Ended(how) => AnswerError::Died { how },
            })?;
            if side.is_cancelled() {
                went_on += since.elapsed();
            }
            if went_on > limit {
                self.kill();
                return Err(deaf);
            }
            match frame.kind {
                Kind::Reply => return Ok(frame.bytes),
                Kind::NoReply => {
                    let how = String::from_utf8_lossy(&frame.bytes).into_owned();
                    return Err(AnswerError::Told { how });
                }
                Kind::Call => self.send(Kind::Answer, &side.answer(&frame.bytes))?,
                Kind::Cancelled => self.send(Kind::Cancelled, &[u8::from(side.is_cancelled())])?,
                Kind::Described | Kind::Refused | Kind::Request | Kind::Answer => {
                    return Err(AnswerError::Died { how: "it does not keep to the protocol".into() });
                }
            }
        }
    }

    fn send(&mut self, kind: Kind, bytes: &[u8]) -> Result<(), AnswerError> {
        Frame::new(kind, bytes)
            .send(&mut self.socket)
            .map_err(|_| AnswerError::Died { how: self.how_it_ended() })
    }

    /// Waits for a frame until `enough` says so of the time that passed in silence.
    fn receive(&mut self, enough: &dyn Fn(Duration) -> bool) -> Result<Frame, Silence> {
        let process = &mut self.process;
        let is_gone = || !matches!(process.try_wait(), Ok(None));
        let mut patient = Patient { socket: &self.socket, since: Instant::now(), enough, is_gone };
        match Frame::receive(&mut patient) {
            Ok(frame) => Ok(frame),
            Err(error) if error.kind() == ErrorKind::TimedOut => {
                self.kill();
                Err(Silence::TooLong)
            }
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                self.kill();
                Err(Silence::Ended("it does not keep to the protocol".into()))
            }
            Err(_) => Err(Silence::Ended(self.how_it_ended())),
        }
    }

    /// Says how the process ended; one that only closed the socket is ended.
    fn how_it_ended(&mut self) -> String {
        let until = Instant::now() + Duration::from_secs(2);
        let status = loop {
            match self.process.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(2)),
                Ok(None) | Err(_) => break None,
            }
        };
        self.kill();
        let Some(status) = status else {
            return "its process closed the connection".to_owned();
        };
        // All of its words have arrived once its end of the pipe is closed, unless it left a process behind.
        let until = Instant::now() + Duration::from_millis(200);
        while self.listener.as_ref().is_some_and(|listener| !listener.is_finished()) && Instant::now() < until
        {
            std::thread::sleep(Duration::from_millis(1));
        }
        ending(status, self.words.last_line().as_deref())
    }

    /// Ends the process, with all that it started and that did not leave its group.
    fn kill(&mut self) {
        // The second time its number may be another's.
        if std::mem::replace(&mut self.is_over, true) {
            return;
        }
        // They may have ended by themselves.
        if let Some(group) = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        drop(self.process.wait());
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Why no frame came.
enum Silence {
    TooLong,
    /// With how the process ended.
    Ended(String),
}

/// A reader that gives up when told so, or when the process is gone and a child of its own keeps the socket open; the
/// socket wakes it once a tick.
struct Patient<'a, G> {
    socket: &'a UnixStream,
    since: Instant,
    enough: &'a dyn Fn(Duration) -> bool,
    is_gone: G,
}

impl<G: FnMut() -> bool> Read for Patient<'_, G> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut socket = self.socket;
        let mut was_gone = false;
        loop {
            match socket.read(buffer) {
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if (self.enough)(self.since.elapsed()) {
                        return Err(ErrorKind::TimedOut.into());
                    }
                    // What it had sent before has been read by the second time.
                    if std::mem::replace(&mut was_gone, (self.is_gone)()) {
                        return Err(ErrorKind::UnexpectedEof.into());
                    }
                }
                other => return other,
            }
        }
    }
}
