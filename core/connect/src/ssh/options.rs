use std::path::PathBuf;
use std::time::Duration;

use super::args;
use crate::{ConnectError, Secret};

/// How to reach a host by SSH. What is absent comes from the ssh configuration, then from ssh's defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct SshOptions {
    /// A name, an address, or a `Host` of the ssh configuration.
    pub host: String,
    pub port: Option<u16>,
    /// Without one: the user who runs the controller.
    pub user: Option<String>,
    pub password: Option<Secret>,
    pub private_key_file: Option<PathBuf>,
    /// Opens the private keys that are encrypted.
    pub key_passphrase: Option<Secret>,
    /// For one attempt to get from nothing to a session.
    pub connect_timeout: Duration,
    pub host_key_checking: HostKeyChecking,
    /// Empty: those of the ssh configuration, else `~/.ssh/known_hosts` and the system's.
    pub known_hosts_files: Vec<PathBuf>,
    /// None: `~/.ssh/config` and `/etc/ssh/ssh_config`, where they exist.
    pub ssh_config: Option<PathBuf>,
    /// Hosts to go through, as `ssh -J` takes them; `none` overrides the ssh configuration.
    pub jump: Option<String>,
    /// Settings as `ssh -o` takes them, which override the ssh configuration; names in lowercase.
    pub settings: Vec<(String, String)>,
}

/// What to do with a host key that is not known yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostKeyChecking {
    /// It is an error, unless the ssh configuration says otherwise (`StrictHostKeyChecking`).
    #[default]
    Strict,
    /// It is written down and taken; a changed key is an error.
    AcceptNew,
    /// Every key is taken. Whoever sits in between gets everything, passwords included.
    Off,
}

impl Default for SshOptions {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: None,
            user: None,
            password: None,
            private_key_file: None,
            key_passphrase: None,
            connect_timeout: Duration::from_secs(10),
            host_key_checking: HostKeyChecking::Strict,
            known_hosts_files: Vec::new(),
            ssh_config: None,
            jump: None,
            settings: Vec::new(),
        }
    }
}

impl SshOptions {
    /// Makes options for a host, with everything else as usual.
    pub fn new(host: impl Into<String>) -> Self {
        Self { host: host.into(), ..Self::default() }
    }

    /// Takes over arguments meant for the `ssh` command (`ansible_ssh_common_args` and its like). What is set
    /// already stays.
    ///
    /// # Errors
    ///
    /// Refuses, by name, every argument that would change the connection in a way that is not known here.
    pub fn apply_args(&mut self, arguments: &str) -> Result<(), ConnectError> {
        args::apply(self, arguments)
    }
}
