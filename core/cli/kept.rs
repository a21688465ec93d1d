use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use switchover_engine::{Approvals, Assumptions, Plan};
use switchover_journal::{
    Begun, Broken, FORMAT, Header, Inputs, Journal, Listener, NoJournal, Recorder, RunFolder, Runs, Store,
    digest,
};

use crate::run::RunArgs;

/// The journal that a run keeps, or none.
pub struct Kept {
    pub run: String,
    pub store: Option<Arc<Store>>,
    /// Events that were told in earlier parts of the run.
    pub events: u64,
    /// What was permitted since the run stopped.
    pub renewed: Approvals,
    /// What is not as it was is accepted.
    pub accept_changes: bool,
    pub assumptions: Assumptions,
    /// How long a step waits for a word from another terminal.
    pub patience: Duration,
    /// When the run was interrupted, in seconds since 1970.
    pub interrupted: f64,
    /// The reviewed plan that the run holds to.
    pub plan: Option<Plan>,
}

/// A run that goes on.
pub struct Again {
    pub store: Store,
    pub begun: Begun,
}

impl Kept {
    /// Returns a run that keeps no journal.
    pub fn nothing() -> Self {
        Self::of(run_id(), None, 0)
    }

    fn of(run: String, store: Option<Store>, events: u64) -> Self {
        let (renewed, accept_changes, assumptions, patience, interrupted, plan) = Default::default();
        let store = store.map(Arc::new);
        Self { run, store, events, renewed, accept_changes, assumptions, patience, interrupted, plan }
    }

    /// Begins the journal of a new run.
    pub fn begin(arguments: &RunArgs, operator: &str, inputs: Inputs) -> Result<Self, Broken> {
        let run = run_id();
        let folder = runs()?.create(&run)?;
        let header = Header {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run: run.clone(),
            started: switchover_engine::now(),
            operator: operator.to_owned(),
            folder: std::env::current_dir().unwrap_or_default().display().to_string(),
            playbooks: arguments.playbooks.iter().map(|path| path.display().to_string()).collect(),
            inventories: arguments.work.source.inventory.clone(),
            inputs,
        };
        let words: Vec<String> = crate::link::words(std::env::args_os())
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let store = Store::create(folder, &header, &words)?;
        Ok(Self::of(run, Some(store), 0))
    }

    /// Goes on with the journal of a run.
    pub fn again(again: Again, operator: &str) -> Self {
        let Again { store, begun } = again;
        crate::waits::clear(store.folder());
        store.resume(operator, switchover_engine::now());
        Self {
            interrupted: begun.last.max(begun.header.started),
            ..Self::of(begun.header.run, Some(store), begun.events)
        }
    }

    /// Returns where words from other terminals are put.
    pub fn words(&self) -> Option<PathBuf> {
        self.store.as_ref().map(|store| store.folder().approvals())
    }

    /// Returns what the engine writes to and asks.
    pub fn journal(&self) -> Arc<dyn Journal> {
        match &self.store {
            Some(store) => Arc::clone(store) as Arc<dyn Journal>,
            None => Arc::new(NoJournal),
        }
    }

    /// Returns what takes the events down.
    pub fn recorder(&self) -> Option<Box<dyn Listener>> {
        self.store.as_ref().map(|store| Box::new(Recorder(Arc::clone(store))) as Box<dyn Listener>)
    }
}

/// Returns the folder of what is kept between runs.
pub fn state_folder() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    named("SWITCHOVER_STATE")
        .or_else(|| named("XDG_STATE_HOME").map(|state| state.join("switchover")))
        .or_else(|| named("HOME").map(|home| home.join(".local/state/switchover")))
}

/// Returns the runs of this user.
pub fn runs() -> Result<Runs, Broken> {
    match state_folder() {
        Some(state) => Ok(Runs::below(&state)),
        None => {
            let path = PathBuf::from("~/.local/state/switchover");
            Err(Broken::write(&path, "neither SWITCHOVER_STATE, XDG_STATE_HOME nor HOME is set"))
        }
    }
}

/// Opens the journal of a run that is to go on.
pub fn open(folder: RunFolder, operator: &str) -> Result<Again, Broken> {
    let (store, begun) = Store::open(folder, operator)?;
    Ok(Again { store, begun })
}

/// Returns a name for this run: sortable by time, and no two alike on one machine.
fn run_id() -> String {
    format!("{:x}-{:x}", switchover_engine::now() as u64, std::process::id())
}

/// The files that playbooks were read from.
#[derive(Default)]
pub struct SeenFiles {
    paths: Mutex<BTreeSet<PathBuf>>,
    journal: OnceLock<Arc<Store>>,
}

impl SeenFiles {
    /// Notes that a file is read; the journal is told of those that come while the run goes on.
    pub fn note(&self, path: &Path) {
        let new = self.paths.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
        if new && let Some(store) = self.journal.get() {
            store.file(path, digest_of(path));
        }
    }

    /// Returns the digests of all files so far.
    pub fn digests(&self) -> std::collections::BTreeMap<String, String> {
        let paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        paths.iter().map(|path| (path.display().to_string(), digest_of(path))).collect()
    }

    /// Has later files told to the journal.
    pub fn tell(&self, store: &Arc<Store>) {
        // There is one journal in a run.
        drop(self.journal.set(Arc::clone(store)));
    }
}

/// Returns the digest of a file's bytes; a file that is gone has none.
pub fn digest_of(path: &Path) -> String {
    std::fs::read(path).map(|bytes| digest(&bytes)).unwrap_or_default()
}
