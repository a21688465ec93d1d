use std::collections::BTreeMap;

use switchover_journal::{Event, EventKind, Recap, TaskInfo, TaskResult};

use crate::ansible::Stats;

/// What happened in a run, play by play and task by task: the fold behind reports that are written at its end.
#[derive(Default)]
pub struct Story {
    pub run: String,
    pub playbooks: Vec<String>,
    pub check_mode: bool,
    /// Seconds since 1970.
    pub started: f64,
    pub ended: f64,
    /// The run has ended; else this is how far it got.
    pub finished: bool,
    /// What it left, when it ended before its end.
    pub left_off: Option<LeftOff>,
    pub plays: Vec<PlayStory>,
    pub warnings: Vec<String>,
    pub approvals: Vec<Approval>,
    pub stats: Stats,
    pub recap: Recap,
}

/// What a run left that ended before its end.
pub struct LeftOff {
    pub stopped: bool,
    pub left: String,
    pub next: String,
}

/// A play, and its tasks in their order.
pub struct PlayStory {
    pub name: String,
    pub hosts: Vec<String>,
    pub started: f64,
    pub ended: f64,
    pub tasks: Vec<TaskStory>,
}

/// A task, and how it went on each host.
pub struct TaskStory {
    pub info: TaskInfo,
    pub started: f64,
    pub ended: f64,
    pub hosts: BTreeMap<String, HostStory>,
    /// Files and roles that it included.
    pub included: Vec<String>,
}

/// How a task went on a host.
pub struct HostStory {
    /// Seconds.
    pub took: f64,
    pub result: TaskResult,
    pub rescued: bool,
}

/// A destroying step that somebody permitted.
pub struct Approval {
    pub host: String,
    pub task: String,
    pub destroys: String,
    pub by: String,
}

impl Story {
    /// Takes an event in.
    pub fn apply(&mut self, event: &Event) {
        let at = event.at;
        self.recap.apply(&event.kind);
        self.ended = at;
        if let Some(play) = self.plays.last_mut() {
            play.ended = at;
        }
        match &event.kind {
            EventKind::RunStarted { run, playbooks, check_mode } => {
                (self.run, self.playbooks) = (run.clone(), playbooks.clone());
                (self.check_mode, self.started) = (*check_mode, at);
            }
            EventKind::PlayStarted { name, hosts, .. } => self.play(name.clone(), hosts.clone(), at),
            EventKind::TaskStarted(info) => {
                if self.plays.is_empty() {
                    self.play(String::new(), Vec::new(), at);
                }
                let (hosts, included) = (BTreeMap::new(), Vec::new());
                let task = TaskStory { info: info.clone(), started: at, ended: at, hosts, included };
                if let Some(play) = self.plays.last_mut() {
                    play.tasks.push(task);
                }
            }
            EventKind::Applying { task, host, destroys: Some(destroys), approved_by: Some(by) } => {
                let name = self.task(*task).map(|task| task.info.name.clone()).unwrap_or_default();
                let (host, destroys, by) = (host.clone(), destroys.clone(), by.clone());
                self.approvals.push(Approval { host, task: name, destroys, by });
            }
            EventKind::HostFinished { task, host, result, rescued, .. } => {
                if let Some(stats) = result.result.get("ansible_stats").filter(|_| !result.censored) {
                    self.stats.add(host, stats);
                }
                let Some(told) = self.task(*task) else { return };
                told.ended = at;
                let story = HostStory { took: result.took, result: result.clone(), rescued: *rescued };
                told.hosts.insert(host.clone(), story);
            }
            EventKind::Included { task, file, hosts, .. } => {
                let text = format!("{file} for {}", hosts.join(", "));
                if let Some(told) = self.task(*task) {
                    told.included.push(text);
                }
            }
            EventKind::Warning { text } => self.warnings.push(text.clone()),
            EventKind::RunFinished { .. } => self.finished = true,
            EventKind::LeftOff { stopped, left, next } => {
                let (stopped, left, next) = (*stopped, left.clone(), next.clone());
                self.left_off = Some(LeftOff { stopped, left, next });
            }
            _ => {}
        }
    }

    fn play(&mut self, name: String, hosts: Vec<String>, at: f64) {
        self.plays.push(PlayStory { name, hosts, started: at, ended: at, tasks: Vec::new() });
    }

    /// Returns a task by its number; it is one of the last.
    fn task(&mut self, id: u32) -> Option<&mut TaskStory> {
        self.plays.iter_mut().rev().flat_map(|play| play.tasks.iter_mut().rev()).find(|t| t.info.id == id)
    }

    /// Returns all tasks in their order.
    pub fn tasks(&self) -> impl Iterator<Item = &TaskStory> {
        self.plays.iter().flat_map(|play| &play.tasks)
    }
}
