use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::ssh::SshShared;
use crate::{ConnectError, Session, Target};

/// What holds for all connections of a run.
#[derive(Clone, Debug)]
pub struct PoolSettings {
    /// How long a host that was in contact may be out of contact before a call gives up.
    pub reconnect_within: Duration,
    /// How many bytes a call may bring back on one stream; a program that writes more is ended.
    pub output_limit: usize,
    /// How many hosts are dialled at the same time.
    pub dial_at_once: usize,
    /// The run: others see on a host by this name that programs of it are at work.
    pub run: String,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            reconnect_within: Duration::from_secs(120),
            output_limit: 64 * 1024 * 1024,
            dial_at_once: 50,
            run: String::new(),
        }
    }
}

/// All sessions of a run: one connection for each target, kept until the end.
pub struct Pool {
    shared: Arc<Shared>,
    sessions: Mutex<HashMap<String, Vec<Arc<Session>>>>,
}

/// What the sessions of a pool have in common.
pub(crate) struct Shared {
    pub settings: PoolSettings,
    pub ssh: SshShared,
}

impl Pool {
    /// Makes an empty pool.
    pub fn new(settings: PoolSettings) -> Self {
        let ssh = SshShared::new(settings.dial_at_once);
        Self { shared: Arc::new(Shared { settings, ssh }), sessions: Mutex::default() }
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, HashMap<String, Vec<Arc<Session>>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the session with a target, connecting when there is none. Two that ask at once share one; the
    /// same name with other options is another session.
    ///
    /// # Errors
    ///
    /// Says why the host cannot be used; the next call tries again.
    pub async fn session(&self, target: &Target) -> Result<Arc<Session>, ConnectError> {
        let session = {
            let mut sessions = self.sessions();
            let known = sessions.entry(target.name.clone()).or_default();
            match known.iter().find(|session| session.target() == target) {
                Some(session) => Arc::clone(session),
                None => {
                    let session = Arc::new(Session::new(target.clone(), Arc::clone(&self.shared)));
                    known.push(Arc::clone(&session));
                    session
                }
            }
        };
        session.connect().await?;
        Ok(session)
    }

    /// Closes the connections with the target of this name; the next use connects anew.
    pub async fn reset(&self, name: &str) {
        let sessions = self.sessions().remove(name).unwrap_or_default();
        for session in sessions {
            session.close().await;
        }
    }

    /// Closes everything. Detached jobs on the hosts run on.
    pub async fn close_all(&self) {
        let sessions: Vec<_> = self.sessions().drain().flat_map(|(_, sessions)| sessions).collect();
        for session in sessions {
            session.close().await;
        }
        self.shared.ssh.close().await;
    }
}
