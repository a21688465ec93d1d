//! The state machine by itself: each action, each wrong order, each fault that needs no process.

mod backups;
mod copies;
mod order;
mod updates;

use super::*;
use crate::lab::{BackupTool, HostEntry, Preset, Settings, ShellForm, first_world};

pub const P: &str = "primary";
pub const S: &str = "secondary";

/// A process for work that only this test does.
pub const ME: Process = Process { pid: 1, started: 1 };
pub const OTHER: Process = Process { pid: 2, started: 1 };

/// A pair in simulated time that a test moves.
pub struct Pair {
    pub world: World,
    pub settings: Settings,
}

impl Pair {
    pub fn new(from: &str, to: &str, tool: BackupTool) -> Self {
        let (from, to): (Release, Release) = (from.parse().unwrap(), to.parse().unwrap());
        let entry = |name: &str, last| HostEntry {
            name: name.to_owned(),
            address: format!("127.0.0.{last}"),
            ssh_port: 1,
            monitor_port: 2,
        };
        let settings = Settings {
            preset: Preset::HaPair,
            hosts: vec![entry(P, 11), entry(S, 12)],
            from,
            from_build: from.usual_build().unwrap(),
            to,
            to_build: to.usual_build().unwrap(),
            scale: 1.0,
            epoch: 0.0,
            user: "lab".to_owned(),
            password: String::new(),
            sudo_password: None,
            shell_form: ShellForm::Stdin,
            backup_tool: tool,
        };
        let mut pair = Self { world: first_world(&settings, &[]), settings };
        pair.pass(0.0);
        pair
    }

    pub fn usual() -> Self {
        Self::new("2021.3", "2021.4", BackupTool::V2)
    }

    pub fn fault(&mut self, host: &str, fault: Fault) {
        self.world.host_mut(host).unwrap().faults.insert(fault, None);
    }

    pub fn pass(&mut self, seconds: f64) {
        let now = self.world.now + seconds;
        self.world.advance(now, |_| true);
    }

    pub fn product(&self, host: &str) -> &Product {
        self.world.product(host).unwrap()
    }

    /// Does an action to its end, as its command would.
    pub fn run(&mut self, host: &str, action: Action) -> Result<(), Refusal> {
        let done = self.try_run(host, action);
        if done.is_err() {
            self.world.end(host, action.name(), ME).unwrap();
        }
        done
    }

    fn try_run(&mut self, host: &str, action: Action) -> Result<(), Refusal> {
        self.world.begin(host, action, ME)?;
        for percent in [25, 50, 75, 100] {
            self.pass(action.duration() / 4.0);
            self.world.step(host, action, percent)?;
        }
        self.world.finish(host, action, ME)?;
        self.pass(0.0);
        Ok(())
    }

    pub fn unpack(&mut self, host: &str) {
        let (release, build) = (self.settings.to, self.settings.to_build);
        let product = self.world.product_mut(host).unwrap();
        (product.rpm_release, product.rpm_build) = (release, build);
    }

    /// Updates what is unpacked to its end.
    pub fn update(&mut self, host: &str) -> Result<(), Refusal> {
        self.world.begin_update(host, ME)?;
        for step in 0..World::UPDATE_LINES.len() {
            if let Err(refusal) = self.world.step_update(host, step) {
                self.world.end(host, "update", ME)?;
                return Err(refusal);
            }
        }
        self.world.finish_update(host, ME)?;
        Ok(())
    }

    pub fn conf(&mut self, host: &str, key: &str, value: &str) {
        self.world.product_mut(host).unwrap().set_conf(key, value).unwrap();
    }

    /// The procedure up to the updated, standalone pair.
    pub fn split_and_update(&mut self) {
        for host in [P, S] {
            self.run(host, Action::EnterStandalone).unwrap();
        }
        for host in [S, P] {
            self.unpack(host);
            self.update(host).unwrap();
        }
    }

    /// The procedure from the updated pair to the point before the slave is added.
    pub fn prepare_rebuild(&mut self) {
        self.run(P, Action::EnterMaster).unwrap();
        self.conf(S, conf::PROTECTED, "False");
        for (host, address) in [(P, "127.0.0.11"), (S, "127.0.0.12")] {
            self.conf(host, conf::OVERRIDE_IP, address);
            self.conf(host, conf::ENABLE_OVERRIDE_IP, "True");
        }
    }

    /// The whole procedure.
    pub fn whole(&mut self) {
        self.split_and_update();
        self.prepare_rebuild();
        self.run(P, Action::AddSlaves).unwrap();
        self.run(S, Action::KvstoreCopy).unwrap();
        self.run(S, Action::ReplicatePostgres).unwrap();
        if self.settings.to >= Release::new(2021, 4) {
            self.run(S, Action::KafkaSync).unwrap();
        }
    }

    pub fn problems(&self, expect: Expectation) -> Vec<String> {
        let target = (self.settings.to, self.settings.to_build);
        problems(&self.world, expect, target, self.settings.from_build)
    }
}

#[test]
fn a_new_pair_is_untouched_and_replicates() {
    let pair = Pair::usual();
    assert_eq!(pair.problems(Expectation::Untouched), Vec::<String>::new());
    assert!(pair.world.lag(P).is_some());
    assert_eq!(pair.product(S).data.search, Dataset::empty());
}

#[test]
fn the_whole_procedure_leaves_an_updated_pair() {
    for (from, to) in [("2021.3", "2021.4"), ("2021.4", "2022.1"), ("2021.1", "2021.2")] {
        let mut pair = Pair::new(from, to, BackupTool::V2);
        pair.whole();
        assert_eq!(pair.problems(Expectation::Updated), Vec::<String>::new(), "{from} to {to}");
    }
}

#[test]
fn a_secondary_that_is_still_down_is_no_updated_pair() {
    let mut pair = Pair::usual();
    pair.whole();
    pair.world.product_mut(S).unwrap().services = false;
    assert_eq!(pair.problems(Expectation::Updated), ["secondary: services are down"]);
}
