use super::action::{Action, Line, Refusal};
use super::dataset::{Dataset, Kind};
use super::fault::Fault;
use super::product::{Mode, Replication};
use super::world::World;

/// How much there is to copy, in megabytes, for progress lines.
fn megabytes(kind: Kind) -> u64 {
    match kind {
        Kind::Postgres => 589_824,
        Kind::Kvstore => 18_432,
        Kind::Eventbus => 2_048,
        Kind::Search => 0,
    }
}

impl World {
    /// Deletes the data of the machine it is run on, whatever that is, and only then looks for the source.
    pub(super) fn begin_copy(
        &mut self,
        host: &str,
        action: Action,
        twice: bool,
    ) -> Result<Vec<Line>, Refusal> {
        let kind = action.copies().ok_or_else(|| Refusal::new("this action copies nothing"))?;
        self.wipe(host, kind, action.name())?;
        if kind == Kind::Postgres {
            self.product_mut(host)?.replication = None;
        }
        let mut lines = vec![format!("deleted the {} data of this machine", kind.name())];
        lines.extend(self.begin_transfer(host, kind, twice)?);
        Ok(lines)
    }

    pub(super) fn begin_kafka_sync(&mut self, host: &str, twice: bool) -> Result<Vec<Line>, Refusal> {
        if self.product(host)?.mode != Mode::Slave {
            return Err(Refusal::new("the event bus is synchronised from a slave only"));
        }
        self.begin_transfer(host, Kind::Eventbus, twice)
    }

    fn begin_transfer(&mut self, host: &str, kind: Kind, twice: bool) -> Result<Vec<Line>, Refusal> {
        let (master, generation) = self.source(host, kind)?;
        let dataset = self.product_mut(host)?.data.get_mut(kind);
        *dataset = Dataset { generation, origin: master.clone(), percent: 0, corrupt: twice };
        Ok(vec![format!("copying {} from {master}", kind.name())])
    }

    /// The master of this slave and the contents it has to give.
    fn source(&self, host: &str, kind: Kind) -> Result<(String, u64), Refusal> {
        let product = self.product(host)?;
        if product.mode != Mode::Slave {
            return Err(Refusal::new(format!(
                "the instance is in {} mode, there is nothing to copy from",
                { product.mode.word() }
            )));
        }
        let master = self.master_of(host).ok_or_else(|| Refusal::new("no master found in the cluster"))?;
        let product = self.product(&master.name)?;
        let dataset = product.data.get(kind);
        if !dataset.is_whole() {
            return Err(Refusal::new(format!("the {} data of {} is not whole", kind.name(), master.name)));
        }
        Ok((master.name.clone(), dataset.generation))
    }

    pub(super) fn step_copy(
        &mut self,
        host: &str,
        action: Action,
        percent: u8,
    ) -> Result<Option<Line>, Refusal> {
        let Some(kind) = action.copies() else { return Ok(None) };
        if action == Action::KvstoreCopy && percent >= 50 && self.host(host)?.has(Fault::KvstoreDiesHalfway) {
            return Err(Refusal::new("copy failed: connection reset by peer"));
        }
        if action == Action::ReplicatePostgres && percent >= 50 {
            let faults = &mut self.host_mut(host)?.faults;
            if let Some(seconds) = faults.remove(&Fault::SshdDownDuringCopy) {
                faults.insert(Fault::SshdDown, seconds);
            }
        }
        // A member that left the pair meanwhile must not get what was on the way.
        self.source(host, kind)?;
        let two =
            self.product(host)?.running.iter().filter(|running| running.work == action.name()).count() > 1;
        let dataset = self.product_mut(host)?.data.get_mut(kind);
        dataset.corrupt |= two;
        dataset.percent = percent.min(99);
        let total = megabytes(kind);
        let done = total * u64::from(percent) / 100;
        Ok(Some(format!("{}: {done} of {total} MB copied ({percent} %)", kind.name())))
    }

    pub(super) fn finish_copy(&mut self, host: &str, action: Action) -> Result<Vec<Line>, Refusal> {
        let kind = action.copies().ok_or_else(|| Refusal::new("this action copies nothing"))?;
        let (master, generation) = self.source(host, kind)?;
        let since = self.now;
        let product = self.product_mut(host)?;
        let corrupt = product.data.get(kind).corrupt;
        *product.data.get_mut(kind) = Dataset { generation, origin: master.clone(), percent: 100, corrupt };
        if kind == Kind::Postgres {
            product.replication = Some(Replication { from: master, since });
            return Ok(vec!["postgres copied, replication started".to_owned()]);
        }
        Ok(vec![format!("{} copied", kind.name())])
    }
}
