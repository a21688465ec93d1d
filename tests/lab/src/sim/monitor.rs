use super::fault::Fault;
use super::product::Mode;
use super::world::World;

/// Bytes that wait for a standby right after it was copied.
const BACKLOG: f64 = 52_428_800.0;

impl World {
    /// The body of the replication page. Only the form for a standalone instance, with one pair, is seen in
    /// the wild; the keys are the lab's own.
    pub fn replication_page(&self, host: &str) -> String {
        let Some(product) = self.hosts.get(host).and_then(|host| host.product.as_ref()) else {
            return "{}".to_owned();
        };
        match product.mode {
            Mode::Standalone | Mode::Slave => format!("{{\"replicationMode\": \"{}\"}}", product.mode.word()),
            Mode::Master => {
                let lag = self.lag(host).map_or_else(|| "\"unknown\"".to_owned(), |bytes| bytes.to_string());
                format!("{{\"replicationMode\": \"master\", \"postgres_lag_bytes\": {lag}}}")
            }
        }
    }

    /// The bytes that the secondary of this master has yet to replay; `None` when nothing replicates.
    pub fn lag(&self, master: &str) -> Option<u64> {
        if self.any_has(Fault::ReplicationStuckUnknown) {
            return None;
        }
        let source = self.hosts.get(master)?.product.as_ref()?;
        let since = source.cluster_hosts.iter().find_map(|name| {
            let slave = self.hosts.get(name)?.product.as_ref()?;
            let replication = slave.replication.as_ref().filter(|replication| replication.from == master)?;
            let follows = slave.mode == Mode::Slave && slave.data.postgres.is_whole();
            (follows && slave.data.postgres.generation == source.data.postgres.generation)
                .then_some(replication.since)
        })?;
        let age = (self.now - since).max(0.0);
        if self.any_has(Fault::LagGrows) {
            return Some((BACKLOG + age * 65_536.0) as u64);
        }
        // Never quite zero: a busy primary always has something on the way.
        let rest = BACKLOG * (-age / 300.0).exp();
        Some(rest as u64 + (age as u64).wrapping_mul(7_919) % 65_536)
    }
}
