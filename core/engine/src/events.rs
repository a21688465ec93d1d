use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use switchover_journal::{Event, EventKind, Listener, Place, Recap};
use switchover_syntax::Span;
use switchover_values::Redactor;

use crate::under_way::{JobAt, UnderWay, UnderWayStep};

/// Where everything that happens goes: masks, numbers, folds, tells.
#[derive(Clone)]
pub struct Events {
    inner: Arc<Mutex<Inner>>,
    redactor: Arc<Redactor>,
}

struct Inner {
    seq: u64,
    task: u32,
    recap: Recap,
    under_way: UnderWay,
    listeners: Vec<Box<dyn Listener>>,
    unsaid: Unsaid,
    /// The connections are being closed.
    closing: bool,
}

/// Headings that are told only when something happens below them.
#[derive(Default)]
struct Unsaid {
    play: Option<EventKind>,
    tasks: HashMap<u32, EventKind>,
}

impl Events {
    /// Returns a stream with these listeners.
    pub fn new(listeners: Vec<Box<dyn Listener>>, redactor: Arc<Redactor>) -> Self {
        let inner = Inner {
            seq: 0,
            task: 0,
            recap: Recap::default(),
            under_way: UnderWay::default(),
            listeners,
            unsaid: Unsaid::default(),
            closing: false,
        };
        Self { inner: Arc::new(Mutex::new(inner)), redactor }
    }

    /// Never shows this text again.
    pub fn keep_secret(&self, secret: &str) {
        self.redactor.add(secret);
    }

    /// Says that something happened.
    pub fn send(&self, kind: EventKind) {
        let kind = self.masked(kind);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.headings(&kind).into_iter().for_each(|heading| inner.tell(heading));
        inner.tell(kind);
    }

    /// Keeps the heading of a play or a task back until something is told below it.
    pub fn hold(&self, kind: EventKind) {
        let kind = self.masked(kind);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        match kind.task() {
            Some(task) => drop(inner.unsaid.tasks.insert(task, kind)),
            None => inner.unsaid = Unsaid { play: Some(kind), tasks: HashMap::new() },
        }
    }

    /// Counts what happened in an earlier part of the run and was told then.
    pub fn fold(&self, kind: &EventKind) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).recap.apply(kind);
    }

    /// Goes on counting behind so many events of an earlier part of the run.
    pub fn follow(&self, events: u64) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).seq = events;
    }

    /// Says a warning.
    pub fn warn(&self, text: impl Into<String>) {
        self.send(EventKind::Warning { text: text.into() });
    }

    /// Returns a new number for a task.
    pub fn next_task(&self) -> u32 {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.task += 1;
        inner.task
    }

    /// Returns what became of the hosts so far.
    pub fn recap(&self) -> Recap {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).recap.clone()
    }

    /// Notes that a job on the host does the work of a step.
    pub fn note_job(&self, task: u32, host: &str, job: JobAt) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.under_way.note_job(task, host, job);
    }

    /// Returns the steps that have begun and not ended.
    pub fn under_way(&self) -> Vec<UnderWayStep> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).under_way.steps()
    }

    /// Returns the steps whose job may still run, on hosts that were lost.
    pub fn lost_jobs(&self) -> Vec<UnderWayStep> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).under_way.lost()
    }

    /// From now on it is no news that contact with a host is lost.
    pub fn expect_silence(&self) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).closing = true;
    }

    /// Returns text with every secret masked.
    pub fn mask(&self, text: &str) -> String {
        self.redactor.mask(text).into_owned()
    }

    fn masked(&self, kind: EventKind) -> EventKind {
        let redactor = &self.redactor;
        if redactor.is_empty() {
            return kind;
        }
        let Ok(mut json) = serde_json::to_value(&kind) else { return kind };
        redactor.mask_json(&mut json);
        serde_json::from_value::<EventKind>(json).unwrap_or_else(|error| EventKind::Warning {
            text: format!("an event could not be masked and is not shown: {error}"),
        })
    }
}

impl Inner {
    fn tell(&mut self, kind: EventKind) {
        // What was left to itself on a host may lose its connection when all are closed: that is no news.
        if self.closing && matches!(kind, EventKind::Contact { .. }) {
            return;
        }
        let at = now();
        self.recap.apply(&kind);
        self.under_way.apply(&kind, at);
        self.seq += 1;
        let event = Event { seq: self.seq, at, kind };
        self.listeners.iter_mut().for_each(|listener| listener.event(&event));
    }

    /// Returns the headings that have to be told before this.
    fn headings(&mut self, kind: &EventKind) -> Vec<EventKind> {
        if matches!(kind, EventKind::PlayStarted { .. }) {
            self.unsaid = Unsaid::default();
        }
        let Some(number) = kind.task() else { return Vec::new() };
        let task = self.unsaid.tasks.remove(&number);
        self.unsaid.play.take().into_iter().chain(task).collect()
    }
}

/// Returns the seconds since 1970.
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// Returns where a piece of the author's text begins.
pub fn place(span: &Span) -> Place {
    let at = span.position();
    Place { file: span.source.name().display().to_string(), line: at.line, column: at.column }
}
