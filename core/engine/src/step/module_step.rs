use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use switchover_journal::{EventKind, Status};
use switchover_plugin_host::Module;
use switchover_protocol::{
    Change, Delta, Failure, FailureKind, HostCall, HostReply, Map, Operation, Reply, Request, Value,
};
use switchover_values::Scope;

use super::unfinished::Found;
use super::{ConnectionPlan, Step};
use crate::host_side::{HostSide, TemplatePaths};
use crate::job_id;
use crate::performed::Performed;
use crate::settings::Settings;

impl Step {
    /// Asks a module of a plugin what would change, and has it change that.
    pub(super) async fn perform_module(&self, scope: &Scope, settings: &Settings) -> Performed {
        let name = &self.task.action.name;
        let Some(module) = self.play.world.catalog.resolve(name).cloned() else {
            return self.no_module();
        };
        match self.prepare(&module, scope, settings) {
            Ok((request, side)) => {
                // As in Ansible, a registered loop knows what each of its items was done with.
                let kept = self.task.repeat.is_some() && self.task.register.is_some();
                let shown =
                    (kept || request.verbosity > 2).then(|| without_secrets(&module, &request.params));
                let side = Arc::new(side);
                let mut performed = self.check_and_apply(module, request, Arc::clone(&side), scope).await;
                performed.delegated = side.delegated.clone();
                performed.arguments = shown;
                let warned = std::mem::take(
                    &mut *side.warnings.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
                );
                if !warned.is_empty() {
                    performed = performed.with("warnings", warned);
                }
                if let Some(job) = side.job() {
                    let id = job_id::id_of(job);
                    performed =
                        performed.with("ansible_job_id", id).with("started", true).with("finished", true);
                }
                performed
            }
            Err(performed) => *performed,
        }
    }

    /// A module that is refused was let through because of its condition, which holds.
    fn no_module(&self) -> Performed {
        let name = &self.task.action.name;
        match self.play.world.loader.refused_module(name) {
            Some((why, instead)) => {
                Performed::failed(format!("couldn't resolve module/action '{name}': {why}")).remedy(instead)
            }
            None => Performed::failed(format!("there is no module {name}")),
        }
    }

    fn prepare(
        &self,
        module: &Module,
        scope: &Scope,
        settings: &Settings,
    ) -> Result<(Request, HostSide), Box<Performed>> {
        let mut arguments = self.arguments(scope, Some(module))?;
        if self.gathers() {
            super::gathering::strip_own(&mut arguments);
        }
        let params = self.checked(&module.spec, &arguments)?;
        let boxed = |error| Box::new(Performed::from(error));
        let delegate = self.delegate(scope).map_err(boxed)?;
        let plan = ConnectionPlan::of(self, scope, delegate.as_deref())?;
        let request = Request {
            module: module.spec.name.clone(),
            operation: Operation::Check,
            params,
            check_mode: settings.check,
            diff: settings.diff,
            verbosity: self.play.world.options.verbosity,
            about: Map::from_iter([
                ("inventory_hostname".to_owned(), Value::from(self.host.as_str())),
                ("playbook_dir".to_owned(), Value::from(&*self.play.playbook_dir.to_string_lossy())),
                ("run_id".to_owned(), Value::from(self.play.world.run_id.as_str())),
                ("delegate_to".to_owned(), Value::from(delegate.clone())),
                ("python".to_owned(), Value::from(plan.python.clone())),
            ]),
        };
        let mut side = HostSide::new(self, scope, settings, plan, delegate, module.spec.long)?;
        side.template = TemplatePaths::of(&request.params);
        Ok((request, side))
    }

    async fn check_and_apply(
        &self,
        module: Module,
        mut request: Request,
        side: Arc<HostSide>,
        scope: &Scope,
    ) -> Performed {
        side.checking.store(true, Ordering::SeqCst);
        let delta = match self.invoke(&module, &request, &side).await {
            Reply::Delta(delta) => delta,
            Reply::Failure(failure) => return Performed::from(failure),
            Reply::Outcome(_) => return wrong_kind(&module),
        };
        let reads = matches!(module.spec.effect, switchover_protocol::Effect::Reads);
        if let Some((number, _)) = self.begun_before().filter(|_| !reads)
            && let Found::Ended(performed) =
                self.look_after(number, &delta, (&module, &request, &side), scope).await
        {
            return *performed;
        }
        if let Some(done) = self.without_apply(&module, &delta, &request, reads) {
            return done;
        }
        let intent = match self.pass_gate(&module, &delta, scope, side.plan()).await {
            Ok(intent) => intent,
            Err(refused) => return *refused,
        };
        if let Some(intent) = intent {
            match &self.slot {
                Some(slot) => slot.arm(intent),
                None => {
                    if let Err(refused) = self.intend(intent).await {
                        return *refused;
                    }
                }
            }
        }
        // A module that only reads stays behind the fence in check mode too.
        side.checking.store(reads && request.check_mode, Ordering::SeqCst);
        request.operation = Operation::Apply { delta: delta.clone() };
        match self.invoke(&module, &request, &side).await {
            Reply::Outcome(outcome) => with_changes(Performed::from(outcome), delta),
            Reply::Failure(failure) => Performed::from(failure),
            Reply::Delta(_) => wrong_kind(&module),
        }
    }

    /// Returns the result when nothing is to be applied: it is already so, or this is check mode.
    fn without_apply(
        &self,
        module: &Module,
        delta: &Delta,
        request: &Request,
        reads: bool,
    ) -> Option<Performed> {
        match delta {
            Delta::None { result } => {
                // A module that does nothing in check mode says so itself, with the keys that playbooks read.
                let skipped = result.get("skipped") == Some(&Value::Bool(true));
                Some(Performed::new(if skipped { Status::Skipped } else { Status::Ok }, result.clone()))
            }
            _ if reads || !request.check_mode => None,
            Delta::Some { changes, result, .. } => {
                let mut performed = Performed::new(Status::Changed, result.clone());
                performed.changes = changes.clone();
                Some(performed)
            }
            Delta::Unknown { .. } => {
                // Ansible's words, which playbooks look for.
                let text = if module.spec.one_exec {
                    "Command would have run if not in check mode".to_owned()
                } else {
                    let name = switchover_model::short(&request.module);
                    format!("remote module ({name}) does not support check mode")
                };
                Some(Performed::new(Status::Skipped, Map::from_iter([("msg".to_owned(), text.into())])))
            }
        }
    }

    /// Runs one call of a plugin on a thread of its own and answers its host calls from here.
    pub(super) async fn invoke(&self, module: &Module, request: &Request, side: &Arc<HostSide>) -> Reply {
        let (module, request, side) = (module.clone(), request.clone(), Arc::clone(side));
        let runtime = tokio::runtime::Handle::current();
        let world = Arc::clone(&self.play.world);
        let abandoned = Abandoned::default();
        let is_abandoned = Arc::clone(&abandoned.0);
        let work = move || {
            let mut answer = |call: HostCall| -> HostReply { runtime.block_on(side.answer_in_time(call)) };
            let cancelled = || world.is_detached() || is_abandoned.load(Ordering::SeqCst);
            module.invoke(&request, &mut answer, &cancelled)
        };
        let panicked = || {
            let failure = Failure::new("the call of the plugin broke off");
            Reply::Failure(Failure { kind: FailureKind::Panicked, ..failure })
        };
        self.play.world.threads.run(work).await.unwrap_or_else(panicked)
    }

    pub(super) fn say_applying(&self, destroys: Option<String>, approved_by: Option<String>) {
        let (task, host) = (self.id, self.host.clone());
        let kind = EventKind::Applying { task, host, destroys, approved_by };
        match &self.slot {
            Some(slot) => slot.tell(&self.play.world.events, kind),
            None => self.play.world.events.send(kind),
        }
    }
}

/// Tells the plugin to stop once nobody waits for it any more, as when the task has run out of time.
#[derive(Default)]
struct Abandoned(Arc<AtomicBool>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Returns arguments as they may be shown; the mask would hide secrets, too, but not short ones.
fn without_secrets(module: &Module, params: &Map) -> Map {
    let absent = module.spec.params.iter().map(|param| (param.name.clone(), Value::Null));
    let mut shown: Map = absent.collect();
    shown.extend(params.clone());
    for param in module.spec.params.iter().filter(|param| param.secret) {
        if let Some(value) = shown.get_mut(&param.name).filter(|value| !value.is_null()) {
            *value = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER".into();
        }
    }
    shown
}

fn wrong_kind(module: &Module) -> Performed {
    Performed::failed(format!("the plugin of {} gave an answer of the wrong kind", module.spec.name))
        .remedy("this is a mistake in the plugin; `switchover plugin check` tells more")
}

fn with_changes(mut performed: Performed, delta: Delta) -> Performed {
    let found: Vec<Change> = match delta {
        Delta::Some { changes, .. } => changes,
        _ => Vec::new(),
    };
    if performed.changes.is_empty() && performed.status == Status::Changed {
        performed.changes = found;
    }
    performed
}
