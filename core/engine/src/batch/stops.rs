use std::collections::HashSet;
use std::sync::Arc;

use switchover_model::{Item, Task};

use super::Batch;
use super::start::is_implicit;
use crate::cursor::Fate;
use crate::host_run::{HostRun, HostState, address};
use crate::stop::StopPoint;

impl Batch {
    /// Remembers where the hosts stand when the run stops before the end of the play.
    pub(super) fn note_stops(&mut self) {
        if !self.play.world.is_stopping() || self.ended {
            return;
        }
        for index in 0..self.hosts.len() {
            if !self.hosts[index].is_lost() {
                self.leave_running(index);
                self.note_stop(index, None);
                continue;
            }
            // Where it was lost is known already, but it was on its way through its clean-ups.
            let (_, always) = self.hosts[index].cursor.ahead();
            let cleanups = self.named(index, always);
            if !cleanups.is_empty() {
                self.play.world.stops().note_cleanups(&self.hosts[index].name, cleanups);
            }
        }
    }

    /// Remembers what hosts miss to whom the play did not come.
    pub fn note_unbegun(mut self) {
        for index in 0..self.hosts.len() {
            let (tasks, _) = self.hosts[index].cursor.ahead();
            let tasks = self.named(index, tasks);
            let (host, left, next) = (self.hosts[index].name.clone(), tasks.len(), tasks.into_iter().next());
            let stop = StopPoint { host, next, left, unbegun: true, ..StopPoint::default() };
            self.play.world.stops().note(stop);
        }
    }

    /// What acts on a host and is left to itself is told as under way, not as not done.
    fn leave_running(&mut self, index: usize) {
        let HostRun { running, name, .. } = &self.hosts[index];
        let steps = self.play.world.events.under_way();
        if *running && steps.iter().any(|step| step.host == *name && step.applying) {
            self.hosts[index].cursor.advance();
        }
    }

    /// Remembers where a host stands; `current` is the task that it could not do.
    pub(super) fn note_stop(&mut self, index: usize, current: Option<&Arc<Task>>) {
        let (tasks, cleanups) = self.hosts[index].cursor.ahead();
        let tasks = current.cloned().into_iter().chain(tasks).collect();
        let (tasks, cleanups) = (self.named(index, tasks), self.named(index, cleanups));
        self.note(index, tasks, cleanups);
    }

    /// Sends a host to its `rescue` or `always` sections, or out. When nothing rescues it, what it does not get to is
    /// remembered; its clean-ups are run.
    pub(super) fn fail_host(&mut self, index: usize, task: Option<&Arc<Task>>) -> Fate {
        let (tasks, _) = self.hosts[index].cursor.ahead();
        let fate = self.hosts[index].cursor.fail();
        if fate != Fate::Rescued && self.hosts[index].state == HostState::Active {
            let tasks = self.named(index, task.cloned().into_iter().chain(tasks).collect());
            self.note(index, tasks, Vec::new());
        }
        fate
    }

    fn note(&self, index: usize, tasks: Vec<String>, cleanups: Vec<String>) {
        let host = &self.hosts[index];
        let reached = host.notifications.iter().flat_map(|notification| self.reached(index, notification));
        let wait: HashSet<usize> =
            reached.map(|task| address(&task)).chain(host.notified.iter().copied()).collect();
        let list = self.handlers.block();
        let waiting = list.body.iter().filter_map(|item| match item {
            Item::Task(task) if wait.contains(&address(task)) => Some(name(task)),
            _ => None,
        });
        let handlers: Vec<String> = waiting.collect();
        if tasks.len() + cleanups.len() + handlers.len() > 0 {
            let (host, left) = (host.name.clone(), tasks.len());
            let next = tasks.into_iter().next();
            let stop = StopPoint { host, next, left, cleanups, handlers, ..StopPoint::default() };
            self.play.world.stops().note(stop);
        }
    }

    /// Returns the names of the clean-ups that the hosts of these steps have before them, in blocks that they are in.
    pub(super) fn cleanups(&mut self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for index in 0..self.hosts.len() {
            let (_, always) = self.hosts[index].cursor.ahead();
            for name in self.named(index, always) {
                if !all.contains(&name) {
                    all.push(name);
                }
            }
        }
        all
    }

    /// Returns the names of those tasks that tags select.
    fn named(&mut self, index: usize, tasks: Vec<Arc<Task>>) -> Vec<String> {
        let host = self.hosts[index].name.clone();
        let wanted = |task: &Arc<Task>| !is_implicit(task) && self.selection.takes(task, &host);
        tasks.into_iter().filter(wanted).map(|task| name(&task)).collect()
    }
}

/// Returns a task's name as the author wrote it, or its module.
fn name(task: &Task) -> String {
    task.name.as_ref().and_then(|name| name.as_str()).unwrap_or(&task.action.name).to_owned()
}
