//! Ansible's own format, for people and programs that read it.

mod colour;
mod display;
mod item;
mod json;
mod minimal;
mod python;
mod result;
mod stats;
mod trouble;
mod unified;
mod yaml;

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};
use switchover_journal::{Event, EventKind, Listener, Recap, Status, TaskInfo, TaskResult};
use switchover_protocol::Level;

pub use display::Display;
pub use minimal::Minimal;
pub use python::python;

use crate::paint::Meaning;
use crate::{Output, Paint};

pub(crate) use json::{dump, indented, plain};
pub(crate) use result::cleaned;
pub(crate) use stats::Stats;

/// The width of a banner when the terminal's is not known.
const COLUMNS: usize = 79;

/// Prints a run as `ansible-playbook` does.
pub struct Ansible {
    output: Output,
    errors: Output,
    paint: Paint,
    display: Display,
    tasks: HashMap<u32, TaskInfo>,
    /// What was told of failures; the same is told once.
    troubles: HashSet<String>,
    warnings: HashSet<String>,
    last_task: Option<u32>,
    stats: Stats,
}

impl Ansible {
    /// Writes there; warnings go to the second output.
    pub fn new(output: Output, errors: Output, paint: Paint, display: Display) -> Self {
        let (troubles, warnings) = (HashSet::new(), HashSet::new());
        Self {
            output,
            errors,
            paint,
            display,
            tasks: HashMap::new(),
            troubles,
            warnings,
            last_task: None,
            stats: Stats::default(),
        }
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
        let Some(info) = self.tasks.get(&id) else { return };
        self.last_task = Some(id);
        let kind = if info.handler { "RUNNING HANDLER" } else { "TASK" };
        let marker = self.marker(info.check_mode);
        let text = format!("{kind} [{}{}]{marker}", info.name, arguments(info));
        let path = task_path(info);
        self.banner(&text);
        if self.display.verbosity > 1 {
            self.output.line(&path);
        }
    }

    /// Returns a result as it is shown: `loud` ones are laid out for reading.
    fn dumped(&self, keys: &Map<String, Value>, loud: bool) -> String {
        let pretty = self.display.pretty.unwrap_or(self.display.yaml);
        match self.display.yaml {
            true => yaml::dump(keys, pretty),
            false => dump(keys, pretty || loud || self.display.verbosity > 2),
        }
    }

    fn marker(&self, check: bool) -> &'static str {
        if check && self.display.check_markers { " [CHECK MODE]" } else { "" }
    }

    fn dry_run(&mut self) {
        if self.display.check && self.display.check_markers {
            self.banner("DRY RUN");
        }
    }

    fn warn(&mut self, text: &str) {
        let text = format!("[WARNING]: {text}");
        if self.warnings.insert(text.clone()) {
            self.print_error(Meaning::Warning, &text);
        }
    }

    /// Returns whether a result of this kind is not wanted.
    fn hides(&self, result: &TaskResult) -> bool {
        match result.status {
            Status::Skipped => !self.display.skipped,
            Status::Ok => !self.display.ok,
            _ => false,
        }
    }

    fn recap(&mut self, recap: &Recap) {
        self.banner("PLAY RECAP");
        for (host, c) in &recap.hosts {
            let failed = c.failed + c.unknown + c.refused;
            let counts = [
                ("ok", c.ok, Meaning::Good),
                ("changed", c.changed, Meaning::Changed),
                ("unreachable", c.unreachable, Meaning::Unreachable),
                ("failed", failed, Meaning::Bad),
                ("skipped", c.skipped, Meaning::Skipped),
                ("rescued", c.rescued, Meaning::Good),
                ("ignored", c.ignored, Meaning::Warning),
            ];
            let word = |(name, n, meaning): &(&str, u32, Meaning)| {
                let text = format!("{name}={n:<4}");
                if *n == 0 { text } else { self.coloured(*meaning, &text) }
            };
            let words: Vec<String> = counts.iter().map(word).collect();
            let meaning = match (failed + c.unreachable, c.changed) {
                (0, 0) => Meaning::Good,
                (0, _) => Meaning::Changed,
                _ => Meaning::Bad,
            };
            // The colours' codes count as letters in Ansible's columns, too.
            let width = if self.paint.colour { 37 } else { 26 };
            let name = self.coloured(meaning, &self.output.safe(host));
            self.output.painted(&format!("{name:<width$} : {}", words.join(" ")));
        }
        self.output.line("");
        if self.display.custom_stats && !self.stats.is_empty() {
            self.custom_stats();
        }
        self.dry_run();
    }

    fn custom_stats(&mut self) {
        self.banner("CUSTOM STATS:");
        let pretty = self.display.pretty.unwrap_or(self.display.yaml);
        let dumped = |stats: &Map<String, Value>| match self.display.yaml {
            true => yaml::joined(stats, pretty).replace('\n', ""),
            false => json::indented(stats, 1).replace('\n', ""),
        };
        let mut lines: Vec<String> =
            self.stats.hosts().map(|(host, stats)| format!("\t{host}: {}", dumped(stats))).collect();
        if !self.stats.run().is_empty() {
            lines.push(format!("\n\tRUN: {}", dumped(self.stats.run())));
        }
        lines.iter().for_each(|line| self.output.line(line));
        self.output.line("");
    }

    fn playbook(&mut self, path: &str, plays: usize) {
        if self.display.verbosity > 1 {
            let name = std::path::Path::new(path).file_name().unwrap_or_default().to_string_lossy();
            self.banner(&format!("PLAYBOOK: {name}"));
            let here = std::env::current_dir().unwrap_or_default();
            let shown = std::path::Path::new(path);
            let shown = shown.strip_prefix(here).unwrap_or(shown);
            self.output.line(&format!("{plays} plays in {}", shown.display()));
        }
    }

    /// Notes what a result brings for the end.
    fn note(&mut self, host: &str, result: &TaskResult) {
        if let Some(stats) = result.result.get("ansible_stats").filter(|_| !result.censored) {
            self.stats.add(host, stats);
        }
    }
}

/// Returns the arguments in a title, when it is to show them.
fn arguments(info: &TaskInfo) -> String {
    let Some(arguments) = &info.arguments else { return String::new() };
    let shown = |value: &Value| value.as_str().map_or_else(|| python(value), str::to_owned);
    let shown: Vec<String> = arguments.iter().map(|(key, value)| format!("{key}={}", shown(value))).collect();
    format!(" {}", shown.join(", "))
}

impl Listener for Ansible {
    fn event(&mut self, event: &Event) {
        match &event.kind {
            EventKind::PlayStarted { name, check_mode, .. } => {
                let marker = self.marker(*check_mode);
                self.banner(&format!("PLAY [{name}]{marker}"));
            }
            EventKind::NoHosts { matched, .. } => {
                if !*matched {
                    self.print(Meaning::Skipped, "skipping: no hosts matched");
                }
            }
            EventKind::TaskStarted(info) => {
                self.tasks.insert(info.id, info.clone());
                // What may be hidden is not announced before there is something to show.
                // Hosts come to a `meta` task one by one, and it is titled for each when that is done.
                if self.display.skipped && self.display.ok && short(&info.module) != "meta" {
                    self.title(info.id);
                }
            }
            EventKind::ItemFinished { task, host, label, result } => {
                self.note(host, result);
                if self.hides(result) {
                    return;
                }
                self.title(*task);
                self.item(*task, host, label, result);
            }
            EventKind::Retrying { task, host, left, .. } => {
                // As there, a task that has a name goes without its role here.
                let name = |info: &TaskInfo| info.written.as_ref().unwrap_or(&info.name).clone();
                let name = self.tasks.get(task).map(name).unwrap_or_default();
                let text = format!("FAILED - RETRYING: [{host}]: {name} ({left} retries left).");
                self.print(Meaning::Faint, &text);
            }
            EventKind::HostFinished { task, host, result, looped, .. } => {
                if !*looped {
                    self.note(host, result);
                }
                if self.hides(result) {
                    return;
                }
                self.title(*task);
                self.result(*task, host, result, *looped);
            }
            EventKind::Included { task, file, hosts, label } => {
                self.title(*task);
                let label = label.as_ref().map(|label| format!(" => (item={label})")).unwrap_or_default();
                self.print(Meaning::Skipped, &format!("included: {file} for {}{label}", hosts.join(", ")));
            }
            EventKind::HandlerNotified { handler, .. } if self.display.verbosity > 1 => {
                self.print(Meaning::Detail, &format!("Notification for handler {handler} has been saved."));
            }
            EventKind::HandlersDue { task, host, handlers } if self.display.verbosity > 1 => {
                self.title(*task);
                for handler in handlers {
                    self.print(Meaning::Detail, &format!("NOTIFIED HANDLER {handler} for {host}"));
                }
            }
            EventKind::Log { host, level: Level::Debug, text, .. } if self.display.verbosity > 2 => {
                self.print(Meaning::Detail, &format!("<{host}> {text}"));
            }
            EventKind::Log { text, level: Level::Warning, .. } | EventKind::Warning { text } => {
                self.warn(text)
            }
            EventKind::NoHostsLeft => self.banner("NO MORE HOSTS LEFT"),
            EventKind::RunFinished { broken: true, .. } => {}
            EventKind::RunFinished { recap, .. } => self.recap(recap),
            EventKind::Waiting { text, .. } => self.output.line(text),
            EventKind::MetaDone { task, text } => {
                if *task > 0 && self.display.skipped && self.display.ok {
                    self.title(*task);
                }
                if self.display.meta || (self.display.verbosity > 1 && *task > 0) {
                    self.output.line(&format!("META: {text}"));
                }
            }
            EventKind::MetaSkipped { task, host, reason } => self.meta_skipped(*task, host, reason),
            EventKind::RunStarted { .. } => self.dry_run(),
            EventKind::HostStarted { task, host } if self.display.per_host_start => {
                let Some(info) = self.tasks.get(task) else { return };
                let kind = if info.handler { "HANDLER" } else { "TASK" };
                let line = format!(" [started {kind}: {} on {host}]", info.name);
                self.output.line(&line);
            }
            EventKind::PlaybookStarted { path, plays } => self.playbook(path, *plays),
            EventKind::Resumed { .. }
            | EventKind::HostStarted { .. }
            | EventKind::Applying { .. }
            | EventKind::HandlerNotified { .. }
            | EventKind::HandlersDue { .. }
            | EventKind::Progress { .. }
            | EventKind::Output { .. }
            | EventKind::Log { .. }
            | EventKind::CutShort { .. }
            | EventKind::Contact { .. }
            | EventKind::LeftOff { .. } => {}
        }
    }
}

impl Ansible {
    fn meta_skipped(&mut self, task: u32, host: &str, reason: &str) {
        if !self.display.skipped {
            return;
        }
        self.title(task);
        if self.display.verbosity > 1 {
            self.output.line(&format!("META: {reason}"));
        }
        let details = match self.display.verbosity {
            0 => String::new(),
            _ => {
                let word = reason.split_whitespace().next().unwrap_or_default();
                // Ansible writes its own word small where it speaks of one host that goes on.
                let msg =
                    if word == "end_host" { reason.replacen("False", "false", 1) } else { word.to_owned() };
                let details = [("msg".to_owned(), msg.into()), ("skip_reason".to_owned(), reason.into())];
                format!(" => {}", json::dump(&Map::from_iter(details), false))
            }
        };
        self.print(Meaning::Skipped, &format!("skipping: [{host}]{details}"));
    }
}

fn task_path(info: &TaskInfo) -> String {
    let path = std::path::absolute(&info.place.file).unwrap_or_else(|_| info.place.file.clone().into());
    format!("task path: {}:{}", path.display(), info.place.line)
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
pub(crate) fn short(module: &str) -> &str {
    let plain = |prefix| module.strip_prefix(prefix);
    plain("ansible.builtin.").or_else(|| plain("ansible.legacy.")).unwrap_or(module)
}
