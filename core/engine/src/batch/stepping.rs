//! `--step`: a human says of each task whether it is done.

use std::sync::Arc;

use switchover_journal::TaskResult;
use switchover_model::Task;

use super::start::is_meta;
use super::title::display_name;
use super::{Batch, Finished};
use crate::host_run::address;
use crate::performed::Performed;
use crate::step::StepOutcome;

/// What a human says of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    No,
    Yes,
    /// Yes, and to all that follow.
    Continue,
}

impl Answer {
    /// Whatever is not clearly a yes is a no, as in Ansible.
    fn of(text: &str) -> Self {
        match text.trim().to_lowercase().as_str() {
            "y" | "yes" => Self::Yes,
            "c" | "continue" => Self::Continue,
            _ => Self::No,
        }
    }
}

impl Batch {
    /// Returns the hosts that do their task; those whose task is not wanted are moved past it.
    pub(super) fn chosen(&mut self, next: Vec<(usize, Arc<Task>)>) -> Vec<(usize, Arc<Task>)> {
        let mut chosen = Vec::new();
        for (host, task) in next {
            match self.is_wanted(host, &task) {
                Some(true) => chosen.push((host, task)),
                Some(false) => self.decline(host, task),
                // Nobody answers any more: nothing is begun.
                None => return Vec::new(),
            }
        }
        chosen
    }

    /// Asks once a task; what is on record was answered before.
    fn is_wanted(&mut self, host: usize, task: &Arc<Task>) -> Option<bool> {
        let world = Arc::clone(&self.play.world);
        if !world.asks_for_steps() || is_meta(task) || self.led_before(&[(host, Arc::clone(task))]).is_some()
        {
            return Some(true);
        }
        if let Some((_, wanted)) = self.answers.get(&address(task)) {
            return Some(*wanted);
        }
        if world.is_stopping() {
            return None;
        }
        let kind = if task.is_handler { "HANDLER" } else { "TASK" };
        let name = display_name(task, &self.scope(host, task));
        let question = format!("Perform task: {kind}: {name} (N)o/(y)es/(c)ontinue");
        let said = tokio::task::block_in_place(|| world.operator.ask(&world.events.mask(&question), false));
        let Some(answer) = said.map(|text| Answer::of(&text)) else {
            world.interrupt();
            return None;
        };
        if answer == Answer::Continue {
            world.ask_no_more();
        }
        let wanted = answer != Answer::No;
        self.answers.insert(address(task), (Arc::clone(task), wanted));
        Some(wanted)
    }

    /// Moves a host past a task. It is on record as passed over, so that a run that goes on later passes it over, too.
    fn decline(&mut self, host: usize, task: Arc<Task>) {
        self.hosts[host].begun = true;
        self.hosts[host].ordinal += 1;
        self.hosts[host].notified.remove(&address(&task));
        let performed = Performed::skipped("the answer to --step was no");
        let result = TaskResult::new(performed.status, performed.result);
        let outcome =
            StepOutcome { result, looped: false, effects: Vec::new(), notify: Vec::new(), cut: None };
        self.record(Finished { host, task, id: 0, quiet: true, outcome, turn: None, recorded: false });
    }
}

#[cfg(test)]
mod tests {
    use super::Answer;

    #[test]
    fn only_a_clear_yes_is_one() {
        assert_eq!(["y", "YES ", "c", "", "n", "yep"].map(Answer::of), {
            use Answer::{Continue, No, Yes};
            [Yes, Yes, Continue, No, No, No]
        });
    }
}
