//! The line that tells what works while nothing else moves on the screen.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{duration, plural};

/// A step that works for this long is told of; most are over before anybody could read of them.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How often the line is drawn anew.
const TICK: Duration = Duration::from_millis(250);
/// So many hosts are named.
const NAMED: usize = 3;

/// Steps under way, and the line about them. Without a terminal there is none.
pub struct AtWork(Option<Arc<Shared>>);

struct Shared {
    bars: MultiProgress,
    steps: Mutex<Vec<Step>>,
    line: Mutex<Option<ProgressBar>>,
}

/// A step under way that shows no progress of its own.
struct Step {
    task: u32,
    host: String,
    name: String,
    since: Instant,
}

impl AtWork {
    /// Returns a line that is drawn among the bars, by a thread of its own; none when nothing is `live`.
    pub fn new(bars: &MultiProgress, live: bool) -> Self {
        if !live {
            return Self(None);
        }
        let shared = Arc::new(Shared { bars: bars.clone(), steps: Mutex::default(), line: Mutex::default() });
        let watched = Arc::downgrade(&shared);
        let ticker = std::thread::Builder::new().name("at-work".into());
        let ticking = ticker.spawn(move || {
            while let Some(shared) = watched.upgrade() {
                shared.draw();
                drop(shared);
                std::thread::sleep(TICK);
            }
        });
        // Without a thread there is no line, which is no reason to stop a run.
        Self(ticking.ok().map(|_| shared))
    }

    /// Notes that a host begins a task.
    pub fn begin(&self, task: u32, host: &str, name: &str) {
        if let Some(shared) = &self.0 {
            let (host, name) = (host.to_owned(), name.to_owned());
            lock(&shared.steps).push(Step { task, host, name, since: Instant::now() });
        }
    }

    /// Notes that a step has ended, or tells of itself.
    pub fn end(&self, task: u32, host: &str) {
        if let Some(shared) = &self.0 {
            lock(&shared.steps).retain(|step| step.task != task || step.host != host);
            if lock(&shared.steps).is_empty() {
                shared.hide();
            }
        }
    }

    /// Takes the line away: the run is over.
    pub fn clear(&self) {
        if let Some(shared) = &self.0 {
            lock(&shared.steps).clear();
            shared.hide();
        }
    }
}

impl Shared {
    fn draw(&self) {
        let Some(text) = text(&lock(&self.steps), Instant::now()) else { return self.hide() };
        lock(&self.line).get_or_insert_with(|| self.bars.add(line())).set_message(text);
    }

    fn hide(&self) {
        if let Some(line) = lock(&self.line).take() {
            line.finish_and_clear();
            self.bars.remove(&line);
        }
    }
}

/// Returns the line on the task that works longest; `None` when none works for long.
fn text(steps: &[Step], now: Instant) -> Option<String> {
    let first = steps.iter().min_by_key(|step| step.since)?;
    let took = now.duration_since(first.since);
    let hosts: Vec<&str> = steps.iter().filter(|step| step.task == first.task).map(|s| &*s.host).collect();
    let who = match hosts.len() {
        1 => hosts[0].to_owned(),
        2..=NAMED => hosts.join(", "),
        many => plural(many, "host"),
    };
    let others = steps.len() - hosts.len();
    let others = if others > 0 { format!("; {} besides", plural(others, "step")) } else { String::new() };
    let took_text = duration(took.as_secs_f64().floor().max(1.0)).replace(".0 s", " s");
    (took >= PATIENCE).then(|| format!("{who:<12} {}  {took_text}{others}", first.name))
}

fn line() -> ProgressBar {
    let style = ProgressStyle::with_template("  at work {spinner} {wide_msg}");
    let style = style.expect("the template is a constant").tick_chars("|/-\\ ");
    // Hidden until it stands among the others, and until it says something.
    ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_style(style)
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(task: u32, host: &str, ago: u64, now: Instant) -> Step {
        Step { task, host: host.into(), name: format!("Task {task}"), since: now - Duration::from_secs(ago) }
    }

    #[test]
    fn what_works_for_long_is_told() {
        let now = Instant::now() + Duration::from_hours(3);
        assert_eq!(text(&[], now), None);
        assert_eq!(text(&[step(1, "a", 1, now)], now), None);
        assert_eq!(text(&[step(1, "a", 4, now)], now).unwrap(), "a            Task 1  4 s");
        let two = [step(1, "a", 8000, now), step(1, "b", 3, now), step(2, "c", 2, now)];
        assert_eq!(text(&two, now).unwrap(), "a, b         Task 1  2 h 13 min; 1 step besides");
        let four: Vec<Step> = ["a", "b", "c", "d"].iter().map(|host| step(1, host, 65, now)).collect();
        assert_eq!(text(&four, now).unwrap(), "4 hosts      Task 1  1 min 5 s");
    }
}
