use std::collections::BTreeMap;

use switchover_journal::EventKind;

/// What works on hosts now: a fold of the events, beside what is known of jobs.
#[derive(Clone, Debug, Default)]
pub struct UnderWay {
    names: BTreeMap<u32, String>,
    steps: BTreeMap<(String, u32), UnderWayStep>,
}

/// A step that has begun on a host and not ended.
#[derive(Clone, Debug, PartialEq)]
pub struct UnderWayStep {
    pub host: String,
    pub task: String,
    /// Seconds since 1970.
    pub since: f64,
    /// It may have changed something: it does more than look.
    pub applying: bool,
    /// The key of the job on the host that does the work.
    pub job: Option<String>,
}

impl UnderWay {
    /// Takes an event in.
    pub fn apply(&mut self, event: &EventKind, at: f64) {
        match event {
            EventKind::TaskStarted(info) => {
                self.names.insert(info.id, info.name.clone());
            }
            EventKind::HostStarted { task, host } => {
                let name = self.names.get(task).cloned().unwrap_or_default();
                let step =
                    UnderWayStep { host: host.clone(), task: name, since: at, applying: false, job: None };
                self.steps.insert((host.clone(), *task), step);
            }
            EventKind::Applying { task, host, .. } => {
                if let Some(step) = self.steps.get_mut(&(host.clone(), *task)) {
                    step.applying = true;
                }
            }
            EventKind::HostFinished { task, host, .. } => {
                self.steps.remove(&(host.clone(), *task));
            }
            // An include ends with what it includes.
            EventKind::Included { task, hosts, .. } => {
                for host in hosts {
                    self.steps.remove(&(host.clone(), *task));
                }
            }
            _ => {}
        }
    }

    /// Notes that a job does the work of a step.
    pub fn note_job(&mut self, task: u32, host: &str, key: &str) {
        if let Some(step) = self.steps.get_mut(&(host.to_owned(), task)) {
            step.job = Some(key.to_owned());
        }
    }

    /// Returns the steps, by host.
    pub fn steps(&self) -> Vec<UnderWayStep> {
        self.steps.values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_include_ends_with_what_it_included() {
        let mut under_way = UnderWay::default();
        let host = "web1".to_owned();
        under_way.apply(&EventKind::HostStarted { task: 1, host: host.clone() }, 0.0);
        assert_eq!(under_way.steps().len(), 1);
        let included = EventKind::Included { task: 1, file: "a.yml".into(), hosts: vec![host], label: None };
        under_way.apply(&included, 1.0);
        assert_eq!(under_way.steps(), []);
    }
}
