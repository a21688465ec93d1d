use tokio::sync::SemaphorePermit;

use crate::pipe::Pipe;
use crate::ssh::SshLink;
use crate::{LocalOptions, local, pty};

/// The way to one host, over which programs can be started.
pub(crate) enum Connection {
    Local(LocalOptions),
    Ssh(SshLink),
}

impl Connection {
    /// Starts a command line; it must be one that every login shell understands.
    pub(crate) async fn open(&self, command: Vec<u8>) -> Result<Pipe, String> {
        match self {
            Self::Local(options) => local::open(options, &command)
                .map_err(|error| format!("cannot start {}: {error}", options.executable)),
            Self::Ssh(link) => link.open(command, false).await,
        }
    }

    /// Starts a command line on a terminal of its own, which is all three of its streams.
    pub(crate) async fn open_terminal(&self, command: Vec<u8>) -> Result<Pipe, String> {
        match self {
            Self::Local(options) => pty::open(options, &command)
                .map_err(|error| format!("cannot start {} on a terminal: {error}", options.executable)),
            Self::Ssh(link) => link.open(command, true).await,
        }
    }

    /// Waits until a terminal may be opened: on an SSH connection it is a session beside those of the shells.
    pub(crate) async fn terminal_turn(&self) -> Option<SemaphorePermit<'_>> {
        match self {
            Self::Local(_) => None,
            Self::Ssh(link) => Some(link.terminals.acquire().await.expect("it is never closed")),
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        match self {
            Self::Local(_) => false,
            Self::Ssh(link) => link.is_closed(),
        }
    }

    /// How many shells may be open at once. Servers allow 10 sessions a connection, of which two are kept
    /// for ending what runs in the others.
    pub(crate) fn room(&self) -> usize {
        match self {
            Self::Local(_) => 64,
            Self::Ssh(_) => 8,
        }
    }

    /// The POSIX shell that runs the loop of a shell without elevation.
    pub(crate) fn shell(&self) -> &str {
        match self {
            Self::Local(options) => &options.executable,
            Self::Ssh(_) => "/bin/sh",
        }
    }

    pub(crate) async fn close(&self) {
        if let Self::Ssh(link) = self {
            link.close().await;
        }
    }
}
