use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{EventKind, Status, TaskResult};

/// What became of every host: the fold of the events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recap {
    pub hosts: BTreeMap<String, Counts>,
}

/// Tasks of one host, by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub ok: u32,
    pub changed: u32,
    pub unreachable: u32,
    pub failed: u32,
    pub skipped: u32,
    pub rescued: u32,
    pub ignored: u32,
    pub unknown: u32,
    pub refused: u32,
}

impl Recap {
    /// Takes one event in.
    pub fn apply(&mut self, event: &EventKind) {
        match event {
            EventKind::HostFinished { host, result, rescued, .. } => {
                self.hosts.entry(host.clone()).or_default().add(result, *rescued);
            }
            EventKind::Included { hosts, .. } => {
                hosts.iter().for_each(|host| self.hosts.entry(host.clone()).or_default().ok += 1);
            }
            _ => {}
        }
    }

    /// Returns the sum over all hosts of one count.
    pub fn total(&self, pick: impl Fn(&Counts) -> u32) -> u32 {
        self.hosts.values().map(pick).sum()
    }
}

impl Counts {
    fn add(&mut self, result: &TaskResult, rescued: bool) {
        match result.status {
            _ if result.ignored => {
                self.ok += 1;
                self.ignored += 1;
                let changed = result.result.get("changed") == Some(&serde_json::Value::Bool(true));
                self.changed += u32::from(changed);
            }
            Status::Ok => self.ok += 1,
            Status::Changed => {
                self.ok += 1;
                self.changed += 1;
            }
            Status::Failed if rescued => self.rescued += 1,
            Status::Failed => self.failed += 1,
            Status::Unreachable => self.unreachable += 1,
            Status::Skipped => self.skipped += 1,
            Status::Unknown => self.unknown += 1,
            Status::Refused => self.refused += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchover_protocol::Map;

    fn finished(status: Status, ignored: bool, rescued: bool) -> EventKind {
        let result = TaskResult { ignored, ..TaskResult::new(status, Map::new()) };
        EventKind::HostFinished { task: 1, host: "h".into(), result, looped: false, rescued }
    }

    #[test]
    fn an_ignored_failure_counts_as_ok_and_ignored() {
        let mut recap = Recap::default();
        recap.apply(&finished(Status::Failed, true, false));
        recap.apply(&finished(Status::Changed, false, false));
        let expected = Counts { ok: 2, changed: 1, ignored: 1, ..Counts::default() };
        assert_eq!(recap.hosts["h"], expected);
    }

    #[test]
    fn a_rescued_failure_is_no_failure() {
        let mut recap = Recap::default();
        recap.apply(&finished(Status::Failed, false, true));
        assert_eq!(recap.hosts["h"], Counts { rescued: 1, ..Counts::default() });
    }

    #[test]
    fn events_survive_json() {
        let event = crate::Event { seq: 1, at: 2.5, kind: finished(Status::Ok, false, false) };
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<crate::Event>(&json).unwrap(), event);
    }
}
