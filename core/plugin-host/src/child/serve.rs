use std::cell::RefCell;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

use rustix::event::{PollFd, PollFlags, poll};

use super::frame::{Frame, Kind};
use crate::library::{Library, Side};
use crate::{AnswerError, PluginError};

/// Is the process of a plugin: loads the library, describes it on the socket that is its standard input, and answers
/// requests until the run closes the other end. Returns the code to exit with.
pub fn serve(file: &OsStr) -> u8 {
    match socket() {
        Ok(socket) => u8::from(talk(Path::new(file), socket).is_err()),
        // Nobody is there to be told: someone called this by hand.
        Err(_) => 1,
    }
}

/// Takes the socket away from standard input, where the plugin could read it.
fn socket() -> std::io::Result<UnixStream> {
    let socket: OwnedFd = std::io::stdin().as_fd().try_clone_to_owned()?;
    let nothing = std::fs::File::open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    // A plugin that crashes leaves words, not a picture of its memory.
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    rustix::process::setrlimit(rustix::process::Resource::Core, none)?;
    Ok(socket.into())
}

fn talk(file: &Path, socket: UnixStream) -> std::io::Result<()> {
    leave_when_the_run_is_gone(socket.try_clone()?);
    let mut wire = &socket;
    let library = match describe(file) {
        Ok((library, description)) => {
            Frame::new(Kind::Described, description).send(&mut wire)?;
            library
        }
        Err(error) => {
            let said = serde_json::to_vec(&(error.explain(), error.remedy()))?;
            return Frame::new(Kind::Refused, said).send(&mut wire);
        }
    };
    loop {
        let frame = match Frame::receive(&mut wire) {
            Ok(frame) => frame,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        };
        if frame.kind != Kind::Request {
            return Err(ErrorKind::InvalidData.into());
        }
        let answer = library.invoke(&frame.bytes, &Run { socket: RefCell::new(&socket) });
        let answer = match answer {
            Ok(bytes) => Frame::new(Kind::Reply, bytes),
            Err(error) => Frame::new(Kind::NoReply, error.to_string()),
        };
        answer.send(&mut wire)?;
    }
}

fn describe(file: &Path) -> Result<(Library, Vec<u8>), PluginError> {
    let library = Library::open(file)?;
    let description = library.describe();
    let description =
        description.map_err(|source: AnswerError| PluginError::Describe { file: file.to_owned(), source })?;
    Ok((library, description))
}

/// A plugin that never comes back would go on for ever once the run is gone.
fn leave_when_the_run_is_gone(socket: UnixStream) {
    std::thread::spawn(move || {
        loop {
            let mut wait = [PollFd::new(&socket, PollFlags::empty())];
            let ended = match poll(&mut wait, None) {
                Ok(_) => wait[0].revents().intersects(PollFlags::HUP | PollFlags::ERR),
                Err(error) => error != rustix::io::Errno::INTR,
            };
            if ended {
                // Not exit: that would run code of the plugin.
                std::process::abort();
            }
        }
    });
}

/// The run, at the other end of the socket.
struct Run<'a> {
    socket: RefCell<&'a UnixStream>,
}

impl Run<'_> {
    /// Sends a question and waits for its answer; empty when the run is gone.
    fn ask(&self, kind: Kind, bytes: &[u8]) -> Vec<u8> {
        let mut socket = self.socket.borrow_mut();
        let answer = Frame::new(kind, bytes).send(&mut *socket).and_then(|()| Frame::receive(&mut *socket));
        answer.map(|frame| frame.bytes).unwrap_or_default()
    }
}

impl Side for Run<'_> {
    fn answer(&self, call: &[u8]) -> Vec<u8> {
        self.ask(Kind::Call, call)
    }

    fn is_cancelled(&self) -> bool {
        self.ask(Kind::Cancelled, &[]) != [0]
    }
}
