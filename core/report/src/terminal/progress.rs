use std::collections::HashMap;

use indicatif::{HumanBytes, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::asking::move_below;

/// Without a terminal, progress is a line now and then: at every tenth, or after this many seconds.
const QUIET_SECONDS: f64 = 60.0;

/// Long steps: bars on a terminal, else a line now and then.
pub struct Progress {
    bars: MultiProgress,
    live: bool,
    steps: HashMap<(u32, String), Step>,
}

struct Step {
    bar: Option<ProgressBar>,
    told_at: f64,
    told_tenth: u128,
}

impl Progress {
    /// Returns no steps; `live` draws on standard error.
    pub fn new(live: bool) -> Self {
        let target = if live { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bars = MultiProgress::with_draw_target(target);
        if live {
            move_below(&bars);
        }
        Self { bars, live, steps: HashMap::new() }
    }

    /// Returns what all bars stand in.
    pub fn bars(&self) -> &MultiProgress {
        &self.bars
    }

    /// Writes something above the bars.
    pub fn suspend(&self, write: impl FnOnce()) {
        if self.live { self.bars.suspend(write) } else { write() }
    }

    /// Takes news of a step in; returns a line when it is worth one.
    #[expect(clippy::too_many_arguments, reason = "the fields of one event")]
    pub fn update(
        &mut self,
        task: u32,
        host: &str,
        done: u64,
        total: Option<u64>,
        unit: &str,
        note: &str,
        at: f64,
    ) -> Option<String> {
        let total = total.or((unit == "%").then_some(100));
        let bars = &self.bars;
        let live = self.live;
        let step = self.steps.entry((task, host.to_owned())).or_insert_with(|| Step {
            bar: live.then(|| bars.add(bar(host, total))),
            told_at: 0.0,
            told_tenth: u128::MAX,
        });
        let text = describe(done, total, unit, note);
        if let Some(bar) = &step.bar {
            if let Some(total) = total {
                // A step may tell only later how much there is.
                if bar.length() == Some(0) {
                    bar.set_style(style(Some(total)));
                }
                bar.set_length(total);
                bar.set_position(done);
            }
            bar.set_message(text);
            bar.tick();
            return None;
        }
        let tenth = total
            .filter(|total| *total > 0)
            .map_or(0, |total| u128::from(done.min(total)) * 10 / u128::from(total));
        if tenth == step.told_tenth && at - step.told_at < QUIET_SECONDS {
            return None;
        }
        step.told_tenth = tenth;
        step.told_at = at;
        Some(format!("            {host} | {text}"))
    }

    /// Takes a step's bar away.
    pub fn finish(&mut self, task: u32, host: &str) {
        if let Some(Step { bar: Some(bar), .. }) = self.steps.remove(&(task, host.to_owned())) {
            bar.finish_and_clear();
            self.bars.remove(&bar);
        }
    }

    /// Takes all bars away.
    pub fn clear(&mut self) {
        for (_, step) in self.steps.drain() {
            if let Some(bar) = step.bar {
                bar.finish_and_clear();
            }
        }
    }
}

fn bar(host: &str, total: Option<u64>) -> ProgressBar {
    // Hidden until it stands among the others: a bar draws as soon as it has a prefix.
    let hidden = ProgressDrawTarget::hidden();
    let bar = ProgressBar::with_draw_target(Some(total.unwrap_or(0)), hidden).with_style(style(total));
    bar.set_prefix(host.to_owned());
    bar
}

fn style(total: Option<u64>) -> ProgressStyle {
    let template = match total {
        Some(_) => "            {prefix} [{bar:24}] {percent:>3}%  {msg}  {elapsed}, {eta} left",
        None => "            {prefix} {spinner} {msg}  {elapsed}",
    };
    let style = ProgressStyle::with_template(template).expect("the template is a constant");
    style.progress_chars("=> ").tick_chars("|/-\\ ")
}

fn describe(done: u64, total: Option<u64>, unit: &str, note: &str) -> String {
    let amount = match (unit, total) {
        ("bytes", Some(total)) => format!("{} of {}", HumanBytes(done), HumanBytes(total)),
        ("bytes", None) => HumanBytes(done).to_string(),
        // The bar tells the share; without one the note does, or this.
        ("%", _) if !note.is_empty() => String::new(),
        ("%", _) => format!("{done} %"),
        (unit, Some(total)) => format!("{done} of {total} {unit}"),
        (unit, None) if done > 0 => format!("{done} {}", one_or_many(done, unit)),
        _ => String::new(),
    };
    match (amount.is_empty(), note.is_empty()) {
        (_, true) => amount,
        (true, false) => note.to_owned(),
        (false, false) => format!("{amount}, {note}"),
    }
}

/// Units are told in the plural: `lines`.
fn one_or_many(count: u64, unit: &str) -> &str {
    if count == 1 { unit.strip_suffix('s').unwrap_or(unit) } else { unit }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_terminal_every_tenth_is_a_line() {
        let mut progress = Progress::new(false);
        let mut lines = Vec::new();
        for done in 0..=100 {
            lines.extend(progress.update(1, "h", done, Some(100), "steps", "copying", 0.0));
        }
        assert_eq!(lines.len(), 11);
        assert_eq!(lines[5].trim(), "h | 50 of 100 steps, copying");
    }

    #[test]
    fn bytes_are_told_for_people() {
        assert_eq!(describe(1 << 20, Some(1 << 21), "bytes", ""), "1.00 MiB of 2.00 MiB");
        assert_eq!(describe(0, None, "", "waiting"), "waiting");
        assert_eq!(describe(1, None, "lines", "begun"), "1 line, begun");
        assert_eq!(describe(2, None, "lines", ""), "2 lines");
    }
}
