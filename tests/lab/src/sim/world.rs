use std::collections::BTreeMap;

use super::action::Refusal;
use super::conf;
use super::dataset::{Dataset, Kind};
use super::host::{HostState, Loss, Member, Process};
use super::product::{Mode, Product, Update};

/// All hosts at one moment of simulated time.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    pub hosts: BTreeMap<String, HostState>,
    /// Simulated seconds since the lab was made.
    pub now: f64,
    /// The number that the next new contents get.
    pub next_generation: u64,
}

impl World {
    /// A world without hosts.
    pub fn new() -> Self {
        Self { hosts: BTreeMap::new(), now: 0.0, next_generation: 1 }
    }

    /// Gives out a number for new contents.
    pub fn new_generation(&mut self) -> u64 {
        self.next_generation += 1;
        self.next_generation - 1
    }

    /// A host, which must be one of this lab.
    pub fn host(&self, name: &str) -> Result<&HostState, Refusal> {
        self.hosts.get(name).ok_or_else(|| Refusal::new(format!("the lab has no host {name}")))
    }

    /// A host, to change it.
    pub fn host_mut(&mut self, name: &str) -> Result<&mut HostState, Refusal> {
        self.hosts.get_mut(name).ok_or_else(|| Refusal::new(format!("the lab has no host {name}")))
    }

    /// The product on a host.
    pub fn product(&self, name: &str) -> Result<&Product, Refusal> {
        let none = || Refusal::new(format!("{name} has no product installed"));
        self.host(name)?.product.as_ref().ok_or_else(none)
    }

    /// The product on a host, to change it.
    pub fn product_mut(&mut self, name: &str) -> Result<&mut Product, Refusal> {
        let none = || Refusal::new(format!("{name} has no product installed"));
        self.host_mut(name)?.product.as_mut().ok_or_else(none)
    }

    /// The host that was made with this role.
    pub fn member(&self, member: Member) -> Option<&HostState> {
        self.hosts.values().find(|host| host.member == member)
    }

    /// The master among the other members of a host's cluster.
    pub fn master_of(&self, name: &str) -> Option<&HostState> {
        let product = self.hosts.get(name)?.product.as_ref()?;
        product
            .cluster_hosts
            .iter()
            .filter_map(|other| self.hosts.get(other))
            .find(|other| other.product.as_ref().is_some_and(|product| product.mode == Mode::Master))
    }

    /// Empties a data set. What the original primary holds is production data, and its end is recorded; a
    /// search index can be built anew and never counts.
    pub fn wipe(&mut self, name: &str, kind: Kind, by: &str) -> Result<(), Refusal> {
        let at = self.now;
        let host = self.host_mut(name)?;
        let precious = host.member == Member::Primary && kind != Kind::Search;
        let Some(product) = host.product.as_mut() else { return Ok(()) };
        let dataset = product.data.get_mut(kind);
        let generation = dataset.generation;
        *dataset = Dataset::empty();
        if precious && generation != 0 {
            host.losses.push(Loss { data: kind, generation, by: by.to_owned(), at });
        }
        Ok(())
    }

    /// Lets happen what happens by itself: the end of processes, replication, the pull of the configuration.
    pub fn advance(&mut self, now: f64, is_alive: impl Fn(&Process) -> bool) {
        self.now = now;
        for host in self.hosts.values_mut() {
            if let Some(product) = &mut host.product {
                reap(product, &is_alive);
            }
        }
        let names: Vec<String> = self.hosts.keys().cloned().collect();
        for name in names {
            self.follow(&name);
        }
    }

    /// Brings a secondary up to date with its primary.
    fn follow(&mut self, name: &str) {
        let Some(master) = self.master_of(name).and_then(|host| host.product.clone()) else { return };
        let now = self.now;
        let Some(slave) = self.hosts.get_mut(name).and_then(|host| host.product.as_mut()) else { return };
        if slave.mode != Mode::Slave {
            return;
        }
        if slave.replication.is_some() && slave.data.postgres.is_whole() && master.data.postgres.is_whole() {
            slave.data.postgres = master.data.postgres.clone();
            slave.key_rotated = master.key_rotated;
            slave.reindexed = master.reindexed;
        }
        if now - slave.pulled >= conf::PULL_SECONDS {
            slave.pulled = now;
            conf::pull(&master, slave);
        }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

/// Forgets work whose process is gone; what it left half done stays so.
fn reap(product: &mut Product, is_alive: impl Fn(&Process) -> bool) {
    product.running.retain(|running| is_alive(&running.process));
    let updating = product.running.iter().any(|running| running.work == "update");
    if let (Update::Running { percent }, false) = (&product.update, updating) {
        product.update = Update::Stopped { percent: *percent };
    }
}
