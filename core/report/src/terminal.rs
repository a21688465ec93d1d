//! The default view: what changed and what failed, a line each; long steps live; a recap.

mod at_work;
mod failure;
mod guard;
mod progress;
mod recap;
mod wrap;

use std::collections::HashMap;

use switchover_journal::{Event, EventKind, Listener, Status, TaskInfo, TaskResult};
use switchover_protocol::Level;

use crate::paint::Meaning;
use crate::{Output, Paint, duration, plural};
use at_work::AtWork;
use progress::Progress;

/// With more hosts than these, those that did alike are told together.
const MANY: usize = 10;

/// A step that took so many seconds is told by itself, so that something moves on the screen.
const SLOW: f64 = 5.0;

/// Shows a run to the person who started it.
pub struct Terminal {
    output: Output,
    paint: Paint,
    verbosity: u8,
    show_diff: bool,
    progress: Progress,
    at_work: AtWork,
    /// Bytes of the longest text that a diff shows; 0 for no limit.
    diff_limit: usize,
    /// Columns of the terminal; without one, lines stay whole for whoever reads the log.
    width: Option<usize>,
    tasks: HashMap<u32, Seen>,
    current: Option<u32>,
    /// The play has so many hosts that a line each would hide what matters.
    crowded: bool,
}

/// What was heard of a task.
struct Seen {
    info: TaskInfo,
    ok: Vec<String>,
    /// Hosts that are told together, because there are many.
    changed: Vec<String>,
    skipped: usize,
}

impl Terminal {
    /// Writes there; `live` draws progress bars on the terminal behind standard error.
    pub fn new(output: Output, paint: Paint, verbosity: u8, show_diff: bool, live: bool) -> Self {
        let progress = Progress::new(live);
        let at_work = AtWork::new(progress.bars(), live);
        let tasks = HashMap::new();
        Self {
            output,
            paint,
            verbosity,
            show_diff,
            progress,
            at_work,
            diff_limit: 0,
            width: None,
            tasks,
            current: None,
            crowded: false,
        }
    }

    /// Shows no diff of longer texts.
    pub fn with_diff_limit(self, diff_limit: usize) -> Self {
        Self { diff_limit, ..self }
    }

    /// Returns a line broken between words, for a terminal of so many columns.
    pub fn broken(text: &str, width: usize) -> impl Iterator<Item = String> {
        wrap::lines(text, width)
    }

    /// Breaks long lines between words, for a terminal of so many columns.
    pub fn wrapped(self, width: Option<usize>) -> Self {
        Self { width, ..self }
    }

    fn say(&mut self, text: &str) {
        let Self { output, progress, width, .. } = self;
        progress.suspend(|| match width {
            Some(width) => wrap::lines(text, *width).for_each(|line| output.painted(&line)),
            None => output.painted(text),
        });
    }

    fn word(&self, status: Status, ignored: bool) -> String {
        let (meaning, word) = match status {
            _ if ignored => (Meaning::Warning, "ignored"),
            Status::Ok => (Meaning::Good, "ok"),
            Status::Changed => (Meaning::Changed, "changed"),
            Status::Failed => (Meaning::Bad, "FAILED"),
            Status::Unreachable => (Meaning::Bad, "UNREACHABLE"),
            Status::Skipped => (Meaning::Faint, "skipped"),
            Status::Unknown => (Meaning::Bad, "UNKNOWN"),
            Status::Refused => (Meaning::Bad, "NOT DONE"),
        };
        self.paint.paint(meaning, &format!("{word:<9}"))
    }

    fn start_task(&mut self, info: &TaskInfo) {
        self.end_task();
        self.current = Some(info.id);
        self.tasks
            .insert(info.id, Seen { info: info.clone(), ok: Vec::new(), changed: Vec::new(), skipped: 0 });
    }

    /// Tells in one line of all hosts on which nothing changed.
    fn end_task(&mut self) {
        let Some(seen) = self.current.take().and_then(|id| self.tasks.get_mut(&id)) else { return };
        let (ok, skipped) = (std::mem::take(&mut seen.ok), std::mem::take(&mut seen.skipped));
        let changed = std::mem::take(&mut seen.changed);
        let name = seen.info.name.clone();
        if !changed.is_empty() {
            let hosts = if changed.len() == 1 { changed[0].clone() } else { plural(changed.len(), "host") };
            let line = format!("  {} {} {name}", self.word(Status::Changed, false), self.column(&hosts));
            self.say(&line);
        }
        if !ok.is_empty() {
            let hosts = if ok.len() == 1 { ok[0].clone() } else { plural(ok.len(), "host") };
            let line = format!("  {} {} {name}", self.word(Status::Ok, false), self.column(&hosts));
            self.say(&line);
        } else if skipped > 0 && self.verbosity > 0 {
            let hosts = plural(skipped, "host");
            let line = format!("  {} {} {name}", self.word(Status::Skipped, false), self.column(&hosts));
            self.say(&line);
        }
    }

    fn column(&self, host: &str) -> String {
        format!("{host:<12}")
    }

    fn finish_host(&mut self, task: u32, host: &str, result: &TaskResult, rescued: bool) {
        self.progress.finish(task, host);
        self.at_work.end(task, host);
        let Some(seen) = self.tasks.get_mut(&task) else { return };
        let shown = seen.info.module.trim_start_matches("ansible.builtin.") == "debug";
        let quiet = self.verbosity == 0
            && !shown
            && result.warnings.is_empty()
            && result.took < SLOW
            && (!self.show_diff || result.changes.is_empty());
        match result.status {
            Status::Ok if self.verbosity == 0 && !shown && result.warnings.is_empty() => {
                return seen.ok.push(host.to_owned());
            }
            Status::Changed if quiet && self.crowded && self.current == Some(task) => {
                return seen.changed.push(host.to_owned());
            }
            Status::Skipped => return seen.skipped += 1,
            _ => {}
        }
        let (name, info) = (seen.info.name.clone(), seen.info.clone());
        let place = match &result.delegated {
            Some(delegate) if delegate != host => format!("{host} -> {delegate}"),
            _ => host.to_owned(),
        };
        let took = if result.took >= 1.0 { format!("  {}", duration(result.took)) } else { String::new() };
        let word = self.word(result.status, result.ignored);
        let took = self.paint.paint(Meaning::Faint, &took);
        self.say(&format!("  {word} {} {name}{took}", self.column(&place)));
        if shown {
            self.show_message(result);
        }
        if !result.status.is_fine() {
            for line in failure::lines(&info, result, rescued) {
                self.say(&line);
            }
        }
        self.show_more(result);
    }

    /// Tells of a step that is neither done nor failed.
    fn cut_short(&mut self, task: u32, host: &str, how_far: &str) {
        self.progress.finish(task, host);
        self.at_work.end(task, host);
        let name = self.tasks.get(&task).map_or("", |seen| &seen.info.name);
        let word = self.paint.paint(Meaning::Warning, &format!("{:<9}", "stopped"));
        let line = format!("  {word} {} {name}  ({how_far})", self.column(host));
        self.say(&line);
    }

    fn show_message(&mut self, result: &TaskResult) {
        for (key, value) in &result.result {
            if matches!(key.as_str(), "changed" | "failed") {
                continue;
            }
            let text = match value {
                serde_json::Value::String(text) => text.clone(),
                other => serde_json::to_string_pretty(other).unwrap_or_default(),
            };
            let text = if key == "msg" { text } else { format!("{key}: {text}") };
            text.lines().for_each(|line| self.say(&format!("            {line}")));
        }
    }

    fn show_more(&mut self, result: &TaskResult) {
        for warning in &result.warnings {
            let line = self.paint.paint(Meaning::Warning, &format!("            warning: {warning}"));
            self.say(&line);
        }
        if self.show_diff && !result.censored {
            let limit = self.diff_limit;
            for line in result.changes.iter().flat_map(|change| failure::diff(change, limit)) {
                self.say(&line);
            }
        }
        if self.verbosity > 1 {
            let text = serde_json::to_string_pretty(&result.result).unwrap_or_default();
            text.lines().for_each(|line| self.say(&format!("            {line}")));
        }
    }

    fn log(&mut self, host: &str, level: Level, text: &str) {
        if level == Level::Debug && self.verbosity < 2 {
            return;
        }
        let meaning = if level == Level::Warning { Meaning::Warning } else { Meaning::Faint };
        for line in text.lines() {
            let line = self.paint.paint(meaning, &format!("            {host} | {line}"));
            self.say(&line);
        }
    }

    fn start_play(&mut self, name: &str, hosts: &[String], check_mode: bool) {
        self.end_task();
        self.crowded = hosts.len() > MANY;
        let mode = if check_mode { "  (check mode: nothing is changed)" } else { "" };
        let names = match hosts {
            [] => String::new(),
            few if few.len() <= 4 => few.join(", "),
            many => plural(many.len(), "host"),
        };
        let title = self.paint.paint(Meaning::Heading, name);
        self.say(&format!("\n{title}  {}{mode}", self.paint.paint(Meaning::Faint, &names)));
    }

    fn applying(&mut self, host: &str, destroys: Option<&str>, approved_by: Option<&str>) {
        if let (Some(what), Some(who)) = (destroys, approved_by) {
            let text = format!("  destroys  {} {what}  (approved by {who})", self.column(host));
            let line = self.paint.paint(Meaning::Warning, &text);
            self.say(&line);
        }
    }
}

impl Listener for Terminal {
    fn event(&mut self, event: &Event) {
        // Whoever reads a log that was piped away has a terminal, too.
        let event = guard::shown(event);
        match &event.kind {
            EventKind::RunStarted { .. }
            | EventKind::PlaybookStarted { .. }
            | EventKind::HandlersDue { .. }
            | EventKind::MetaSkipped { .. }
            | EventKind::Waiting { .. }
            | EventKind::MetaDone { .. }
            | EventKind::LeftOff { .. } => {}
            EventKind::Resumed { run, steps: 0, task, host, place, .. } => self.say(&format!(
                "nothing of run {run} is on record; it begins with `{task}` on {host}, {}:{}",
                place.file, place.line
            )),
            EventKind::Resumed { run, steps, task, host, place, cleanups } => {
                let (are, steps) = (if *steps == 1 { "is" } else { "are" }, plural(*steps, "step"));
                self.say(&format!(
                    "{steps} of run {run} {are} on record; going on at `{task}` on {host}, {}:{}",
                    place.file, place.line
                ));
                if !cleanups.is_empty() {
                    self.say(&format!("clean-ups (`always`) still to be run: {}", cleanups.join("; ")));
                }
            }
            EventKind::PlayStarted { name, hosts, check_mode } => self.start_play(name, hosts, *check_mode),
            EventKind::NoHosts { .. } => self.say("  no hosts to work on"),
            EventKind::TaskStarted(info) => self.start_task(info),
            EventKind::HostStarted { task, host } => {
                let name = self.tasks.get(task).map_or("", |seen| &seen.info.name);
                self.at_work.begin(*task, host, name);
            }
            EventKind::Applying { host, destroys, approved_by, .. } => {
                self.applying(host, destroys.as_deref(), approved_by.as_deref());
            }
            EventKind::ItemFinished { host, label, result, .. } => {
                if !result.status.is_fine() || self.verbosity > 0 {
                    let line = format!(
                        "  {} {} ({label})",
                        self.word(result.status, result.ignored),
                        self.column(host)
                    );
                    self.say(&line);
                }
                if !result.status.is_fine() {
                    failure::of_item(result).iter().for_each(|line| self.say(line));
                }
            }
            EventKind::Retrying { host, left, .. } => {
                let line = format!(
                    "            {host} | not yet, {} left",
                    plural(*left as usize, "try").replace("trys", "tries")
                );
                let line = self.paint.paint(Meaning::Faint, &line);
                self.say(&line);
            }
            EventKind::HostFinished { task, host, result, rescued, .. } => {
                self.finish_host(*task, host, result, *rescued);
            }
            EventKind::CutShort { task, host, how_far } => self.cut_short(*task, host, how_far),
            EventKind::Included { file, hosts, .. } => {
                if self.verbosity > 0 {
                    self.say(&format!("  included  {} {file}", self.column(&plural(hosts.len(), "host"))));
                }
            }
            EventKind::HandlerNotified { handler, host } => {
                if self.verbosity > 1 {
                    self.say(&format!("            {host} | notified: {handler}"));
                }
            }
            EventKind::Progress { task, host, done, total, unit, note } => {
                self.at_work.end(*task, host);
                let line = self.progress.update(*task, host, *done, *total, unit, note, event.at);
                if let Some(line) = line {
                    self.say(&self.paint.paint(Meaning::Faint, &line));
                }
            }
            EventKind::Output { host, text, .. } => self.log(host, Level::Info, text),
            EventKind::Log { host, level, text, .. } => self.log(host, *level, text),
            EventKind::Contact { host, text } => self.log(host, Level::Warning, text),
            EventKind::Warning { text } => {
                let line = self.paint.paint(Meaning::Warning, &format!("warning: {text}"));
                self.say(&line);
            }
            EventKind::NoHostsLeft => {
                self.end_task();
                self.say("\nNo hosts are left to go on with.");
            }
            EventKind::RunFinished { recap, took, broken } => {
                self.end_task();
                self.progress.clear();
                self.at_work.clear();
                if *broken && recap.hosts.is_empty() {
                    return;
                }
                recap::lines(recap, *took, self.paint).iter().for_each(|line| self.output.painted(line));
            }
        }
    }
}
