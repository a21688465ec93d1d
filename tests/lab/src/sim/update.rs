use super::action::{EVENT_BUS, Line, Refusal};
use super::dataset::{Dataset, Kind};
use super::fault::Fault;
use super::host::{Process, Running};
use super::product::{Mode, Product, Update};
use super::release::Release;
use super::world::World;

const WORK: &str = "update";
const KEYS_NEEDED: Release = Release::new(2021, 1);
const REINDEX_NEEDED: Release = Release::new(2020, 4);
const BACKUP_V2_TURNED_ON: Release = Release::new(2021, 2);

/// Free space that the update asks for, in kibibytes.
const ROOM: u64 = 8 * 1024 * 1024;

/// The update of the product on one host.
impl World {
    /// How long an update takes, in simulated seconds: a guess.
    pub const UPDATE_SECONDS: f64 = 2400.0;

    /// What an update does, in the order of its log.
    pub const UPDATE_LINES: [&'static str; 20] = [
        "checking prerequisites",
        "checking license",
        "checking disk space",
        "preparing the new tree",
        "copying configuration",
        "merging configuration",
        "linking data disk",
        "linking backup disk",
        "installing system users",
        "installing python environment",
        "compiling assets",
        "preparing database migrations",
        "stopping services",
        "switching to the new version",
        "running database migrations (1 of 3)",
        "running database migrations (2 of 3)",
        "running database migrations (3 of 3)",
        "updating search mappings",
        "starting services",
        "cleaning up",
    ];

    /// Begins the update to what is unpacked.
    pub fn begin_update(&mut self, host: &str, process: Process) -> Result<Vec<Line>, Refusal> {
        let running = self.product(host)?.running.iter().any(|running| running.work == WORK);
        if running {
            self.note_double_start(host, WORK)?;
            return Err(Refusal::new("another update is running"));
        }
        self.may_update(host)?;
        let since = self.now;
        let product = self.product_mut(host)?;
        let again = matches!(product.update, Update::Stopped { .. });
        product.update = Update::Running { percent: 0 };
        product.running.push(Running { work: WORK.to_owned(), process, since });
        let mut lines = vec![format!("updating {} to {}", product.build, product.rpm_build)];
        if again {
            lines.push("an earlier update did not finish, starting over".to_owned());
        }
        Ok(lines)
    }

    fn may_update(&self, host: &str) -> Result<(), Refusal> {
        let state = self.host(host)?;
        let product = self.product(host)?;
        let refuse = |message: &str| Err(Refusal::new(message));
        if !product.has_unpacked() {
            return refuse("no new version is unpacked");
        }
        if product.mode != Mode::Standalone {
            // How the product updates inside a pair is not known, so the lab does not pretend to.
            return refuse(
                "the instance is not in standalone mode; the lab simulates updates of a split pair only",
            );
        }
        if state.has(Fault::LowDisk) || product.disks.software.size - product.disks.software.used < ROOM {
            return refuse("WARNING: not enough free disk space on /opt/alation; the update was not started");
        }
        let crosses = |release| product.release < release && product.rpm_release >= release;
        if crosses(KEYS_NEEDED) && (state.has(Fault::KeysNeverRotated) || !product.key_rotated) {
            return refuse("the encryption keys were never rotated on this instance");
        }
        if crosses(REINDEX_NEEDED) && !product.reindexed {
            return refuse("the 2020.4 pre-upgrade reindexing was not done");
        }
        Ok(())
    }

    /// Goes on with an update; `step` counts through [`World::UPDATE_LINES`].
    pub fn step_update(&mut self, host: &str, step: usize) -> Result<Line, Refusal> {
        let percent = u8::try_from(step * 100 / Self::UPDATE_LINES.len()).unwrap_or(100);
        let state = self.host_mut(host)?;
        if step == Self::UPDATE_LINES.len() / 2 {
            if state.has(Fault::UpdateDropsSession) {
                state.session_cuts += 1;
            }
            if state.has(Fault::UpdateFailsHalfway) {
                let product = self.product_mut(host)?;
                product.update = Update::Stopped { percent };
                product.services = false;
                return Err(Refusal::new("update failed: package post-install script exited with 1"));
            }
        }
        let line = Self::UPDATE_LINES.get(step).copied().unwrap_or_default();
        let product = self.product_mut(host)?;
        product.update = Update::Running { percent };
        if line == "stopping services" {
            product.services = false;
        }
        Ok(line.to_owned())
    }

    /// Ends an update with success: the new version is in place, with migrated data.
    pub fn finish_update(&mut self, host: &str, process: Process) -> Result<Vec<Line>, Refusal> {
        let mut next = self.next_generation;
        let mut generation = || {
            next += 1;
            next - 1
        };
        let product = self.product_mut(host)?;
        let before = product.release;
        product.release = product.rpm_release;
        product.build = product.rpm_build;
        migrate(product, host, &mut generation);
        if before < BACKUP_V2_TURNED_ON && product.release >= BACKUP_V2_TURNED_ON {
            product.switch_backup_v2(true);
        }
        product.update = Update::Done;
        product.services = true;
        product.count(WORK);
        let line = format!("update to {} finished", product.build);
        self.next_generation = next;
        self.end(host, WORK, process)?;
        Ok(vec![line])
    }
}

fn migrate(product: &mut Product, host: &str, generation: &mut impl FnMut() -> u64) {
    product.renew_data(host, &mut *generation);
    if product.release >= EVENT_BUS && product.data.get(Kind::Eventbus).generation == 0 {
        product.data.eventbus = Dataset::whole(generation(), host);
    }
}
