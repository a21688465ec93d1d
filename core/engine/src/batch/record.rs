use std::sync::Arc;

use switchover_journal::{Ended, EventKind, Status, TaskResult};
use switchover_model::Task;
use switchover_protocol::{Map, Value};
use switchover_syntax::Diagnostic;
use switchover_values::{Stored, from_json};

use super::includes::Decided;
use super::start::is_implicit;
use super::{Batch, Finished};
use crate::action;
use crate::host_run::address;
use crate::recorded::Recorded;
use crate::settings::keyword_flag;
use crate::state_change::{Include, Meta, StateChange};
use crate::step::{StepOutcome, censor};
use crate::strategy::Strategy;
use crate::task_digest::task_digest;
use crate::task_scope::task_scope;

impl Batch {
    /// Takes a step's outcome in: what is registered, set, notified, and where its hosts go next.
    pub(super) fn record(&mut self, finished: Finished) {
        let Finished { host, task, id, quiet, outcome, turn, recorded } = finished;
        drop(turn);
        if let Some(how_far) = &outcome.cut {
            return self.leave_open(host, &task, id, quiet, how_far);
        }
        let followers = self.followers.remove(&host).unwrap_or_default();
        let result = outcome.result.clone();
        let fine = result.status.is_fine() || result.ignored;
        let hosts: Vec<usize> = std::iter::once(host).chain(followers).collect();
        for index in &hosts {
            self.hosts[*index].running = false;
            self.remember(*index, &task, &outcome);
            self.hosts[*index].cursor.advance();
        }
        let rescued = !fine && self.fail(&hosts, &task, &outcome);
        if !recorded {
            self.keep(&hosts, &task, &outcome, fine || rescued);
        }
        if fine && !recorded && !outcome.notify.is_empty() {
            self.warn_of_unusable_handlers(host);
        }
        // The engine's own flushes are told where they have something to do.
        let has_work = id > 0 || !self.hosts[host].notifications.is_empty();
        if fine
            && outcome.effects.iter().any(|effect| matches!(effect, StateChange::Meta(Meta::FlushHandlers)))
        {
            self.settle_notifications(host);
            self.tell_due(host, id, recorded);
        }
        if quiet
            && has_work
            && let Some(kind) = action::meta_of(&task)
        {
            let host = self.hosts[host].name.clone();
            match result.status {
                Status::Skipped => {
                    let reason = kind.not_done(&host);
                    self.tell(recorded, EventKind::MetaSkipped { task: id, host, reason });
                }
                Status::Ok => self.tell(recorded, EventKind::MetaDone { task: id, text: kind.done(&host) }),
                _ => {}
            }
        }
        if fine {
            hosts.iter().for_each(|index| self.notify(*index, &outcome.notify, recorded));
        }
        if !quiet && !is_pure_include(&outcome) {
            let (name, result) = (self.hosts[host].name.clone(), censor(result));
            let looped = outcome.looped;
            let kind = EventKind::HostFinished { task: id, host: name, result, looped, rescued };
            self.tell(recorded, kind);
        }
        // The step itself is done, and that is on record, whatever becomes of its notifications.
        if fine && self.misses_handler(&hosts, &task, &outcome.notify) {
            return;
        }
        if fine {
            for index in hosts {
                // What one host includes for all (`run_once`) is gone through by that host alone.
                self.carry_out(index, index == host, (&task, &outcome), recorded);
            }
        }
        if self.strategy != Strategy::Linear {
            self.enter_includes();
        }
    }

    /// Leaves a step open that the stop of the run cut short: a resumed run goes on inside it.
    fn leave_open(&mut self, host: usize, task: &Arc<Task>, id: u32, quiet: bool, how_far: &str) {
        let followers = self.followers.remove(&host).unwrap_or_default();
        for index in std::iter::once(host).chain(followers) {
            self.hosts[index].running = false;
        }
        if task.is_handler {
            self.hosts[host].notified.insert(address(task));
        }
        if !quiet {
            let (host, how_far) = (self.hosts[host].name.clone(), how_far.to_owned());
            self.tell(false, EventKind::CutShort { task: id, host, how_far });
        }
    }

    /// Tells what happened now; what happened in an earlier part of the run only counts.
    pub(super) fn tell(&self, recorded: bool, kind: EventKind) {
        if recorded { self.play.world.events.fold(&kind) } else { self.play.world.events.send(kind) }
    }

    /// Writes down how a step ended.
    fn keep(&self, hosts: &[usize], task: &Arc<Task>, outcome: &StepOutcome, settled: bool) {
        let world = &self.play.world;
        if !world.journal.keeps() || is_implicit(task) {
            return;
        }
        let StepOutcome { result, looped, effects, notify, .. } = outcome;
        let name = task.name.as_ref().and_then(|name| name.as_str()).unwrap_or(&task.action.name);
        world.journal.end(Ended {
            keys: hosts.iter().map(|host| self.key(*host)).collect(),
            digest: task_digest(task),
            task: name.to_owned(),
            place: crate::events::place(&task.span),
            status: result.status,
            settled,
            acted: result.status != Status::Skipped,
            body: Recorded::of(result, *looped, effects, notify).to_value(),
        });
    }

    fn remember(&mut self, index: usize, task: &Task, outcome: &StepOutcome) {
        if let Some(name) = task.register.as_ref().and_then(|node| node.as_str()) {
            let value = from_json(known_later(&outcome.result.result));
            let value = crate::action::with_written(task, value);
            self.play.world.memory.set(&self.hosts[index].name, name, Stored::Data(value));
        }
    }

    fn carry_out(
        &mut self,
        index: usize,
        leads: bool,
        (task, outcome): (&Arc<Task>, &StepOutcome),
        recorded: bool,
    ) {
        let world = Arc::clone(&self.play.world);
        let name = self.hosts[index].name.clone();
        let target = self.facts_host(index, task, outcome);
        let mut includes = Vec::new();
        for effect in outcome.effects.iter().cloned() {
            match effect {
                StateChange::Facts(facts) => {
                    self.warn_of(world.memory.add_facts(&target, facts));
                    self.play.reload_vars_files(&name);
                }
                StateChange::Set { vars, cacheable } => {
                    for (key, stored) in vars.iter() {
                        if cacheable {
                            self.warn_of(world.memory.set_cacheable(&target, key, stored.clone()));
                        } else {
                            world.memory.set(&target, key, stored.clone());
                        }
                    }
                }
                StateChange::IncludeVars { vars, .. } => world.memory.include(&target, &vars),
                StateChange::AddHost { name, groups, vars } => {
                    world.hosts.add(&name, &groups, vars);
                    self.update_active();
                }
                StateChange::GroupBy { group, parents } => {
                    world.hosts.group_by(&name, &group, &parents);
                    self.update_active();
                }
                StateChange::Include(include) if leads => includes.push(shown(include, &outcome.result)),
                StateChange::Include(_) => {}
                StateChange::Meta(meta) => self.carry_out_meta(index, task, meta),
            }
        }
        if !includes.is_empty() {
            self.includes.push(Decided { host: index, task: Arc::clone(task), includes, recorded });
        }
    }

    fn warn_of(&self, result: Result<(), String>) {
        if let Err(problem) = result {
            self.play.world.events.warn(problem);
        }
    }

    /// With `delegate_facts`, facts are about the host that did the work.
    fn facts_host(&self, index: usize, task: &Task, outcome: &StepOutcome) -> String {
        let name = &self.hosts[index].name;
        let Some(delegate) = &outcome.result.delegated else { return name.clone() };
        let scope = task_scope(&self.play, name, task, &self.hosts[index].cursor);
        match keyword_flag(&task.context, &scope, "delegate_facts", |k| k.delegate_facts.as_ref()) {
            Ok(Some(true)) => delegate.clone(),
            _ => name.clone(),
        }
    }

    fn notify(&mut self, index: usize, notifications: &[String], recorded: bool) {
        for notification in notifications {
            let is_new = self.hosts[index].notifications.insert(notification.clone());
            if is_new || self.play.world.options.verbosity > 1 {
                let (handler, host) = (notification.clone(), self.hosts[index].name.clone());
                self.tell(recorded, EventKind::HandlerNotified { handler, host });
            }
        }
        if self.hosts[index].cursor.is_in_handlers() {
            self.settle_notifications(index);
        }
    }

    /// Decides which handlers run: those that the names mean by now.
    pub(super) fn settle_notifications(&mut self, index: usize) {
        for notification in std::mem::take(&mut self.hosts[index].notifications) {
            let reached = self.reached(index, &notification);
            self.hosts[index].notified.extend(reached.iter().map(address));
        }
    }

    /// Returns the handlers that a notification means.
    pub(super) fn reached(&self, index: usize, notification: &str) -> Vec<Arc<Task>> {
        let name = &self.hosts[index].name;
        let scope = |handler: &Task| crate::task_scope::level_scope(&self.play, name, handler, &[]);
        self.handlers.find(notification, scope)
    }

    /// Tells which handlers a host comes to, to whoever wants to know that much.
    fn tell_due(&self, index: usize, task: u32, recorded: bool) {
        let host = &self.hosts[index];
        if self.play.world.options.verbosity < 2 || host.notified.is_empty() {
            return;
        }
        let handlers = self.handlers.names(|task| host.notified.contains(&address(task)));
        self.tell(recorded, EventKind::HandlersDue { task, host: host.name.clone(), handlers });
    }

    fn warn_of_unusable_handlers(&mut self, index: usize) {
        let name = &self.hosts[index].name;
        let scope = |handler: &Task| crate::task_scope::level_scope(&self.play, name, handler, &[]);
        for warning in self.handlers.unusable(scope) {
            if self.warned.insert(warning.clone()) {
                self.play.world.events.warn(warning);
            }
        }
    }

    /// Tells of a notification that reaches no handler; returns whether the run ends for it.
    fn misses_handler(&self, hosts: &[usize], task: &Task, notifications: &[String]) -> bool {
        let Some(problem) = self.unknown_handler(hosts, task, notifications) else { return false };
        let world = &self.play.world;
        let ends = world.options.error_on_missing_handler;
        if ends {
            world.break_off(problem);
        } else {
            world.events.warn(problem.message);
        }
        ends
    }

    fn unknown_handler(&self, hosts: &[usize], task: &Task, notifications: &[String]) -> Option<Diagnostic> {
        let name = &self.hosts[*hosts.first()?].name;
        let scope = |handler: &Task| crate::task_scope::level_scope(&self.play, name, handler, &[]);
        let missing = notifications.iter().find(|n| self.handlers.find(n, scope).is_empty())?;
        let text = format!(
            "The requested handler '{missing}' was not found in either the main handlers list nor in the \
             listening handlers list"
        );
        let problem = Diagnostic::error("playbook::unknown-handler", text, &task.span);
        Some(problem.help("a handler is notified by its name or by what it listens to"))
    }
}

/// Returns a result as later tasks see it: a failure has a place for the traceback that Ansible would have.
pub(super) fn known_later(result: &Map) -> Value {
    let mut known = result.clone();
    if let Some(Value::Array(items)) = known.get_mut("results") {
        for item in items.iter_mut() {
            if let Value::Object(of_item) = item {
                *item = known_later(of_item);
            }
        }
    }
    if known.get("failed") == Some(&Value::Bool(true)) && !known.contains_key("results") {
        known.entry("exception").or_insert_with(|| "(traceback unavailable)".into());
    }
    Value::Object(known)
}

/// Returns an include as it may be told: `no_log` hides its item.
fn shown(include: Include, result: &TaskResult) -> Include {
    let hidden = || Some("(censored due to no_log)".to_owned());
    Include { label: if result.censored { hidden() } else { include.label }, ..include }
}

/// An include that ended well is told, and counted, by what it includes.
fn is_pure_include(outcome: &StepOutcome) -> bool {
    outcome.result.status == Status::Ok
        && outcome.effects.iter().any(|effect| matches!(effect, StateChange::Include(_)))
}
