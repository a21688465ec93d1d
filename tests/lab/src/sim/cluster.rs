use super::action::{Action, Line, Refusal};
use super::conf;
use super::dataset::Kind;
use super::product::Mode;
use super::release::Release;
use super::world::World;

/// The release from which Backup V2 is the default, and survives the set-up of a pair.
const BACKUP_V2_BY_DEFAULT: Release = Release::new(2021, 2);

impl World {
    pub(super) fn begin_standalone(&mut self, host: &str) -> Result<Vec<Line>, Refusal> {
        let mode = self.product(host)?.mode;
        Ok(vec![format!("leaving {} mode", mode.word())])
    }

    /// From here on the former secondary has contents of its own, which nobody else has.
    pub(super) fn finish_standalone(&mut self, host: &str) -> Result<Vec<Line>, Refusal> {
        let mut next = self.next_generation;
        let product = self.product_mut(host)?;
        if product.mode == Mode::Standalone {
            return Ok(vec!["the instance is in standalone mode already".to_owned()]);
        }
        if product.mode == Mode::Slave {
            product.renew_data(host, || {
                next += 1;
                next - 1
            });
        }
        product.mode = Mode::Standalone;
        product.replication = None;
        product.switch(conf::PROTECTED, true);
        self.next_generation = next;
        Ok(vec!["the instance is in standalone mode".to_owned()])
    }

    pub(super) fn begin_master(&mut self, host: &str) -> Result<Vec<Line>, Refusal> {
        if let Some(other) = self.master_of(host) {
            return Err(Refusal::new(format!("{} is the master of this cluster", other.name)));
        }
        match self.product(host)?.mode {
            Mode::Slave => Err(Refusal::new("the instance is a slave; enter standalone mode first")),
            _ => Ok(vec!["stopping services".to_owned()]),
        }
    }

    pub(super) fn finish_master(&mut self, host: &str) -> Result<Vec<Line>, Refusal> {
        self.product_mut(host)?.mode = Mode::Master;
        Ok(vec!["services started".to_owned(), "the instance is in master mode".to_owned()])
    }

    /// Wipes every other member that is not protected, as the documents warn.
    pub(super) fn begin_add_slaves(&mut self, host: &str) -> Result<Vec<Line>, Refusal> {
        let product = self.product(host)?;
        if product.mode != Mode::Master {
            return Err(Refusal::new(format!("the instance is in {} mode, not master", product.mode.word())));
        }
        let build = product.build;
        let members = product.cluster_hosts.clone();
        if let Some(bad) = self.unreachable_members(host)?.first() {
            return Err(Refusal::new(format!(
                "cannot reach {bad}: its override_ip is not its own or not enabled"
            )));
        }
        let mut lines = Vec::new();
        for member in members {
            let other = self.product(&member)?;
            if other.build != build {
                return Err(Refusal::new(format!(
                    "{member} has version {}, this instance {build}",
                    other.build
                )));
            }
            if other.is_on(conf::PROTECTED) {
                lines.push(format!("{member} is protected from replication: skipped"));
                continue;
            }
            for kind in Kind::ALL {
                self.wipe(&member, kind, Action::AddSlaves.name())?;
            }
            lines.push(format!("{member}: deleted all data"));
        }
        Ok(lines)
    }

    pub(super) fn finish_add_slaves(&mut self, host: &str) -> Result<Vec<Line>, Refusal> {
        let members = self.product(host)?.cluster_hosts.clone();
        let mut lines = Vec::new();
        for member in members {
            let now = self.now;
            let other = self.product_mut(&member)?;
            if other.is_on(conf::PROTECTED) {
                continue;
            }
            other.mode = Mode::Slave;
            other.replication = None;
            other.pulled = now;
            lines.push(format!("{member} added as a slave"));
        }
        if lines.is_empty() {
            return Err(Refusal::new("no slave was added"));
        }
        let product = self.product_mut(host)?;
        if product.release < BACKUP_V2_BY_DEFAULT {
            product.switch_backup_v2(false);
        }
        Ok(lines)
    }
}
