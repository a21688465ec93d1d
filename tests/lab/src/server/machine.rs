use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use russh::keys::PublicKey;

use crate::lab::{HostEntry, HostLayout, Layout};

/// A host as its SSH sessions see it.
pub struct Machine {
    pub entry: HostEntry,
    pub layout: HostLayout,
    pub lab: Layout,
    pub user: String,
    pub password: String,
    pub client_key: PublicKey,
    /// Bytes per second and direction for each connection; 0 for no limit.
    pub pace: Arc<AtomicU64>,
    /// New commands may write no file larger than 64 KiB.
    pub disk_full: AtomicBool,
    links: Mutex<Links>,
}

#[derive(Default)]
struct Links {
    next: u64,
    open: HashMap<u64, TcpStream>,
}

impl Machine {
    /// A host without connections.
    pub fn new(entry: HostEntry, lab: Layout, user: String, password: String, client_key: PublicKey) -> Self {
        Self {
            layout: lab.host(&entry.name),
            entry,
            lab,
            user,
            password,
            client_key,
            pace: Arc::default(),
            disk_full: AtomicBool::new(false),
            links: Mutex::default(),
        }
    }

    /// Remembers a connection, so that it can be cut; returns its number for [`Machine::forget`].
    pub fn remember(&self, stream: &impl AsFd) -> std::io::Result<u64> {
        let copy = TcpStream::from(stream.as_fd().try_clone_to_owned()?);
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.next += 1;
        let number = links.next;
        links.open.insert(number, copy);
        Ok(number)
    }

    /// Forgets a connection that ended.
    pub fn forget(&self, number: u64) {
        self.links.lock().unwrap_or_else(PoisonError::into_inner).open.remove(&number);
    }

    /// Ends all connections without a goodbye; what they run goes on, as with a real server.
    pub fn cut(&self) {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, stream) in links.open.drain() {
            // A connection that the peer has closed already needs no cut.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// The environment of a process that `user` starts on this host.
    pub fn environment(&self) -> Vec<(String, PathBuf)> {
        let home = self.layout.home(&self.user);
        let path = format!("{}:/usr/bin:/bin", self.layout.bin().display());
        vec![
            ("HOME".into(), home),
            ("USER".into(), self.user.clone().into()),
            ("LOGNAME".into(), self.user.clone().into()),
            ("SHELL".into(), "/bin/sh".into()),
            ("PATH".into(), path.into()),
            ("TMPDIR".into(), self.layout.root().join("tmp")),
            ("LANG".into(), "C.UTF-8".into()),
            ("LAB_ROOT".into(), self.lab.root().to_owned()),
            ("LAB_HOST".into(), self.entry.name.clone().into()),
            ("LAB_USER".into(), self.user.clone().into()),
        ]
    }

    /// Whether new commands are to be kept from writing large files.
    pub fn disk_is_full(&self) -> bool {
        self.disk_full.load(Ordering::Relaxed)
    }
}
