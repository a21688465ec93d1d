//! The SSH transport, on async-ssh2-tokio.

mod args;
mod auth;
mod config;
mod dial;
mod host_key;
mod known_hosts;
mod names;
mod options;
mod pattern;
mod route;
mod settings;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use async_ssh2_tokio::Client;
pub use options::{HostKeyChecking, SshOptions};
use tokio::sync::Semaphore;

use crate::ConnectError;
use crate::pipe::{Pipe, Reader, SshWriter, Writer};
use crate::pool::Shared;
use crate::pulse::{Ask, Pulse};
use route::{Hop, Me};

/// What the SSH connections of a run share: configuration files read once, keys decrypted once, jump hosts.
pub(crate) struct SshShared {
    dialling: Semaphore,
    me: Me,
    configs: std::sync::Mutex<HashMap<Option<PathBuf>, Arc<config::Config>>>,
    keyring: auth::Keyring,
    jumps: tokio::sync::Mutex<HashMap<String, Arc<tokio::sync::Mutex<Option<Client>>>>>,
}

impl SshShared {
    pub(crate) fn new(dial_at_once: usize) -> Self {
        Self {
            dialling: Semaphore::new(dial_at_once.max(1)),
            me: Me::now(),
            configs: std::sync::Mutex::default(),
            keyring: auth::Keyring::default(),
            jumps: tokio::sync::Mutex::default(),
        }
    }

    fn config(&self, file: Option<&Path>) -> Result<Arc<config::Config>, ConnectError> {
        let mut configs = self.configs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = configs.get(&file.map(Path::to_owned)) {
            return Ok(Arc::clone(config));
        }
        let mut config = config::Config::default();
        let home = &self.me.home;
        match file {
            Some(file) => config.read(file, home, true)?,
            None => {
                config.read(&home.join(".ssh/config"), home, false)?;
                config.read(Path::new("/etc/ssh/ssh_config"), home, false)?;
            }
        }
        let config = Arc::new(config);
        configs.insert(file.map(Path::to_owned), Arc::clone(&config));
        Ok(config)
    }

    async fn dial(&self, hop: &Hop, via: Option<&Client>) -> Result<Client, ConnectError> {
        let _permit = self.dialling.acquire().await.expect("it is never closed");
        dial::dial(hop, via, &self.keyring).await
    }

    /// Returns a connection with the last of these hops, kept for all that go the same way.
    async fn jump(&self, hops: &[Hop]) -> Result<Option<Client>, ConnectError> {
        let mut before: Option<Client> = None;
        let mut way = String::new();
        for hop in hops {
            way.push_str(&format!("{}@{}:{}/", hop.user, hop.host, hop.port));
            let slot = Arc::clone(self.jumps.lock().await.entry(way.clone()).or_default());
            let mut slot = slot.lock().await;
            let client = match slot.as_ref().filter(|client| !client.is_closed()) {
                Some(client) => client.clone(),
                None => self.dial(hop, before.as_ref()).await?,
            };
            *slot = Some(client.clone());
            before = Some(client);
        }
        Ok(before)
    }

    pub(crate) async fn close(&self) {
        for (_, slot) in self.jumps.lock().await.drain() {
            if let Some(client) = slot.lock().await.take() {
                // It fails when the connection is closed already.
                client.disconnect().await.ok();
            }
        }
    }
}

/// One authenticated connection with a host.
pub(crate) struct SshLink {
    client: Client,
    pulse: Arc<Pulse>,
    /// One terminal is opened at a time.
    pub terminals: Semaphore,
}

impl SshLink {
    pub(crate) async fn connect(
        shared: &Shared,
        name: &str,
        options: &SshOptions,
    ) -> Result<Self, ConnectError> {
        if options.host.is_empty() {
            return Err(ConnectError::Config { reason: format!("{name} has no address") });
        }
        let mut config_file = options.ssh_config.as_deref();
        if config_file.is_some_and(|file| file == Path::new("none")) {
            config_file = Some(Path::new("/dev/null"));
        }
        let config = shared.ssh.config(config_file)?;
        let mut hops = route::route(options, &config, &shared.ssh.me)?;
        let last = hops.pop().expect("a route ends with the host itself");
        let via = shared.ssh.jump(&hops).await?;
        let client = shared.ssh.dial(&last, via.as_ref()).await?;
        let pulse = Pulse::new(ask_with(&client));
        Ok(Self { client, pulse, terminals: Semaphore::new(1) })
    }

    /// Starts a command on a channel of its own, with a terminal or without. Runs in a task: a channel whose opening is given up half-way
    /// would be lost to the connection for ever.
    pub(crate) async fn open(&self, command: Vec<u8>, terminal: bool) -> Result<Pipe, String> {
        let (client, pulse) = (self.client.clone(), Arc::clone(&self.pulse));
        let opening = tokio::spawn(async move {
            let channel = client.get_channel().await.map_err(|error| error.to_string())?;
            let (reader, writer) = channel.split();
            // The answers are not waited for: a refusal comes as an event, and what needs a terminal says so.
            if terminal {
                let modes = [(russh::Pty::ECHO, 0)];
                let asking = writer.request_pty(false, "dumb", 80, 24, 0, 0, &modes);
                asking.await.map_err(|error| error.to_string())?;
            }
            writer.exec(false, command).await.map_err(|error| error.to_string())?;
            Ok(Pipe {
                writer: Writer::Ssh(SshWriter::new(writer)),
                reader: Reader::Ssh { half: reader, code: None, pulse },
            })
        });
        opening.await.map_err(|error| error.to_string())?
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub(crate) async fn close(&self) {
        // It fails when the connection is closed already.
        self.client.disconnect().await.ok();
    }
}

/// A channel is opened and closed again, in which nothing is started. A refusal is an answer, too.
fn ask_with(client: &Client) -> Box<Ask> {
    let client = client.clone();
    Box::new(move || {
        let client = client.clone();
        Box::pin(async move {
            let channel = client.get_channel().await;
            let answered = channel.is_ok() || !client.is_closed();
            if let Ok(channel) = channel {
                // An error here means that the connection is gone, and the channel with it.
                channel.close().await.ok();
            }
            answered
        })
    })
}
