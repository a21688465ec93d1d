use serde_json::{Map, Value};
use switchover_journal::{Status, TaskResult};

use super::json::dump;
use super::{Ansible, word};
use crate::paint::Meaning;

impl Ansible {
    /// Prints how a host did a task.
    pub(super) fn result(&mut self, task: u32, host: &str, result: &TaskResult, looped: bool) {
        for warning in &result.warnings {
            self.warn(warning);
        }
        let shown = with_delegate(host, result);
        match word(result.status) {
            Some(_) if looped && result.status != Status::Skipped => {}
            Some(("skipping", meaning)) => {
                let json = dump(&cleaned(result), false);
                let more = if self.verbosity > 0 { format!(" => {json}") } else { String::new() };
                self.print(meaning, &format!("skipping: [{shown}]{more}"));
            }
            Some((word, meaning)) => {
                let always = self.is_debug(task);
                let more = match (always, self.verbosity) {
                    (true, _) => format!(" => {}", dump(&cleaned(result), true)),
                    (false, 0) => String::new(),
                    (false, level) => format!(" => {}", dump(&cleaned(result), level > 2)),
                };
                self.print(meaning, &format!("{word}: [{shown}]{more}"));
            }
            None => self.failure(&shown, result, looped),
        }
        if self.show_diff && !looped && result.status == Status::Changed {
            self.diff(result);
        }
    }

    fn failure(&mut self, host: &str, result: &TaskResult, looped: bool) {
        let keys = if looped { only_message(result) } else { cleaned(result) };
        let json = dump(&keys, false);
        let kind = match result.status {
            Status::Unreachable => "UNREACHABLE!",
            _ => "FAILED!",
        };
        self.print(Meaning::Bad, &format!("fatal: [{host}]: {kind} => {json}"));
        if result.ignored {
            self.print(Meaning::Skipped, "...ignoring");
        }
    }

    pub(super) fn is_debug(&self, task: u32) -> bool {
        self.tasks.get(&task).is_some_and(|info| {
            matches!(info.module.trim_start_matches("ansible.builtin."), "debug" | "assert")
        })
    }

    /// Prints what changed, as `--diff` does.
    pub(super) fn diff(&mut self, result: &TaskResult) {
        for change in &result.changes {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let before = change.before_header.clone().unwrap_or_else(|| format!("before: {}", change.what));
            let after = change.after_header.clone().unwrap_or_else(|| format!("after: {}", change.what));
            self.print(Meaning::Bad, &format!("--- {before}"));
            self.print(Meaning::Good, &format!("+++ {after}"));
            text(&change.before).lines().for_each(|line| self.print(Meaning::Bad, &format!("-{line}")));
            text(&change.after).lines().for_each(|line| self.print(Meaning::Good, &format!("+{line}")));
            self.output.line("");
        }
    }
}

/// Returns `host -> delegate` when another host did the work.
pub fn with_delegate(host: &str, result: &TaskResult) -> String {
    match &result.delegated {
        Some(delegate) => format!("{host} -> {delegate}"),
        None => host.to_owned(),
    }
}

/// Returns a result without what Ansible does not print.
pub fn cleaned(result: &TaskResult) -> Map<String, Value> {
    let mut keys = result.result.clone();
    if result.status.is_fine() {
        keys.shift_remove("failed");
    }
    keys
}

/// A failed loop has told its items already.
fn only_message(result: &TaskResult) -> Map<String, Value> {
    let told = ["changed", "msg", "failed"];
    result
        .result
        .iter()
        .filter(|(key, _)| told.contains(&key.as_str()) && key.as_str() != "failed")
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}
