//! Answers a plugin's host calls: the only way a module touches a host, and the place where check mode is kept.

mod attaching;
mod controller_files;
mod detached;
mod live;
mod render;
mod trace;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use switchover_connect::Session;
use switchover_journal::{Act, EventKind};
use switchover_protocol::{HostCall, HostError, HostReply, JobOrigin, Level, Map, Value};
use switchover_values::Scope;
use tokio::sync::OnceCell;

use crate::ahead::Slot;
use crate::performed::Performed;
use crate::settings::Settings;
use crate::step::{ConnectionPlan, Step, TimeLimit};
use crate::under_way::JobAt;
use crate::world::World;

pub use detached::{Detach, job_key};

/// The host behind one task. Connects when the first call needs it.
pub struct HostSide {
    world: Arc<World>,
    task: u32,
    host: String,
    plan: ConnectionPlan,
    session: OnceCell<Arc<Session>>,
    environment: BTreeMap<String, String>,
    scope: Scope,
    /// What the folders of its jobs say about whose they are.
    origin: JobOrigin,
    detach: Option<Detach>,
    /// Under which name the journal knows the step.
    act: Act,
    /// The step's place among steps that run ahead.
    slot: Option<Arc<Slot>>,
    /// Output is shown as it comes: the module works for long, or the operator wants to see more.
    show_output: bool,
    /// What is done on the host is told, call by call.
    traced: bool,
    /// `no_log`: nothing of what the module says while it works is to be seen.
    hidden: bool,
    time: Arc<TimeLimit>,
    /// Nothing may be written now.
    pub checking: AtomicBool,
    /// What the module warned of.
    pub warnings: Mutex<Vec<String>>,
    /// Nothing may be written but that a job which is there already is followed.
    attaching: AtomicBool,
    /// Something else was asked for meanwhile.
    overstepped: AtomicBool,
    pub delegated: Option<String>,
    /// What the task's arguments say of a template.
    pub template: TemplatePaths,
}

/// The paths of a template as the task gives them.
#[derive(Default)]
pub struct TemplatePaths {
    pub written: Option<String>,
    pub destination: Option<String>,
}

impl TemplatePaths {
    /// Reads them from a module's arguments.
    pub fn of(params: &Map) -> Self {
        let text = |name: &str| params.get(name).and_then(Value::as_str).map(str::to_owned);
        Self { written: text("src"), destination: text("dest") }
    }
}

impl HostSide {
    /// Returns the host side of a step; nothing is contacted yet.
    pub fn new(
        step: &Step,
        scope: &Scope,
        settings: &Settings,
        plan: ConnectionPlan,
        delegated: Option<String>,
        long: bool,
    ) -> Result<Self, Box<Performed>> {
        let detach = Detach::of(step, scope)?;
        // What runs in the background is long by the author's word.
        let long = long || detach.is_some();
        Ok(Self {
            world: Arc::clone(&step.play.world),
            task: step.id,
            host: step.host.clone(),
            plan,
            session: OnceCell::new(),
            environment: settings.environment.clone(),
            scope: scope.clone(),
            origin: JobOrigin {
                run: step.play.world.run_id.clone(),
                owner: step.play.world.options.operator_name.clone(),
                task: step.play.world.events.mask(&step.title(scope)),
            },
            detach,
            act: step.act.clone(),
            slot: step.slot.clone(),
            show_output: (long || step.play.world.options.verbosity > 0) && !settings.no_log,
            traced: step.play.world.options.verbosity > 2 && !settings.no_log,
            hidden: settings.no_log,
            time: Arc::clone(&step.time),
            checking: AtomicBool::new(true),
            warnings: Default::default(),
            attaching: AtomicBool::new(false),
            overstepped: AtomicBool::new(false),
            delegated,
            template: TemplatePaths::default(),
        })
    }

    /// Returns how the host is reached, and as whom.
    pub fn plan(&self) -> &ConnectionPlan {
        &self.plan
    }

    /// Returns the key of the job that the task's program runs as.
    pub fn job(&self) -> Option<&str> {
        self.detach.as_ref().map(|detach| detach.key.as_str())
    }

    /// Returns where a job of this step runs.
    fn job_at(&self, key: &str) -> JobAt {
        let user =
            self.plan.elevation.as_ref().map(|elevation| (elevation.user.clone(), elevation.method.name()));
        JobAt { key: key.to_owned(), host: self.plan.target.name.clone(), user }
    }

    /// Answers one call.
    pub async fn answer(&self, call: HostCall) -> HostReply {
        if self.checking.load(Ordering::SeqCst) && call.writes() {
            return HostReply::Error(HostError::RefusedDuringCheck { call: call.in_words() });
        }
        let checking = self.checking.load(Ordering::SeqCst);
        if let Some(refused) = self.slot.as_ref().and_then(|slot| slot.refuse(&call, checking)) {
            return refused;
        }
        if let Some(refused) = self.oversteps(&call).await {
            return refused;
        }
        match call {
            HostCall::Log { .. } if self.hidden => HostReply::Done,
            HostCall::Log { level, text } => {
                let (task, host) = (self.task, self.host.clone());
                if level == Level::Warning {
                    self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(text.clone());
                }
                self.tell(EventKind::Log { task, host, level, text });
                HostReply::Done
            }
            HostCall::Progress { done, total, unit, note } => {
                let note = if self.hidden { String::new() } else { note };
                let (task, host) = (self.task, self.host.clone());
                self.tell(EventKind::Progress { task, host, done, total, unit, note });
                HostReply::Done
            }
            HostCall::Render { text, name, options } => self.render(&text, &name, &options),
            HostCall::ControllerFile { path, search } => self.controller_file(&path, search.as_deref()),
            HostCall::ControllerRead { path, decrypt } => self.controller_read(&path, decrypt),
            HostCall::ControllerList { path } => self.controller_list(&path),
            HostCall::Lock(_) => {
                HostReply::Error(HostError::Invalid { reason: "locks are the run's own affair".to_owned() })
            }
            HostCall::JobStart { key, exec, .. } => {
                self.on_host(HostCall::JobStart { key, exec, origin: Some(self.origin.clone()) }).await
            }
            call => self.on_host(call).await,
        }
    }

    /// Answers one call, unless the step's time is up: what the call was running on the host is ended then.
    pub async fn answer_in_time(&self, call: HostCall) -> HostReply {
        tokio::select! {
            biased;
            () = self.time.is_up() => {
                if let Some(detach) = &self.detach {
                    self.end_job(&detach.key).await;
                }
                HostReply::Error(HostError::Cancelled)
            }
            reply = self.answer(call) => reply,
        }
    }

    fn tell(&self, kind: EventKind) {
        match &self.slot {
            Some(slot) => slot.tell(&self.world.events, kind),
            None => self.world.events.send(kind),
        }
    }

    async fn on_host(&self, call: HostCall) -> HostReply {
        if let Some(slot) = self.slot.as_ref().filter(|_| !self.checking.load(Ordering::SeqCst))
            && matches!(call, HostCall::Exec(_))
            && let HostCall::Exec(exec) = with_environment(call.clone(), &self.environment)
        {
            return slot.run(&self.plan, exec).await;
        }
        let session = match self.session().await {
            Ok(session) => session,
            Err(error) => return HostReply::Error(error),
        };
        let call = with_environment(call, &self.environment);
        if let HostCall::JobStart { key, .. } = &call {
            self.world.events.note_job(self.task, &self.host, self.job_at(key));
        }
        if let (HostCall::Exec(exec), Some(detach)) = (&call, &self.detach)
            && !exec.reads
        {
            return self.exec_detached(&session, exec.clone(), detach).await;
        }
        self.send(&session, &call).await
    }

    /// Sends a call to the host; live output becomes events.
    async fn send(&self, session: &Session, call: &HostCall) -> HostReply {
        if self.traced {
            trace::call(call, &self.plan).into_iter().for_each(|text| self.trace(text));
        }
        let show = self.show_output && matches!(call, HostCall::Exec(exec) if exec.live);
        let mut sink = live::Live { events: &self.world.events, task: self.task, host: &self.host, show };
        session.call(self.plan.elevation.as_ref(), call, &mut sink).await
    }

    fn trace(&self, text: String) {
        let host = self.delegated.clone().unwrap_or_else(|| self.host.clone());
        self.tell(EventKind::Log { task: self.task, host, level: Level::Debug, text });
    }

    async fn session(&self) -> Result<Arc<Session>, HostError> {
        let connect = || {
            if self.traced {
                self.trace(trace::connection(&self.plan, &self.world.options.operator_name));
            }
            self.world.pool.session(&self.plan.target)
        };
        match self.session.get_or_try_init(connect).await {
            Ok(session) => Ok(Arc::clone(session)),
            Err(error) => Err(HostError::Unreachable { reason: error.to_string() }),
        }
    }
}

/// Adds the task's environment to every program; what the module set itself wins.
fn with_environment(call: HostCall, environment: &BTreeMap<String, String>) -> HostCall {
    if environment.is_empty() {
        return call;
    }
    let add = |mut exec: switchover_protocol::Exec| {
        for (name, value) in environment {
            exec.env.entry(name.clone()).or_insert_with(|| value.clone());
        }
        exec
    };
    match call {
        HostCall::Exec(exec) => HostCall::Exec(add(exec)),
        HostCall::JobStart { key, exec, origin } => HostCall::JobStart { key, exec: add(exec), origin },
        HostCall::Many(calls) => {
            HostCall::Many(calls.into_iter().map(|call| with_environment(call, environment)).collect())
        }
        other => other,
    }
}
