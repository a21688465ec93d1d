use switchover_journal::{Counts, Recap};

use crate::paint::Meaning;
use crate::{Paint, duration, plural};

/// Returns the last lines of a run: a line a host.
pub fn lines(recap: &Recap, took: f64, paint: Paint) -> Vec<String> {
    let title = paint.paint(Meaning::Heading, "Recap");
    let mut lines = vec![format!("\n{title}  {}, {}", plural(recap.hosts.len(), "host"), duration(took))];
    let width = recap.hosts.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    for (name, counts) in &recap.hosts {
        lines.push(format!("  {name:<width$}  {}", describe(counts, paint)));
    }
    lines
}

fn describe(counts: &Counts, paint: Paint) -> String {
    let parts = [
        (counts.ok, "ok", Meaning::Good),
        (counts.changed, "changed", Meaning::Changed),
        (counts.failed, "FAILED", Meaning::Bad),
        (counts.unreachable, "UNREACHABLE", Meaning::Bad),
        (counts.unknown, "UNKNOWN", Meaning::Bad),
        (counts.refused, "NOT DONE", Meaning::Bad),
        (counts.rescued, "rescued", Meaning::Warning),
        (counts.ignored, "ignored", Meaning::Warning),
        (counts.skipped, "skipped", Meaning::Faint),
    ];
    let words: Vec<String> = parts
        .into_iter()
        .filter(|(count, word, _)| *count > 0 || *word == "ok")
        .map(|(count, word, meaning)| paint.paint(meaning, &format!("{word} {count}")))
        .collect();
    words.join("  ")
}
