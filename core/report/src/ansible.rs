//! Ansible's own format, for people and programs that read it.

mod item;
mod json;
mod result;
mod trouble;
mod unified;

use std::collections::{HashMap, HashSet};

use switchover_journal::{Event, EventKind, Listener, Recap, Status, TaskInfo};
use switchover_protocol::Level;

use crate::paint::Meaning;
use crate::{Output, Paint};

/// The width of a banner when the terminal's is not known.
const COLUMNS: usize = 79;

/// Prints a run as `ansible-playbook` does.
pub struct Ansible {
    output: Output,
    errors: Output,
    paint: Paint,
    verbosity: u8,
    tasks: HashMap<u32, TaskInfo>,
    /// What was told of failures; the same is told once.
    troubles: HashSet<String>,
    warnings: HashSet<String>,
    last_task: Option<u32>,
}

impl Ansible {
    /// Writes there; warnings go to the second output.
    pub fn new(output: Output, errors: Output, paint: Paint, verbosity: u8) -> Self {
        let (troubles, warnings) = (HashSet::new(), HashSet::new());
        Self { output, errors, paint, verbosity, tasks: HashMap::new(), troubles, warnings, last_task: None }
    }

    fn banner(&mut self, text: &str) {
        let stars = COLUMNS.saturating_sub(text.chars().count()).max(3);
        self.output.line(&format!("\n{text} {}", "*".repeat(stars)));
    }

    /// Prints the task's title when another one was the last to be seen (`free`).
    fn title(&mut self, id: u32) {
        if self.last_task == Some(id) {
            return;
        }
        self.last_task = Some(id);
        let Some(info) = self.tasks.get(&id) else { return };
        let kind = if info.handler { "RUNNING HANDLER" } else { "TASK" };
        let (text, path) = (
            format!("{kind} [{}]", info.name),
            format!("task path: {}:{}", info.place.file, info.place.line),
        );
        self.banner(&text);
        if self.verbosity > 1 {
            self.output.line(&path);
        }
    }

    fn print(&mut self, meaning: Meaning, text: &str) {
        for line in text.split('\n') {
            let line = self.paint.paint(meaning, line);
            self.output.line(&line);
        }
    }

    fn warn(&mut self, text: &str) {
        let text = format!("[WARNING]: {text}");
        if self.warnings.insert(text.clone()) {
            let text = self.paint.paint(Meaning::Warning, &text);
            self.errors.line(&text);
        }
    }

    fn recap(&mut self, recap: &Recap) {
        self.banner("PLAY RECAP");
        for (host, c) in &recap.hosts {
            let failed = c.failed + c.unknown + c.refused;
            let counts = [
                ("ok", c.ok),
                ("changed", c.changed),
                ("unreachable", c.unreachable),
                ("failed", failed),
                ("skipped", c.skipped),
                ("rescued", c.rescued),
                ("ignored", c.ignored),
            ];
            let words: Vec<String> = counts.iter().map(|(name, n)| format!("{name}={n:<4}")).collect();
            let meaning = match (failed + c.unreachable, c.changed) {
                (0, 0) => Meaning::Good,
                (0, _) => Meaning::Changed,
                _ => Meaning::Bad,
            };
            let name = self.paint.paint(meaning, &format!("{host:<26}"));
            self.output.line(&format!("{name} : {}", words.join(" ")));
        }
        self.output.line("");
    }
}

impl Listener for Ansible {
    fn event(&mut self, event: &Event) {
        match &event.kind {
            EventKind::PlayStarted { name, .. } => self.banner(&format!("PLAY [{name}]")),
            EventKind::NoHosts { matched, .. } => {
                if !*matched {
                    self.print(Meaning::Skipped, "skipping: no hosts matched");
                }
            }
            EventKind::TaskStarted(info) => {
                self.tasks.insert(info.id, info.clone());
                self.title(info.id);
            }
            EventKind::ItemFinished { task, host, label, result } => {
                self.title(*task);
                self.item(*task, host, label, result);
            }
            EventKind::Retrying { task, host, left, .. } => {
                self.title(*task);
                let name = self.tasks.get(task).map(|info| info.name.clone()).unwrap_or_default();
                let text = format!("FAILED - RETRYING: [{host}]: {name} ({left} retries left).");
                self.output.line(&text);
            }
            EventKind::HostFinished { task, host, result, looped, .. } => {
                self.title(*task);
                self.result(*task, host, result, *looped);
            }
            EventKind::Included { file, hosts, label } => {
                let label = label.as_ref().map(|label| format!(" => (item={label})")).unwrap_or_default();
                self.print(Meaning::Skipped, &format!("included: {file} for {}{label}", hosts.join(", ")));
            }
            EventKind::HandlerNotified { handler, host } if self.verbosity > 1 => {
                self.output.line(&format!("NOTIFIED HANDLER {handler} for {host}"));
            }
            EventKind::Log { text, level: Level::Warning, .. } | EventKind::Warning { text } => {
                self.warn(text)
            }
            EventKind::NoHostsLeft => self.banner("NO MORE HOSTS LEFT"),
            EventKind::RunFinished { broken: true, .. } => {}
            EventKind::RunFinished { recap, .. } => self.recap(recap),
            EventKind::MetaSkipped { task, host } => {
                self.title(*task);
                self.print(Meaning::Skipped, &format!("skipping: [{host}]"));
            }
            EventKind::RunStarted { .. } if self.verbosity > 0 => {
                self.output.line("No config file found; using defaults");
            }
            EventKind::RunStarted { .. }
            | EventKind::HostStarted { .. }
            | EventKind::Applying { .. }
            | EventKind::HandlerNotified { .. }
            | EventKind::Progress { .. }
            | EventKind::Output { .. }
            | EventKind::Log { .. }
            | EventKind::Contact { .. } => {}
        }
    }
}

/// Returns Ansible's word and colour for a status that is no failure.
fn word(status: Status) -> Option<(&'static str, Meaning)> {
    match status {
        Status::Ok => Some(("ok", Meaning::Good)),
        Status::Changed => Some(("changed", Meaning::Changed)),
        Status::Skipped => Some(("skipping", Meaning::Skipped)),
        Status::Failed | Status::Unreachable | Status::Unknown | Status::Refused => None,
    }
}

/// Returns a module's name without the collection that needs no naming.
fn short(module: &str) -> &str {
    let plain = |prefix| module.strip_prefix(prefix);
    plain("ansible.builtin.").or_else(|| plain("ansible.legacy.")).unwrap_or(module)
}
