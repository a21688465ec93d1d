use std::sync::Arc;

use switchover_journal::{Act, Earlier, EventKind, TaskInfo};
use switchover_model::Task;
use switchover_protocol::{Map, Value};
use switchover_values::Scope;
use tokio::sync::Semaphore;

use super::ahead::Work;
use super::replay::Waiting;
use super::title::{with_role, written_name};
use super::{Batch, Finished};
use crate::action;
use crate::host_run::address;
use crate::settings::{keyword, keyword_flag, number};
use crate::step::{Cut, Step, StepOutcome};
use crate::strategy::Strategy;
use crate::task_digest::task_digest;
use crate::task_scope::level_scope;

impl Batch {
    /// Starts a task on these hosts (`linear`), or each host's own next task.
    pub(super) fn start_group(&mut self, next: Vec<(usize, Arc<Task>)>) {
        let next = if self.play.world.asks_for_steps() { self.chosen(next) } else { next };
        if self.strategy == Strategy::Linear {
            self.start_linear(next);
        } else {
            for (host, task) in next {
                let scope = self.scope(host, &task);
                let id = match self.announced.get(&address(&task)) {
                    Some((_, id)) => *id,
                    None if is_implicit(&task) => 0,
                    None => self.announce(&task, &scope),
                };
                self.start_one(host, task, scope, id);
            }
        }
    }

    fn start_linear(&mut self, next: Vec<(usize, Arc<Task>)>) {
        let Some((first, task)) = next.first().cloned() else { return };
        let scope = self.scope(first, &task);
        if is_meta(&task) {
            return self.start_meta(next);
        }
        let asked = keyword_flag(&task.context, &scope, "run_once", |k| k.run_once.as_ref()).ok().flatten();
        let once = asked.unwrap_or(false) || action::find(&task.action.name).is_some_and(|a| a.is_once());
        let id = self.announce(&task, &scope);
        if once {
            let first = self.led_before(&next).unwrap_or(first);
            let scope = self.scope(first, &task);
            let rest: Vec<usize> = next.iter().map(|(host, _)| *host).filter(|host| *host != first).collect();
            for host in &rest {
                self.hosts[*host].running = true;
                self.hosts[*host].notified.remove(&address(&task));
                self.hosts[*host].ordinal += 1;
            }
            self.followers.insert(first, rest);
            self.start_one(first, task, scope, id);
        } else {
            self.start_one(first, Arc::clone(&task), scope, id);
            for (host, _) in next.into_iter().skip(1) {
                let scope = self.scope(host, &task);
                self.start_one(host, Arc::clone(&task), scope, id);
            }
        }
    }

    /// Each host is told of a `meta` task by itself, except where one host speaks for all.
    fn start_meta(&mut self, next: Vec<(usize, Arc<Task>)>) {
        let once = next.first().is_some_and(|(_, task)| action::is_for_all(task));
        let hosts = if once { 1 } else { next.len() };
        for (host, task) in &next[hosts..] {
            self.pass(*host, task);
        }
        for (host, task) in next.into_iter().take(hosts) {
            let scope = self.scope(host, &task);
            let id = if is_implicit(&task) { 0 } else { self.announce(&task, &scope) };
            self.start_one(host, task, scope, id);
        }
    }

    /// Moves a host past a task that another host does for all.
    fn pass(&mut self, host: usize, task: &Task) {
        debug_assert!(is_meta(task), "only meta tasks are passed over");
        self.hosts[host].begun = true;
        self.hosts[host].cursor.advance();
    }

    pub(super) fn scope(&self, host: usize, task: &Arc<Task>) -> Scope {
        let host = &self.hosts[host];
        let brought = self.handlers.vars_of(task);
        let extras: Vec<_> = host.cursor.extras().chain(brought).cloned().collect();
        level_scope(&self.play, &host.name, task, &extras)
    }

    /// Says that a task begins, and returns its number.
    fn announce(&mut self, task: &Arc<Task>, scope: &Scope) -> u32 {
        let events = &self.play.world.events;
        let id = events.next_task();
        let place = crate::events::place(&task.span);
        let written = written_name(task, scope);
        let name = with_role(task, written.as_deref(), scope);
        let written = written.filter(|written| *written != name);
        let check_mode =
            crate::settings::keyword_flag(&task.context, scope, "check_mode", |k| k.check_mode.as_ref());
        let check_mode = check_mode.ok().flatten().unwrap_or(self.play.world.options.check);
        let (module, handler) = (task.action.name.clone(), task.is_handler);
        let arguments = self.shown_arguments(task, scope);
        let info = TaskInfo { id, name, written, module, place, handler, check_mode, arguments };
        self.play.world.head(EventKind::TaskStarted(info));
        self.announced.insert(address(task), (Arc::clone(task), id));
        id
    }

    /// Returns the arguments that the title shows, unless the task is not to be shown.
    fn shown_arguments(&self, task: &Task, scope: &Scope) -> Option<Map> {
        let hidden = || crate::settings::keyword_flag(&task.context, scope, "no_log", |k| k.no_log.as_ref());
        if !self.play.world.options.show_arguments || hidden().is_ok_and(|hidden| hidden == Some(true)) {
            return None;
        }
        let free = task.action.free_form.as_ref().and_then(|text| text.as_str());
        let free = free.map(|text| ("_raw_params".to_owned(), text.into()));
        let written = switchover_values::to_json(&switchover_values::node_to_value(&task.action.args));
        let written = match written {
            Value::Object(arguments) => arguments,
            _ => Map::new(),
        };
        Some(free.into_iter().chain(written).collect())
    }

    /// Returns the gate of a task that only so many hosts may be at together.
    fn throttle(&mut self, task: &Arc<Task>, scope: &Scope) -> Option<Arc<Semaphore>> {
        let wanted = keyword(&task.context, scope, "throttle", |k| k.throttle.as_ref()).ok().flatten()?;
        let hosts = usize::try_from(number(&wanted)?).ok().filter(|hosts| *hosts > 0)?;
        let gate = || (Arc::clone(task), Arc::new(Semaphore::new(hosts)));
        Some(Arc::clone(&self.throttles.entry(address(task)).or_insert_with(gate).1))
    }

    fn start_one(&mut self, index: usize, task: Arc<Task>, scope: Scope, id: u32) {
        let host = &mut self.hosts[index];
        host.running = true;
        host.begun = true;
        if task.is_handler {
            host.notified.remove(&address(&task));
        }
        self.enter(Waiting { host: index, task, scope, id });
    }

    /// Does a step.
    pub(super) fn start_now(&mut self, step: Waiting) {
        let Waiting { host: index, task, scope, id } = step;
        let quiet = is_meta(&task);
        let throttle = self.throttle(&task, &scope);
        let step = Step {
            play: Arc::clone(&self.play),
            task: Arc::clone(&task),
            id,
            host: self.hosts[index].name.clone(),
            scope,
            act: Act { step: self.key(index), item: None },
            earlier: self.earlier(index, &task),
            jobs: Arc::default(),
            time: Arc::default(),
            slot: None,
            cut: Cut::default(),
        };
        let world = Arc::clone(&self.play.world);
        let name = step.host.clone();
        let work = self.work(index, step);
        // What runs ahead, or leads others that do, has been sent to the host, and its end has to be told.
        let waits = matches!(work, Work::Run(_));
        let mut turn = Box::pin(Arc::clone(&world.workers).acquire_owned());
        // Asked once now, so that hosts are served in their order.
        let first = poll_once(turn.as_mut());
        self.running.spawn(async move {
            // The semaphore is never closed; without a permit the step would only run unthrottled.
            let turn = match first {
                Some(permit) => permit.ok(),
                None => turn.await.ok(),
            };
            let _slow = match throttle {
                Some(gate) => gate.acquire_owned().await.ok(),
                None => None,
            };
            if world.is_stopping() && waits {
                let outcome = StepOutcome::not_begun();
                return Finished { host: index, task, id, quiet: true, outcome, turn, recorded: false };
            }
            if !quiet {
                world.events.send(EventKind::HostStarted { task: id, host: name });
            }
            // In a box of its own: what a step needs is large, and thousands may wait for their turn.
            let outcome = Box::pin(work.run()).await;
            Finished { host: index, task, id, quiet, outcome, turn, recorded: false }
        });
    }

    /// Returns what is known of an earlier start of the step a host is at.
    fn earlier(&self, host: usize, task: &Arc<Task>) -> Arc<Earlier> {
        let world = &self.play.world;
        if is_implicit(task) || !world.journal.has_begun(self.play.number) {
            return Arc::default();
        }
        match world.journal.earlier(&self.key(host), &task_digest(task)) {
            Ok(earlier) => Arc::new(earlier),
            Err(broken) => {
                world.lose_journal(broken);
                Arc::default()
            }
        }
    }
}

/// Polls a future once; its place in a queue is taken then.
fn poll_once<F: Future + ?Sized>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.poll(&mut context) {
        std::task::Poll::Ready(value) => Some(value),
        std::task::Poll::Pending => None,
    }
}

/// The engine's own `meta` tasks have no text of their own: all of one stands where the play stands.
pub fn is_implicit(task: &Task) -> bool {
    is_meta(task) && task.action.name_span == task.span
}

/// Returns whether a task only changes the course of the play.
pub fn is_meta(task: &Task) -> bool {
    switchover_model::short(&task.action.name) == "meta"
}
