//! One task on one host, stage by stage: items, condition, arguments, module, verdict, retries.

mod aftermath;
mod arguments;
mod background;
mod computed;
mod condition;
mod cut;
mod defaults;
mod gate;
mod gathering;
mod intent;
mod items;
mod label;
mod module_step;
mod retry;
mod target;
mod time_limit;
mod unfinished;
mod verdict;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use switchover_journal::{Act, Earlier, EventKind, Status, TaskResult};
use switchover_model::Task;
use switchover_protocol::{Map, Value};
use switchover_values::{Scope, Stored, TemplateError, VarMap};

pub use background::is_whole;
pub use cut::Cut;
pub use intent::intend;
pub use target::{ConnectionPlan, plan_of};
pub use time_limit::TimeLimit;
pub use verdict::UNKNOWN;

use crate::action;
use crate::ahead::Slot;
use crate::performed::Performed;
use crate::play_context::PlayContext;
use crate::settings::{Settings, innermost};
use crate::state_change::StateChange;

/// How long a module may take to end after its time was up.
const ENDING: Duration = Duration::from_secs(5);

/// A task on a host, about to be run.
#[derive(Clone)]
pub struct Step {
    pub play: Arc<PlayContext>,
    pub task: Arc<Task>,
    /// The number under which events speak of the task.
    pub id: u32,
    pub host: String,
    pub scope: Scope,
    /// Under which name the journal knows the step.
    pub act: Act,
    /// What the journal knows of an earlier start.
    pub earlier: Arc<Earlier>,
    /// How many detached jobs the step, or its item, has started.
    pub jobs: Arc<AtomicU32>,
    /// Ends what it runs on the host when its time is up.
    pub time: Arc<TimeLimit>,
    /// Its place in a chain of steps that run ahead.
    pub slot: Option<Arc<Slot>>,
    /// Whether the run stopped before the step's end.
    pub cut: Cut,
}

/// How a step ended, and what the dispatcher has to do about it.
#[derive(Debug)]
pub struct StepOutcome {
    pub result: TaskResult,
    pub looped: bool,
    pub effects: Vec<StateChange>,
    pub notify: Vec<String>,
    /// How far it had come when the run stopped before its end: it is neither done nor failed.
    pub cut: Option<String>,
}

impl StepOutcome {
    /// The run stopped while the step waited for its turn.
    pub fn not_begun() -> Self {
        let (result, cut) = (TaskResult::new(Status::Skipped, Map::new()), Some("not begun".to_owned()));
        Self { result, looped: false, effects: Vec::new(), notify: Vec::new(), cut }
    }
}

impl Step {
    /// Runs the task and returns how it ended. Never fails itself: what goes wrong is the outcome.
    pub async fn run(self) -> StepOutcome {
        let (started, cut) = (Instant::now(), self.cut.clone());
        let mut outcome = match self.named() {
            Ok(step) => match step.items() {
                Ok(None) => step.run_once().await,
                Ok(Some(items)) => step.run_items(items).await,
                Err(performed) => step.without_items(*performed),
            },
            Err(failed) => failed.0.without_items(failed.1.into()),
        };
        outcome.result.took = started.elapsed().as_secs_f64();
        outcome.cut = cut.told();
        outcome
    }

    async fn run_once(&self) -> StepOutcome {
        let (result, effects) = self.run_item(&self.scope).await;
        let notify = self.notified(&self.scope, &result);
        StepOutcome { result, looped: false, effects, notify, cut: None }
    }

    /// A loop that cannot be had is no error when the task would be skipped anyway.
    fn without_items(&self, failed: Performed) -> StepOutcome {
        let performed = match self.condition(&self.scope) {
            Ok(Some(reason)) => reason,
            _ => failed,
        };
        let plain = performed.is_plain();
        let (mut result, effects) = self.judged(performed, &self.scope, 1);
        if plain {
            result.result.shift_remove("changed");
        }
        StepOutcome { result, looped: false, effects, notify: Vec::new(), cut: None }
    }

    /// Runs the task once in this scope: for one loop item, or for the task itself.
    async fn run_item(&self, scope: &Scope) -> (TaskResult, Vec<StateChange>) {
        match self.condition(scope) {
            Ok(None) => match self.notifications(scope) {
                Ok(_) => self.run_attempts(scope).await,
                Err(error) => {
                    let performed = Performed::at_stage("", "Error processing keyword 'notify'", error);
                    self.judged(performed, scope, 1)
                }
            },
            Ok(Some(skipped)) => self.judged(skipped, scope, 1),
            Err(error) => self.judged(Performed::of_condition(error), scope, 1),
        }
    }

    /// Does it: an engine action, or a module of a plugin.
    async fn perform(&self, scope: &Scope) -> Performed {
        let settings = match Settings::read(&self.play.world, &self.task, scope) {
            Ok(settings) => settings,
            // What stands around the play's own order of things is no matter to it.
            Err(_) if action::meta_of(&self.task).is_some() => Settings::bare(&self.play.world),
            Err(error) => return Performed::from(error),
        };
        // Each attempt has its own time.
        let step = Self { time: Arc::default(), ..self.clone() };
        match settings.timeout {
            None => step.work(scope, &settings).await,
            Some(seconds) => {
                let mut work = std::pin::pin!(step.work(scope, &settings));
                match tokio::time::timeout(Duration::from_secs(seconds), &mut work).await {
                    Ok(performed) => performed,
                    Err(_) => {
                        step.time.end();
                        // The module hears of it at its next call, and has this long to come to its end.
                        tokio::time::timeout(ENDING, work).await.ok();
                        timed_out(seconds)
                    }
                }
            }
        }
    }

    async fn work(&self, scope: &Scope, settings: &Settings) -> Performed {
        if let Some(name) = self.never_async(scope) {
            return Performed::failed(format!("This action ({name}) does not support async."));
        }
        match action::find(&self.task.action.name) {
            Some(action) => self.perform_action(action, scope, settings).await,
            None if self.is_background(scope) => self.perform_in_background(scope, settings.clone()).await,
            None if self.gathers() => self.perform_gathering(scope, settings).await,
            None => self.perform_module(scope, settings).await,
        }
    }

    async fn perform_action(
        &self,
        action: &dyn action::Action,
        scope: &Scope,
        settings: &Settings,
    ) -> Performed {
        let arguments = match self.arguments(scope, None).and_then(|given| self.known(action, given)) {
            Ok(arguments) => arguments,
            Err(performed) => return *performed,
        };
        let delegated = match self.delegate(scope) {
            Ok(delegated) => delegated,
            Err(error) => return Performed::from(error),
        };
        let performed = action.run(&action::Call { step: self, scope, settings, arguments }).await;
        Performed { delegated, ..performed }
    }

    /// Returns the scope with more variables, above everything but the engine's own.
    pub fn scope_with(&self, scope: &Scope, vars: VarMap) -> Scope {
        let mut inner = scope.clone();
        inner.overlay(Arc::new(vars));
        inner
    }

    /// Returns what a result notifies: nothing unless something changed.
    fn notified(&self, scope: &Scope, result: &TaskResult) -> Vec<String> {
        match result.status {
            // They were rendered before the task ran, so a mistake in them was told then.
            Status::Changed => self.notifications(scope).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    fn notifications(&self, scope: &Scope) -> Result<Vec<String>, TemplateError> {
        let mut names = Vec::new();
        let levels: Vec<_> =
            self.task.context.levels().filter_map(|level| level.keywords.notify.as_ref()).collect();
        for node in levels {
            collect(
                &switchover_values::to_json(&switchover_values::strip_omit(&scope.render(node)?)),
                &mut names,
            );
        }
        Ok(names)
    }

    /// Returns the name under which the result is registered.
    pub fn register_name(&self) -> Option<String> {
        self.task.register.as_ref().and_then(|node| node.as_str()).map(str::to_owned)
    }

    /// Returns the host that does the work, when it is another.
    pub fn delegate(&self, scope: &Scope) -> Result<Option<String>, TemplateError> {
        let host = innermost(&self.task.context, scope, |k| k.delegate_to.as_ref())?;
        Ok(host.map(|host| host.to_string()))
    }

    /// Returns the number of the step's next detached job.
    pub fn next_job(&self) -> u32 {
        self.jobs.fetch_add(1, Ordering::SeqCst)
    }

    fn send_item(&self, label: String, result: &TaskResult) {
        let mut result = censor(result.clone());
        if self.play.world.options.verbosity <= 2 {
            result.arguments = None;
        }
        self.play.world.events.send(EventKind::ItemFinished {
            task: self.id,
            host: self.host.clone(),
            label,
            result,
        });
    }
}

/// Takes everything out of a result that `no_log` hides.
pub fn censor(mut result: TaskResult) -> TaskResult {
    if result.censored {
        let changed = result.result.get("changed").cloned().unwrap_or(Value::Bool(false));
        let text =
            "the output has been hidden due to the fact that 'no_log: true' was specified for this result";
        let attempts = result.result.remove_entry("attempts");
        let kept = [("censored".to_owned(), text.into()), ("changed".to_owned(), changed)];
        result.result = kept.into_iter().chain(attempts).collect();
        result.changes.clear();
        result.warnings.clear();
        result.arguments = None;
    }
    result
}

/// Returns a variable map of one value from data.
pub fn one_var(name: &str, value: Value) -> VarMap {
    let mut vars = VarMap::new();
    vars.insert(name, Stored::Data(switchover_values::from_json(value)));
    vars
}

/// Notifications are texts and lists of them, at any depth: an entry of a list may be a template for more.
fn collect(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        Value::String(name) => names.push(name.clone()),
        Value::Null => {}
        other => names.push(other.to_string()),
    }
}

fn timed_out(seconds: u64) -> Performed {
    let period = Map::from_iter([("period".to_owned(), seconds.into())]);
    let failed = Performed::failed(format!("Task failed: Timed out after {seconds} second(s)."));
    Performed { broken_off: true, ..failed }.with("timedout", period)
}
