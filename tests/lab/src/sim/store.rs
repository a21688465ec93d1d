use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::action::Refusal;
use super::event::Event;
use super::host::{HostState, Process};
use super::world::World;
use crate::lab::{Layout, Settings};

/// The world of a lab on disk. Every process of the lab goes through this, under one lock for all hosts, since
/// many actions touch two of them.
#[derive(Clone, Debug)]
pub struct Store {
    layout: Layout,
    settings: Settings,
}

/// Why the world cannot be read or written, or did not let something happen.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("failed to read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("failed to write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{} is damaged", path.display())]
    Damaged { path: PathBuf, source: serde_json::Error },
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// The present Unix time in seconds.
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

impl Store {
    /// Opens the store of an existing lab.
    pub fn open(layout: Layout) -> Result<Self, StoreError> {
        let path = layout.settings();
        let settings = Settings::read(&path).map_err(|source| StoreError::Read { path, source })?;
        Ok(Self { layout, settings })
    }

    /// A store for a lab that is being made.
    pub fn new(layout: Layout, settings: Settings) -> Self {
        Self { layout, settings }
    }

    /// What the lab was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where the lab keeps its files.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The simulated time in seconds.
    pub fn simulated_now(&self) -> f64 {
        (now() - self.settings.epoch) / self.settings.scale
    }

    /// Lets `change` look at the world and change it; what it changed is kept also when it refuses.
    pub fn change<R>(&self, change: impl FnOnce(&mut World) -> Result<R, Refusal>) -> Result<R, StoreError> {
        let _lock = self.lock()?;
        let before = self.read()?;
        let mut world = before.clone();
        world.advance(self.simulated_now(), Process::is_alive);
        let result = change(&mut world);
        self.write(&before, &world)?;
        Ok(result?)
    }

    /// Returns the present world.
    pub fn world(&self) -> Result<World, StoreError> {
        self.change(|world| Ok(world.clone()))
    }

    /// Writes a first world.
    pub fn create(&self, world: &World) -> Result<(), StoreError> {
        let _lock = self.lock()?;
        self.write(&World::new(), world)
    }

    /// Reads one host as it was last written, without waiting for the lock.
    pub fn glance(&self, host: &str) -> Result<HostState, StoreError> {
        read_json(&self.layout.host(host).state())
    }

    /// Appends to a host's log.
    pub fn record(&self, event: &Event) -> Result<(), StoreError> {
        let path = self.layout.host(&event.host).events();
        let failed = |source| StoreError::Write { path: path.clone(), source };
        let mut line = serde_json::to_string(event).map_err(|error| failed(error.into()))?;
        line.push('\n');
        let _lock = self.lock()?;
        let mut file = OpenOptions::new().create(true).append(true).open(&path).map_err(failed)?;
        file.write_all(line.as_bytes()).map_err(failed)
    }

    /// Reads a host's log.
    pub fn events(&self, host: &str) -> Result<Vec<Event>, StoreError> {
        let path = self.layout.host(host).events();
        let _lock = self.lock()?;
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(StoreError::Read { path, source }),
        };
        text.lines()
            .map(serde_json::from_str)
            .collect::<Result<_, _>>()
            .map_err(|source| StoreError::Damaged { path, source })
    }

    fn lock(&self) -> Result<File, StoreError> {
        let path = self.layout.lock();
        let lock = || {
            let file = OpenOptions::new().create(true).append(true).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        lock().map_err(|source| StoreError::Write { path: path.clone(), source })
    }

    fn counter(&self) -> PathBuf {
        self.layout.root().join("generation.json")
    }

    fn read(&self) -> Result<World, StoreError> {
        let mut world = World::new();
        world.next_generation = read_json(&self.counter())?;
        for entry in &self.settings.hosts {
            world.hosts.insert(entry.name.clone(), self.glance(&entry.name)?);
        }
        Ok(world)
    }

    fn write(&self, before: &World, after: &World) -> Result<(), StoreError> {
        for (name, host) in &after.hosts {
            if before.hosts.get(name) != Some(host) {
                write_json(&self.layout.host(name).state(), host)?;
            }
        }
        if before.next_generation != after.next_generation || !self.counter().exists() {
            write_json(&self.counter(), &after.next_generation)?;
        }
        Ok(())
    }
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, StoreError> {
    let bytes = fs::read(path).map_err(|source| StoreError::Read { path: path.to_owned(), source })?;
    serde_json::from_slice(&bytes).map_err(|source| StoreError::Damaged { path: path.to_owned(), source })
}

/// Replaces a file at once, so that a reader without the lock sees the old or the new one.
fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<(), StoreError> {
    let new = path.with_extension("new");
    let write = || {
        fs::write(&new, serde_json::to_vec_pretty(value)?)?;
        fs::rename(&new, path)
    };
    write().map_err(|source| StoreError::Write { path: path.to_owned(), source })
}
