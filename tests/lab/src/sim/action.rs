use super::conf;
use super::dataset::Kind;
use super::fault::Fault;
use super::host::{Process, Running, Twice};
use super::release::Release;
use super::world::World;

/// Text that a command prints.
pub type Line = String;

/// Why a command did not do its work; it is printed as an error, and the exit code is 1.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    pub message: String,
}

impl Refusal {
    /// A refusal in these words.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

/// An administrative action of the product. Each is begun, goes on step by step in real time, and is finished;
/// a process that dies on the way leaves what the steps so far have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    EnterStandalone,
    EnterMaster,
    AddSlaves,
    KvstoreCopy,
    ReplicatePostgres,
    KafkaSync,
    GenerateKeys,
    EnableBackupV2,
    DisableBackupV2,
    Restart,
    ScanPostgres,
    Reindex,
}

const NAMES: [(Action, &str); 12] = [
    (Action::EnterStandalone, "cluster_enter_standalone_mode"),
    (Action::EnterMaster, "cluster_enter_master_mode"),
    (Action::AddSlaves, "cluster_add_slaves"),
    (Action::KvstoreCopy, "cluster_kvstore_copy"),
    (Action::ReplicatePostgres, "cluster_replicate_postgres"),
    (Action::KafkaSync, "cluster_start_kafka_sync"),
    (Action::GenerateKeys, "cluster_generate_keys"),
    (Action::EnableBackupV2, "enable_backupv2"),
    (Action::DisableBackupV2, "disable_backupv2"),
    (Action::Restart, "restart_alation"),
    (Action::ScanPostgres, "scan_postgres"),
    (Action::Reindex, "pre_upgrade_reindex"),
];

/// The release from which there is an event bus to synchronise.
pub const EVENT_BUS: Release = Release::new(2021, 4);

impl Action {
    /// Every action.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.into_iter().map(|(action, _)| action)
    }

    /// The action of this name.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.into_iter().find(|(_, known)| *known == name).map(|(action, _)| action)
    }

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(action, _)| *action == self).map_or("", |(_, name)| name)
    }

    /// Whether a release knows the action.
    pub fn is_offered(self, release: Release) -> bool {
        match self {
            Self::KafkaSync => release >= EVENT_BUS,
            Self::Reindex => release < Release::new(2020, 4),
            _ => true,
        }
    }

    /// What it deletes on which machine, for those that delete.
    pub fn destroys(self) -> Option<&'static str> {
        match self {
            Self::AddSlaves => Some("all data of every instance that is not protected from replication"),
            Self::KvstoreCopy => Some("all KVStore data on this machine"),
            Self::ReplicatePostgres => Some("all Postgres data on this machine"),
            _ => None,
        }
    }

    /// How long it takes, in simulated seconds: the upper end of what is documented, else a guess.
    pub fn duration(self) -> f64 {
        match self {
            Self::ReplicatePostgres => 8.0 * 3600.0,
            Self::KvstoreCopy => 3600.0,
            Self::ScanPostgres => 54.0 * 60.0,
            Self::Reindex => 1800.0,
            Self::KafkaSync => 600.0,
            Self::EnterMaster | Self::Restart => 300.0,
            Self::AddSlaves => 180.0,
            Self::EnterStandalone => 120.0,
            Self::GenerateKeys | Self::EnableBackupV2 | Self::DisableBackupV2 => 10.0,
        }
    }

    /// In how many steps it goes on.
    pub fn steps(self) -> u8 {
        match self {
            Self::ReplicatePostgres | Self::KvstoreCopy => 20,
            Self::KafkaSync | Self::EnterMaster | Self::ScanPostgres | Self::Reindex => 5,
            _ => 2,
        }
    }

    /// The data set that it copies from the primary.
    pub(super) fn copies(self) -> Option<Kind> {
        match self {
            Self::KvstoreCopy => Some(Kind::Kvstore),
            Self::ReplicatePostgres => Some(Kind::Postgres),
            Self::KafkaSync => Some(Kind::Eventbus),
            _ => None,
        }
    }

    fn restarts_services(self) -> bool {
        matches!(self, Self::EnterMaster | Self::Restart | Self::Reindex)
    }
}

impl World {
    /// Begins an action on a host. What the action deletes is gone when this returns, even with a refusal.
    pub fn begin(&mut self, host: &str, action: Action, process: Process) -> Result<Vec<Line>, Refusal> {
        let product = self.product(host)?;
        if !action.is_offered(product.release) {
            return Err(Refusal::new(format!("no such action: {}", action.name())));
        }
        let twice = product.running.iter().any(|running| running.work == action.name());
        if twice {
            self.note_double_start(host, action.name())?;
        }
        let lines = match action {
            Action::EnterStandalone => self.begin_standalone(host)?,
            Action::EnterMaster => self.begin_master(host)?,
            Action::AddSlaves if twice => return Err(Refusal::new("slaves are being added already")),
            Action::AddSlaves => self.begin_add_slaves(host)?,
            Action::KvstoreCopy | Action::ReplicatePostgres => self.begin_copy(host, action, twice)?,
            Action::KafkaSync => self.begin_kafka_sync(host, twice)?,
            _ => Vec::new(),
        };
        let since = self.now;
        let product = self.product_mut(host)?;
        if action.restarts_services() {
            product.services = false;
        }
        product.running.push(Running { work: action.name().to_owned(), process, since });
        Ok(lines)
    }

    /// Goes on with an action until `percent` of it is done.
    pub fn step(&mut self, host: &str, action: Action, percent: u8) -> Result<Option<Line>, Refusal> {
        match action {
            Action::KvstoreCopy | Action::ReplicatePostgres | Action::KafkaSync => {
                self.step_copy(host, action, percent)
            }
            Action::EnterMaster if percent < 100 => Ok(Some(format!("restarting services ({percent} %)"))),
            _ => Ok(None),
        }
    }

    /// Ends an action with success.
    pub fn finish(&mut self, host: &str, action: Action, process: Process) -> Result<Vec<Line>, Refusal> {
        let lines = match action {
            Action::EnterStandalone => self.finish_standalone(host)?,
            Action::EnterMaster => self.finish_master(host)?,
            Action::AddSlaves => self.finish_add_slaves(host)?,
            Action::KvstoreCopy | Action::ReplicatePostgres | Action::KafkaSync => {
                self.finish_copy(host, action)?
            }
            Action::GenerateKeys => {
                self.product_mut(host)?.cluster_keys = true;
                vec!["cluster keys generated".to_owned()]
            }
            Action::EnableBackupV2 => self.product_mut(host)?.switch_backup_v2_told(true),
            Action::DisableBackupV2 => self.product_mut(host)?.switch_backup_v2_told(false),
            Action::Restart => vec!["all services restarted".to_owned()],
            Action::ScanPostgres => vec!["scan finished: no corrupted index found".to_owned()],
            Action::Reindex => {
                self.product_mut(host)?.reindexed = true;
                vec!["pre-upgrade reindexing finished".to_owned()]
            }
        };
        let product = self.product_mut(host)?;
        if action.restarts_services() {
            product.services = true;
        }
        product.count(action.name());
        self.end(host, action.name(), process)?;
        Ok(lines)
    }

    /// Forgets that a process works at something, however it ended.
    pub fn end(&mut self, host: &str, work: &str, process: Process) -> Result<(), Refusal> {
        let product = self.product_mut(host)?;
        product.running.retain(|running| running.work != work || running.process != process);
        Ok(())
    }

    /// Records that something was started while it ran.
    pub(super) fn note_double_start(&mut self, host: &str, work: &str) -> Result<(), Refusal> {
        let at = self.now;
        self.host_mut(host)?.double_starts.push(Twice { work: work.to_owned(), at });
        Ok(())
    }

    /// Whether a fault is on at the host or at any other member of its cluster.
    pub(super) fn any_has(&self, fault: Fault) -> bool {
        self.hosts.values().any(|host| host.has(fault))
    }

    /// The names of the other members that need something fixed before they can be reached.
    pub(super) fn unreachable_members(&self, host: &str) -> Result<Vec<String>, Refusal> {
        let product = self.product(host)?;
        let members = product.cluster_hosts.iter().cloned().chain([host.to_owned()]);
        let mut bad = Vec::new();
        for name in members {
            let member = self.host(&name)?;
            let Some(product) = &member.product else { continue };
            let address = product.conf.get(conf::OVERRIDE_IP).map_or("", String::as_str);
            let overridden = product.is_on(conf::ENABLE_OVERRIDE_IP) && address == member.address;
            if product.release >= Release::new(2020, 4) && !overridden {
                bad.push(name);
            }
        }
        Ok(bad)
    }
}
