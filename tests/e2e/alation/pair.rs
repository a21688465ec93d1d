use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::lab::lab;
use crate::scenario::{Outcome, Scenario};

/// Everything that a human could vouch for.
pub const CONFIRMED: &[&str] =
    &["backup", "key_rotation", "reindex", "query_scheduling", "secondary_validated", "primary_validated"];

/// A simulated pair, and the playbook that updates it.
pub struct Pair {
    folder: TempDir,
}

/// Something that ran on a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub host: String,
    pub command: String,
    pub finished: bool,
    pub time: u64,
}

impl Pair {
    /// Starts a lab; `options` are those of `switchover-lab start`.
    pub fn start(options: &[&str]) -> Self {
        let pair = Self { folder: tempfile::tempdir().unwrap() };
        let dir = pair.dir();
        let mut arguments = vec!["start", dir.to_str().unwrap()];
        if !options.contains(&"--scale") {
            arguments.extend(["--scale", "0.00005"]);
        }
        arguments.extend(options);
        let (ok, text) = lab(&arguments);
        assert!(ok && text.contains("ready"), "the lab did not start: {text}");
        pair
    }

    /// Returns the lab's folder.
    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("lab")
    }

    /// Returns a run of the playbook with nothing confirmed and nothing approved.
    pub fn scenario(&self) -> Scenario {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let inventory = self.dir().join("inventory.yml");
        Scenario::new()
            .inside(repository)
            .args(["run", "playbooks/alation/update_ha_pair.yml", "-i", inventory.to_str().unwrap()])
            .vars(r#"{"alation_monitor_interval": 0.1, "alation_monitor_samples": 2}"#)
    }

    /// Returns a run with everything confirmed and approved.
    pub fn permitted(&self) -> Scenario {
        self.scenario().args(["--approve", "all"]).confirmed(CONFIRMED)
    }

    /// Runs it with everything confirmed and approved.
    pub fn update(&self) -> Outcome {
        self.permitted().run()
    }

    /// Turns a fault on or off: `NAME[=VALUE]`.
    pub fn fault(&self, host: &str, fault: &str, on: bool) {
        let word = if on { "on" } else { "off" };
        let (ok, text) = lab(&["fault", self.dir().to_str().unwrap(), host, fault, word]);
        assert!(ok, "{text}");
    }

    /// Does what a human does: `rotate-keys`, `reindex`, ...
    pub fn act(&self, host: &str, what: &str) {
        let (ok, text) = lab(&["act", self.dir().to_str().unwrap(), host, what]);
        assert!(ok, "{text}");
    }

    /// Returns what is not as expected (`updated`, `split`, `untouched`); empty when all is.
    pub fn problems(&self, expect: &str) -> String {
        let (ok, text) = lab(&["check", self.dir().to_str().unwrap(), "--expect", expect]);
        if ok { String::new() } else { text }
    }

    /// Returns everything that ran on both hosts, in order.
    pub fn events(&self) -> Vec<Event> {
        let mut events: Vec<Event> = ["primary", "secondary"]
            .iter()
            .flat_map(|host| {
                let path = self.dir().join("hosts").join(host).join("events.log");
                let text = std::fs::read_to_string(path).unwrap_or_default();
                // The lab may be in the middle of its last line.
                let whole = text.rfind('\n').map_or("", |end| &text[..end]);
                whole.lines().map(|line| event(line, host)).collect::<Vec<_>>()
            })
            .collect();
        events.sort_by_key(|event| event.time);
        events
    }

    /// Returns how often a command was started on a host.
    pub fn starts(&self, host: &str, command: &str) -> usize {
        self.events()
            .iter()
            .filter(|event| event.host == host && event.command == command && !event.finished)
            .count()
    }

    /// Returns what changed the product, in order: `host command`.
    pub fn story(&self) -> Vec<String> {
        let tells = |event: &&Event| {
            event.finished
                && (event.command.starts_with("cluster_")
                    || event.command == "update"
                    || event.command.ends_with("backupv2"))
        };
        self.events().iter().filter(tells).map(|event| format!("{} {}", event.host, event.command)).collect()
    }

    /// Returns a host that is locked.
    pub fn lock(&self) -> Option<&'static str> {
        ["primary", "secondary"].into_iter().find(|host| {
            let ours = self.dir().join("hosts").join(host).join("home/lab/.switchover");
            let names = std::fs::read_dir(ours).into_iter().flatten().flatten();
            names.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().starts_with("lock."))
        })
    }

    /// Returns a value of a host's state, such as `/product/mode`.
    pub fn state(&self, host: &str, pointer: &str) -> serde_json::Value {
        let path = self.dir().join("hosts").join(host).join("state.json");
        let state: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        state.pointer(pointer).cloned().unwrap_or_default()
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        lab(&["stop", self.dir().to_str().unwrap()]);
    }
}

impl Scenario {
    /// Gives extra variables.
    pub fn vars(self, json: &str) -> Self {
        self.args(["-e", json])
    }

    /// Confirms steps beforehand.
    pub fn confirmed(self, ids: &[&str]) -> Self {
        self.vars(&serde_json::json!({ "alation_confirmed": ids }).to_string())
    }
}

fn event(line: &str, host: &str) -> Event {
    let event: serde_json::Value = serde_json::from_str(line).unwrap();
    Event {
        host: host.to_owned(),
        command: event["command"].as_str().unwrap().to_owned(),
        finished: event["phase"] == "finished",
        time: (event["time"].as_f64().unwrap() * 1e6) as u64,
    }
}
