use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::dataset::{Dataset, Datasets, Kind};
use super::host::Running;
use super::release::{Build, Release};

/// The simulated product on one host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Product {
    pub release: Release,
    pub build: Build,
    /// The package that rpm knows; differs from the installed build between unpacking and update.
    pub rpm_release: Release,
    pub rpm_build: Build,
    pub mode: Mode,
    pub update: Update,
    /// Whether the web interface and the background services run.
    pub services: bool,
    /// Every configuration value but the replication mode.
    pub conf: BTreeMap<String, String>,
    /// The keys with which the members of a cluster reach each other.
    pub cluster_keys: bool,
    /// The other members.
    pub cluster_hosts: Vec<String>,
    pub data: Datasets,
    /// Set once Postgres was copied to this host and follows the primary.
    pub replication: Option<Replication>,
    /// When the configuration was last pulled from the primary, in simulated seconds.
    pub pulled: f64,
    pub key_rotated: bool,
    pub reindexed: bool,
    pub disks: Disks,
    pub running: Vec<Running>,
    /// How often each action came to its end.
    pub completed: BTreeMap<String, u32>,
}

/// The role in the pair, as `alation.cluster.replication_mode` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Standalone,
    Master,
    Slave,
}

impl Mode {
    /// The word that is printed; only `standalone` is documented.
    pub fn word(self) -> &'static str {
        match self {
            Self::Standalone => "standalone",
            Self::Master => "master",
            Self::Slave => "slave",
        }
    }
}

/// How the last update went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Update {
    /// None was begun.
    Never,
    /// It runs.
    Running {
        percent: u8,
    },
    /// It stopped on the way: an error, or its process is gone.
    Stopped {
        percent: u8,
    },
    Done,
}

/// Postgres on a secondary that follows its primary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replication {
    /// The host that is followed.
    pub from: String,
    /// Since when, in simulated seconds.
    pub since: f64,
}

/// The disks of a host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Disks {
    pub software: Disk,
    pub data: Disk,
    pub backup: Disk,
}

/// A disk's size and what is used of it, in kibibytes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Disk {
    pub size: u64,
    pub used: u64,
}

const GIBIBYTE: u64 = 1024 * 1024;

impl Disks {
    /// Disks as a pair with 576 GB of data has them.
    pub fn roomy() -> Self {
        let disk = |size, used| Disk { size: size * GIBIBYTE, used: used * GIBIBYTE };
        Self { software: disk(60, 12), data: disk(1_200, 576), backup: disk(2_000, 640) }
    }
}

impl Product {
    /// A product in its usual state, alone, with data of one generation.
    pub fn new(release: Release, build: Build, data: &Dataset) -> Self {
        Self {
            release,
            build,
            rpm_release: release,
            rpm_build: build,
            mode: Mode::Standalone,
            update: Update::Never,
            services: true,
            conf: BTreeMap::new(),
            cluster_keys: true,
            cluster_hosts: Vec::new(),
            data: Datasets::all(data),
            replication: None,
            pulled: 0.0,
            key_rotated: true,
            reindexed: release >= Release::new(2020, 4),
            disks: Disks::roomy(),
            running: Vec::new(),
            completed: BTreeMap::new(),
        }
    }

    /// The value of a switch; `False` when it is not set.
    pub fn is_on(&self, key: &str) -> bool {
        self.conf.get(key).is_some_and(|value| value == "True")
    }

    /// Turns a switch on or off.
    pub fn switch(&mut self, key: &str, on: bool) {
        self.conf.insert(key.to_owned(), if on { "True" } else { "False" }.to_owned());
    }

    /// Counts an action that came to its end.
    pub fn count(&mut self, action: &str) {
        *self.completed.entry(action.to_owned()).or_default() += 1;
    }

    /// Whether a package is unpacked but not yet applied.
    pub fn has_unpacked(&self) -> bool {
        self.rpm_build != self.build
    }

    /// Gives every data set that is whole new contents, made here.
    pub fn renew_data(&mut self, host: &str, mut generation: impl FnMut() -> u64) {
        for kind in Kind::ALL {
            let dataset = self.data.get_mut(kind);
            if dataset.is_whole() {
                *dataset = Dataset::whole(generation(), host);
            }
        }
    }
}
