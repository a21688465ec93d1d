//! One HTML page of a run that needs nothing beside it: hosts, steps, failures, what was permitted.

mod failures;
mod matrix;

use std::path::{Path, PathBuf};

use switchover_journal::{Counts, Event, EventKind, Listener};

use crate::markup::escaped;
use crate::story::{LeftOff, Story};
use crate::{duration, plural};

const STYLE: &str = include_str!("page/style.css");

/// The page is written again after so many seconds while the run goes on.
const AGAIN: f64 = 10.0;

/// Writes the page: after each failure, now and then, and when the run ends in whatever way.
pub struct Page {
    path: PathBuf,
    story: Story,
    written: f64,
    failed: bool,
}

impl Page {
    /// Writes into this file, in place of what is there.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), story: Story::default(), written: 0.0, failed: false }
    }

    /// The page is never half written: it takes the old one's place when it is whole.
    fn write(&mut self) {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let beside = folder.unwrap_or(Path::new(".")).join(format!(".{name}.new"));
        let written = std::fs::write(&beside, document(&self.story));
        if let Err(error) = written.and_then(|()| std::fs::rename(&beside, &self.path))
            && !std::mem::replace(&mut self.failed, true)
        {
            crate::output::complain(&format!("cannot write the report {}: {error}", self.path.display()));
        }
    }
}

impl Listener for Page {
    fn event(&mut self, event: &Event) {
        self.story.apply(event);
        let now = match &event.kind {
            EventKind::RunStarted { .. } | EventKind::RunFinished { .. } | EventKind::LeftOff { .. } => true,
            EventKind::HostFinished { result, .. } if !result.status.is_fine() => true,
            _ => event.at - self.written > AGAIN,
        };
        if now {
            self.written = event.at;
            self.write();
        }
    }
}

fn document(story: &Story) -> String {
    let title = title(story);
    let sections = [
        left_off(story),
        recap(story),
        failures::section(story),
        approvals(story),
        warnings(story),
        story.plays.iter().map(matrix::section).collect(),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{}{}</body>\n</html>\n",
        head(story, &title),
        sections.concat()
    )
}

fn title(story: &Story) -> String {
    let names = story.playbooks.iter().map(|path| Path::new(path).file_name().unwrap_or_default());
    let names: Vec<_> = names.map(|name| name.to_string_lossy()).collect();
    escaped(&names.join(", "))
}

fn head(story: &Story, title: &str) -> String {
    let total = |pick: fn(&Counts) -> u32| story.recap.total(pick);
    let bad = total(|c| c.failed) + total(|c| c.unreachable) + total(|c| c.unknown) + total(|c| c.refused);
    let (meaning, word) = match (&story.left_off, bad) {
        _ if !story.finished => ("changed", "not ended when this was written"),
        (Some(LeftOff { stopped: true, .. }), _) => ("bad", "stopped on request: not all was done"),
        (None, 0) => ("good", "done"),
        _ => ("bad", "not all was done"),
    };
    let check = if story.check_mode { ", check mode: nothing was changed" } else { "" };
    let took = duration(story.ended - story.started);
    format!(
        "<header>\n<h1>{title}</h1>\n<p><span class=\"state {meaning}\">{word}</span></p>\n\
         <p class=\"faint\">run {} &middot; {} &middot; {took} &middot; {}{check}</p>\n</header>\n",
        escaped(&story.run),
        crate::callbacks::local(story.started),
        plural(story.recap.hosts.len(), "host"),
    )
}

/// What was not done, and how to go on, come before all else.
fn left_off(story: &Story) -> String {
    let Some(LeftOff { left, next, .. }) = &story.left_off else { return String::new() };
    let part = |heading: &str, text: &str| match text.is_empty() {
        true => String::new(),
        false => {
            format!("<h2>{heading}</h2>\n<div class=\"card failed\"><pre>{}</pre></div>\n", escaped(text))
        }
    };
    part("What was left", left) + &part("What next", next)
}

/// A column of the recap: its name, its colour, its figure.
type Column = (&'static str, &'static str, fn(&Counts) -> u32);

const RECAP: [Column; 9] = [
    ("ok", "good", |counts| counts.ok),
    ("changed", "changed", |counts| counts.changed),
    ("failed", "bad", |counts| counts.failed),
    ("unreachable", "bad", |counts| counts.unreachable),
    ("end unknown", "bad", |counts| counts.unknown),
    ("not done", "bad", |counts| counts.refused),
    ("rescued", "good", |counts| counts.rescued),
    ("ignored", "changed", |counts| counts.ignored),
    ("skipped", "skip", |counts| counts.skipped),
];

/// Columns that say nothing of any host are left out.
fn recap(story: &Story) -> String {
    let columns: Vec<&Column> = RECAP.iter().filter(|(_, _, pick)| story.recap.total(pick) > 0).collect();
    let cell = |counts: &Counts, (_, class, pick): &Column| match pick(counts) {
        0 => "<td class=\"skip\">&middot;</td>".to_owned(),
        count => format!("<td class=\"{class}\">{count}</td>"),
    };
    let row = |(host, counts): (&String, &Counts)| {
        let cells: String = columns.iter().map(|column| cell(counts, column)).collect();
        format!("<tr><th>{}</th>{cells}</tr>\n", escaped(host))
    };
    let rows: String = story.recap.hosts.iter().map(row).collect();
    let heads: String = columns.iter().map(|(head, _, _)| format!("<th>{head}</th>")).collect();
    table("Hosts", &format!("<th>host</th>{heads}"), &rows)
}

/// Returns a table below a heading.
fn table(heading: &str, heads: &str, rows: &str) -> String {
    format!(
        "<h2>{heading}</h2>\n<div class=\"scroll\"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n\
         </table></div>\n"
    )
}

/// The first destroying step is where the way back ends.
fn approvals(story: &Story) -> String {
    let Some(first) = story.approvals.first() else { return String::new() };
    let mark = format!(
        "<div class=\"card mark\"><h3>Point of no return: {} on {}</h3>\n<p>{}</p>\n\
         <p class=\"faint\">No step before this one destroyed anything.</p></div>\n",
        escaped(&first.task),
        escaped(&first.host),
        escaped(&first.destroys)
    );
    let rows: String = story
        .approvals
        .iter()
        .map(|step| {
            let cells =
                [&step.host, &step.destroys, &step.by].map(|text| format!("<td>{}</td>", escaped(text)));
            format!("<tr><th>{}</th>{}</tr>\n", escaped(&step.task), cells.concat())
        })
        .collect();
    let heads = "<th>step</th><th>host</th><th>destroys</th><th>permitted by</th>";
    table("What was destroyed, and who permitted it", heads, &rows) + &mark
}

fn warnings(story: &Story) -> String {
    if story.warnings.is_empty() {
        return String::new();
    }
    let items: String =
        story.warnings.iter().map(|text| format!("<p class=\"changed\">{}</p>\n", escaped(text))).collect();
    format!("<h2>Warnings</h2>\n<div class=\"card\">\n{items}</div>\n")
}
