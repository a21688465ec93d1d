use std::collections::BTreeMap;

use switchover_journal::{EventKind, Status};

/// What works on hosts now: a fold of the events, beside what is known of jobs.
#[derive(Clone, Debug, Default)]
pub struct UnderWay {
    names: BTreeMap<u32, String>,
    steps: BTreeMap<(String, u32), UnderWayStep>,
    lost: Vec<UnderWayStep>,
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
    /// The job on the host that does the work.
    pub job: Option<JobAt>,
    /// Contact with the host was lost while its job ran: nobody looks at it any more.
    pub lost: bool,
}

/// Where a job runs, and as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobAt {
    pub key: String,
    pub host: String,
    /// The user it became, and by which method.
    pub user: Option<(String, &'static str)>,
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
                let (applying, job, lost) = (false, None, false);
                let step = UnderWayStep { host: host.clone(), task: name, since: at, applying, job, lost };
                self.steps.insert((host.clone(), *task), step);
            }
            EventKind::Applying { task, host, .. } => {
                if let Some(step) = self.steps.get_mut(&(host.clone(), *task)) {
                    step.applying = true;
                }
            }
            EventKind::HostFinished { task, host, result, .. } => {
                let step = self.steps.remove(&(host.clone(), *task)).filter(|step| step.job.is_some());
                if result.status == Status::Unreachable
                    && let Some(step) = step
                {
                    self.lost.push(UnderWayStep { lost: true, ..step });
                }
            }
            EventKind::CutShort { task, host, .. } => {
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
    pub fn note_job(&mut self, task: u32, host: &str, job: JobAt) {
        if let Some(step) = self.steps.get_mut(&(host.to_owned(), task)) {
            step.job = Some(job);
        }
    }

    /// Returns the steps whose job may still run, on hosts that were lost.
    pub fn lost(&self) -> Vec<UnderWayStep> {
        self.lost.clone()
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
