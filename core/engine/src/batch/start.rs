use std::sync::Arc;

use switchover_journal::{EventKind, Place, TaskInfo};
use switchover_model::Task;
use switchover_values::Scope;

use super::{Batch, Finished};
use crate::host_run::address;
use crate::settings::keyword_flag;
use crate::step::Step;
use crate::strategy::Strategy;
use crate::task_scope::task_scope;

impl Batch {
    /// Starts a task on these hosts (`linear`), or each host's own next task.
    pub(super) fn start_group(&mut self, next: Vec<(usize, Arc<Task>)>) {
        if self.strategy == Strategy::Linear {
            self.start_linear(next);
        } else {
            for (host, task) in next {
                let scope = self.scope(host, &task);
                let id = match self.announced.get(&address(&task)) {
                    Some(id) => *id,
                    None => self.announce(&task, &scope),
                };
                self.start_one(host, task, scope, id);
            }
        }
    }

    fn start_linear(&mut self, next: Vec<(usize, Arc<Task>)>) {
        let Some((first, task)) = next.first().cloned() else { return };
        let scope = self.scope(first, &task);
        let once =
            keyword_flag(&task.context, &scope, |k| k.run_once.as_ref()).ok().flatten().unwrap_or(false);
        let id = if is_meta(&task) { 0 } else { self.announce(&task, &scope) };
        if once {
            let rest = next.iter().skip(1).map(|(host, _)| *host).collect();
            self.followers.insert(first, rest);
            for (host, _) in next.iter().skip(1) {
                self.hosts[*host].running = true;
            }
            self.start_one(first, task, scope, id);
        } else {
            self.start_one(first, Arc::clone(&task), scope, id);
            for (host, _) in next.into_iter().skip(1) {
                let scope = self.scope(host, &task);
                self.start_one(host, Arc::clone(&task), scope, id);
            }
        }
    }

    fn scope(&self, host: usize, task: &Task) -> Scope {
        let host = &self.hosts[host];
        task_scope(&self.play, &host.name, task, &host.cursor)
    }

    /// Says that a task begins, and returns its number.
    fn announce(&mut self, task: &Arc<Task>, scope: &Scope) -> u32 {
        let events = &self.play.world.events;
        let id = events.next_task();
        let at = task.span.position();
        let place =
            Place { file: task.span.source.name().display().to_string(), line: at.line, column: at.column };
        let name = display_name(task, scope);
        let info = TaskInfo { id, name, module: task.action.name.clone(), place, handler: task.is_handler };
        events.send(EventKind::TaskStarted(info));
        self.announced.insert(address(task), id);
        id
    }

    fn start_one(&mut self, index: usize, task: Arc<Task>, scope: Scope, id: u32) {
        let quiet = is_meta(&task);
        let host = &mut self.hosts[index];
        host.running = true;
        host.begun = true;
        if task.is_handler {
            host.notified.remove(&address(&task));
        }
        let step = Step {
            play: Arc::clone(&self.play),
            task: Arc::clone(&task),
            id,
            host: host.name.clone(),
            scope,
            jobs: Arc::default(),
        };
        let world = Arc::clone(&self.play.world);
        self.running.spawn(async move {
            // The semaphore is never closed; without a permit the step would only run unthrottled.
            let _permit = world.workers.acquire().await.ok();
            if !quiet {
                world.events.send(EventKind::HostStarted { task: id, host: step.host.clone() });
            }
            let outcome = step.run().await;
            Finished { host: index, task, id, quiet, outcome }
        });
    }
}

fn is_meta(task: &Task) -> bool {
    switchover_model::short(&task.action.name) == "meta"
}

/// Returns the name people read: the role in front, templates rendered where they can be.
pub fn display_name(task: &Task, scope: &Scope) -> String {
    let written = task.name.as_ref().map(|node| match scope.render(node) {
        Ok(value) => value.to_string(),
        Err(_) => node.as_str().unwrap_or_default().to_owned(),
    });
    let name = written.unwrap_or_else(|| task.action.name.clone());
    match task.context.role() {
        Some(role) => format!("{} : {name}", role.name),
        None => name,
    }
}
