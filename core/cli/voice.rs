use std::sync::atomic::{AtomicBool, Ordering};

use crate::config::Config;

/// In whose words and rules a command speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// This program's own.
    Ours,
    /// Ansible's: its output, its warnings in place of some of our errors.
    Ansible,
}

/// What the configuration says, for who speaks without having it.
static CONFIGURED: AtomicBool = AtomicBool::new(false);

impl Voice {
    /// Speaks as Ansible when called by a link of that name, or when the configuration is somebody's who uses Ansible:
    /// `ANSIBLE_CONFIG` in the environment, or a `stdout_callback` in either.
    pub fn of(config: &Config) -> Self {
        CONFIGURED.store(config.says("DEFAULT_STDOUT_CALLBACK"), Ordering::Relaxed);
        Self::now()
    }

    /// Returns the voice as far as it is known: the configuration may not have been read yet.
    pub fn now() -> Self {
        let named = std::env::var_os("ANSIBLE_CONFIG").is_some_and(|path| !path.is_empty());
        if crate::link::is_ansible() || named || CONFIGURED.load(Ordering::Relaxed) {
            Self::Ansible
        } else {
            Self::Ours
        }
    }
}
