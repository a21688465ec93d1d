//! The shells of one connection: idle ones are used again, busy ones are lent.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::connection::Connection;
use crate::plan::{Library, Part, words};
use crate::processes;
use crate::run::Group;
use crate::shell::{self, Shell};
use crate::{ConnectError, Elevation};

/// Asking takes at most two seconds, forcing none; the rest is for a slow way.
const ENDING: Duration = Duration::from_secs(20);

/// A connection with its shells.
pub(crate) struct Shells {
    pub host: String,
    pub connection: Connection,
    /// What a shell runs.
    script: String,
    slots: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    idle: Vec<(Option<Elevation>, Shell)>,
    open: usize,
    /// Given up while something ran in them; that is being ended.
    ending: usize,
}

/// A shell that is in use. Dropped instead of given back, it is taken for being in the middle of something:
/// what runs in it is ended, and it is closed.
pub(crate) struct Lease {
    shells: Arc<Shells>,
    elevation: Option<Elevation>,
    shell: Option<Shell>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Shells {
    pub(crate) fn new(host: String, connection: Connection, run: &str) -> Self {
        let slots = Arc::new(Semaphore::new(connection.room()));
        Self { host, connection, script: shell::script(run), slots, state: Mutex::default() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lends a shell of this user: an idle one, else a new one.
    pub(crate) async fn lend(self: &Arc<Self>, elevation: Option<&Elevation>) -> Result<Lease, ConnectError> {
        let permit = Arc::clone(&self.slots).acquire_owned().await.expect("it is never closed");
        let mut lease = Lease {
            shells: Arc::clone(self),
            elevation: elevation.cloned(),
            shell: None,
            permit: Some(permit),
        };
        while let Some(mut shell) = self.idle(elevation) {
            if shell.is_quiet().await {
                lease.shell = Some(shell);
                return Ok(lease);
            }
            self.state().open -= 1;
        }
        self.make_room();
        self.state().open += 1;
        match Shell::start(&self.connection, elevation, &self.host, &self.script).await {
            Ok(shell) => {
                lease.shell = Some(shell);
                Ok(lease)
            }
            Err(error) => {
                self.state().open -= 1;
                Err(error)
            }
        }
    }

    fn idle(&self, elevation: Option<&Elevation>) -> Option<Shell> {
        let mut state = self.state();
        let at = state.idle.iter().rposition(|(key, _)| key.as_ref() == elevation)?;
        Some(state.idle.remove(at).1)
    }

    /// Closes the shell that has been idle longest when the connection has no room for another.
    fn make_room(&self) {
        let mut state = self.state();
        if state.open >= self.connection.room() && !state.idle.is_empty() {
            state.open -= 1;
            state.idle.remove(0);
        }
    }

    /// Ends the programs that run in the shell with this process number, from a shell beside it.
    pub(crate) async fn end_programs(&self, elevation: Option<&Elevation>, pid: u32) {
        // Whatever goes wrong here, the shell is given up, and the caller tells that it waited in vain.
        tokio::time::timeout(ENDING, self.try_to_end(elevation, pid)).await.ok();
    }

    async fn try_to_end(&self, elevation: Option<&Elevation>, pid: u32) -> Option<()> {
        let mut shell = Shell::start(&self.connection, elevation, &self.host, &self.script).await.ok()?;
        let listing = ask(&mut shell, b"sw_processes".to_vec()).await?;
        let pids = processes::below(pid, &listing);
        if !pids.is_empty() {
            let numbers: Vec<_> = pids.iter().map(u32::to_string).collect();
            let numbers: Vec<_> = numbers.iter().map(|number| number.as_bytes()).collect();
            ask(&mut shell, words(&[b"sw_end", &words(&numbers)])).await?;
        }
        Some(())
    }

    /// Closes the idle shells and the connection, after what was given up has been ended.
    pub(crate) async fn close(&self) {
        let begun = std::time::Instant::now();
        while self.state().ending > 0 && begun.elapsed() < ENDING {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.state().idle.clear();
        self.connection.close().await;
    }
}

/// Runs one script on a shell of ours and returns its standard output.
async fn ask(shell: &mut Shell, script: Vec<u8>) -> Option<Vec<u8>> {
    let answer = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&answer);
    let part = Part::new("look at processes".to_owned(), script, &[Library::Processes], move |raw| {
        kept.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&raw.stdout);
        Some(switchover_protocol::HostReply::Done)
    });
    let mut sink = ();
    let mut group = Group::new(vec![part], &mut sink, usize::MAX);
    group.run(shell).await.ok()?;
    group.replies();
    Some(std::mem::take(&mut *answer.lock().unwrap_or_else(PoisonError::into_inner)))
}

impl Lease {
    pub(crate) fn shell(&mut self) -> &mut Shell {
        self.shell.as_mut().expect("it is taken only at the end")
    }

    /// Gives the shell back for others.
    pub(crate) fn give_back(mut self) {
        if let Some(shell) = self.shell.take() {
            self.shells.state().idle.push((self.elevation.take(), shell));
        }
    }

    /// Closes a shell in which nothing runs any more.
    pub(crate) fn close(mut self) {
        self.shell = None;
        self.shells.state().open -= 1;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(shell) = self.shell.take() else { return };
        let (shells, elevation, permit) =
            (Arc::clone(&self.shells), self.elevation.take(), self.permit.take());
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        shells.state().ending += 1;
        runtime.spawn(async move {
            if let Some(pid) = shell.inbox.pid.filter(|_| !shells.connection.is_closed()) {
                shells.end_programs(elevation.as_ref(), pid).await;
            }
            drop(shell);
            let mut state = shells.state();
            state.open -= 1;
            state.ending -= 1;
            drop(state);
            drop(permit);
        });
    }
}
