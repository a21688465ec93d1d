use switchover_journal::{Counts, Recap};

use crate::paint::Meaning;
use crate::{Paint, duration, plural};

/// Returns the last lines of a run: a line a host.
pub fn lines(recap: &Recap, took: f64, paint: Paint) -> Vec<String> {
    let title = paint.paint(Meaning::Heading, "Recap");
    let mut lines = vec![format!("\n{title}  {}, {}", plural(recap.hosts.len(), "host"), duration(took))];
    let rows = rows(recap);
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, counts) in rows {
        lines.push(format!("  {name:<width$}  {}", describe(counts, paint)));
    }
    lines
}

/// Of many hosts, those that went well and alike are one row; then come the others, each by its name.
fn rows(recap: &Recap) -> Vec<(String, &Counts)> {
    let all = recap.hosts.iter().map(|(name, counts)| (name.clone(), counts));
    if recap.hosts.len() <= super::MANY {
        return all.collect();
    }
    let is_fine = |counts: &Counts| {
        counts.failed + counts.unreachable + counts.unknown + counts.refused + counts.rescued + counts.ignored
            == 0
    };
    let (fine, others): (Vec<_>, Vec<_>) = all.partition(|(_, counts)| is_fine(counts));
    let mut groups: Vec<(Vec<String>, &Counts)> = Vec::new();
    for (name, counts) in fine {
        match groups.iter_mut().find(|(_, known)| *known == counts) {
            Some((names, _)) => names.push(name),
            None => groups.push((vec![name], counts)),
        }
    }
    groups.sort_by_key(|(names, _)| std::cmp::Reverse(names.len()));
    let title =
        |names: Vec<String>| if names.len() == 1 { names[0].clone() } else { plural(names.len(), "host") };
    groups.into_iter().map(|(names, counts)| (title(names), counts)).chain(others).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_hosts_those_that_did_alike_are_one_row() {
        let fine = Counts { ok: 3, ..Counts::default() };
        let hosts = (0..60).map(|n| (format!("n{n:02}"), Counts { failed: u32::from(n == 7), ..fine }));
        let recap = Recap { hosts: hosts.collect() };
        let shown = lines(&recap, 1.0, Paint::default());
        assert_eq!(shown[1..], ["  59 hosts  ok 3", "  n07       ok 3  FAILED 1"]);
    }
}
