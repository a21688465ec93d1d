use std::collections::HashMap;

use switchover_journal::{Event, EventKind, Listener, TaskInfo};

use super::clock::{lapse, local};
use crate::Output;

/// Columns of its lines.
const COLUMNS: usize = 79;
/// Columns of a time at the end of a line.
const TIME: usize = 9;
/// How many tasks are listed.
const LONGEST: usize = 20;

/// What times are added up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileBy {
    /// `profile_tasks`.
    Task,
    /// `profile_roles`: a role, or the module of a task that is in none.
    Role,
}

/// Tells when each task began, and at the end what took longest.
pub struct Profile {
    output: Output,
    by: ProfileBy,
    /// When the run and the last task began.
    run: Option<f64>,
    last: Option<f64>,
    /// What is counted, in its order, with seconds.
    spent: Vec<(String, f64)>,
    places: HashMap<String, usize>,
    current: Option<usize>,
}

impl Profile {
    /// Writes there.
    pub fn new(output: Output, by: ProfileBy) -> Self {
        let (spent, places) = (Vec::new(), HashMap::new());
        Self { output, by, run: None, last: None, spent, places, current: None }
    }

    fn begin(&mut self, info: &TaskInfo, at: f64) {
        self.settle(at);
        let (name, key) = match self.by {
            ProfileBy::Task => (info.name.clone(), info.id.to_string()),
            ProfileBy::Role => {
                let role = info.name.split_once(" : ").map(|(role, _)| role.to_owned());
                let name = role.unwrap_or_else(|| crate::ansible::short(&info.module).to_owned());
                (name.clone(), name)
            }
        };
        let place = *self.places.entry(key).or_insert(self.spent.len());
        if place == self.spent.len() {
            self.spent.push((name, 0.0));
        }
        self.current = Some(place);
    }

    /// Ends what was going on, and tells the time.
    fn settle(&mut self, at: f64) {
        let run = *self.run.get_or_insert(at);
        let since = at - self.last.unwrap_or(run);
        if let Some(place) = self.current.take() {
            self.spent[place].1 += since;
        }
        self.last = Some(at);
        let line = format!("{} ({})       {}", local(at), lapse(since), lapse(at - run));
        self.output.line(&filled(&line, '*'));
    }

    fn end(&mut self, at: f64) {
        let title = if self.by == ProfileBy::Task { "TASKS RECAP" } else { "ROLES RECAP" };
        self.output.line(&banner(title));
        self.settle(at);
        self.output.line(&filled("", '='));
        self.spent.sort_by(|a, b| b.1.total_cmp(&a.1));
        let shown = if self.by == ProfileBy::Task { LONGEST } else { self.spent.len() };
        for (name, seconds) in self.spent.iter().take(shown) {
            self.output.line(&spent(name, *seconds));
        }
        if self.by == ProfileBy::Role {
            self.output.line(&filled("", '~'));
            self.output.line(&spent("total", self.spent.iter().map(|(_, seconds)| seconds).sum()));
        }
    }
}

impl Listener for Profile {
    fn event(&mut self, event: &Event) {
        match &event.kind {
            EventKind::RunStarted { .. } => self.run = Some(event.at),
            EventKind::TaskStarted(info) => self.begin(info, event.at),
            EventKind::RunFinished { .. } => self.end(event.at),
            _ => {}
        }
    }
}

/// Returns a title as Ansible writes it, with an empty line before.
pub fn banner(title: &str) -> String {
    format!("\n{title} {}", "*".repeat(COLUMNS.saturating_sub(title.len()).max(3)))
}

fn filled(text: &str, letter: char) -> String {
    let text = if text.is_empty() { String::new() } else { format!("{text} ") };
    let width = text.chars().count();
    format!("{text}{} ", letter.to_string().repeat(COLUMNS.saturating_sub(width)))
}

fn spent(name: &str, seconds: f64) -> String {
    let width = COLUMNS - TIME;
    format!("{:-<width$}{:->TIME$}", format!("{name} "), format!(" {seconds:.2}s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_wide_as_a_title() {
        assert_eq!(spent("plain", 2.219), format!("plain {} 2.22s", "-".repeat(67)));
        assert_eq!(filled("", '=').len(), COLUMNS + 1);
        assert_eq!(banner("TASKS RECAP").len(), COLUMNS + 2);
    }
}
