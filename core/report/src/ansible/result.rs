use serde_json::{Map, Value, json};
use switchover_journal::{Status, TaskResult};
use switchover_protocol::Change;

use super::json::{dump, plain};
use super::{Ansible, short, unified, word};
use crate::diff_limit::too_large;
use crate::paint::Meaning;

impl Ansible {
    /// Prints how a host did a task.
    pub(super) fn result(&mut self, task: u32, host: &str, result: &TaskResult, looped: bool) {
        for warning in &result.warnings {
            self.warn(warning);
        }
        if self.display_diff(result) {
            result.changes.iter().for_each(|change| self.diff(change));
        }
        self.job(task, host, result);
        let shown = with_delegate(host, result);
        let keys = cleaned(result, self.is_debug(task));
        match word(result.status) {
            Some(_) if looped && result.status != Status::Skipped => {}
            Some((word, meaning)) => {
                let more = match (result.loud, self.display.verbosity) {
                    (false, 0) => String::new(),
                    (loud, _) => format!(" => {}", self.dumped(&keys, loud)),
                };
                self.print(meaning, &format!("{word}: [{shown}]{more}"));
            }
            None => self.failure(task, &shown, result, looped),
        }
    }

    /// Prints that a task ran in the background and has ended.
    fn job(&mut self, task: u32, host: &str, result: &TaskResult) {
        let asked = self.tasks.get(&task).is_some_and(|info| short(&info.module) == "async_status");
        let done = result.result.get("finished") == Some(&Value::Bool(true));
        if let (Some(job), true, false) = (result.result.get("ansible_job_id"), done, asked) {
            let word = if result.status.is_fine() { "OK" } else { "FAILED" };
            self.output.line(&format!("ASYNC {word} on {host}: jid={}", plain(job)));
        }
    }

    fn failure(&mut self, task: u32, host: &str, result: &TaskResult, looped: bool) {
        // The items of a loop have told their failures already.
        // Ansible takes the items out of what `debug` shows, and then has none to tell of.
        let debug = looped && self.is_debug(task);
        if !looped || result.status != Status::Failed || debug {
            let json = self.dumped(&cleaned(result, self.is_debug(task)), result.loud);
            let (kind, meaning) = match result.status {
                Status::Unreachable => ("UNREACHABLE!", Meaning::Unreachable),
                _ => ("FAILED!", Meaning::Bad),
            };
            if !debug {
                self.trouble(task, result);
            }
            if self.display.task_paths
                && self.display.verbosity < 2
                && let Some(path) = self.tasks.get(&task).map(super::task_path)
            {
                self.print_failure(Meaning::Plain, &path);
            }
            self.print_failure(meaning, &format!("fatal: [{host}]: {kind} => {json}"));
        }
        if result.ignored {
            self.print(Meaning::Skipped, "...ignoring");
        }
    }

    /// Returns whether a result has changes to show.
    pub(super) fn display_diff(&self, result: &TaskResult) -> bool {
        result.status == Status::Changed && !result.censored
    }

    pub(super) fn is_debug(&self, task: u32) -> bool {
        self.tasks.get(&task).is_some_and(|info| short(&info.module) == "debug")
    }

    /// Prints a change as `--diff` does.
    pub(super) fn diff(&mut self, change: &Change) {
        let limit = self.display.diff_limit;
        let skipped = too_large(change, limit);
        if !skipped.is_empty() {
            let line = |side: &&str| format!("diff skipped: {side} file size is greater than {limit}");
            return skipped.iter().map(line).for_each(|line| self.print(Meaning::Plain, &line));
        }
        let header = |sign: &str, word: &str, title: &Option<String>| match title.as_deref() {
            None | Some("") => format!("{sign} {word}"),
            Some(title) => format!("{sign} {word}: {title}"),
        };
        self.print(Meaning::Bad, &header("---", "before", &change.before_header));
        self.print(Meaning::Good, &header("+++", "after", &change.after_header));
        for line in
            unified::hunks(&content(&change.before), &content(&change.after), self.display.diff_context)
        {
            let meaning = match line.chars().next() {
                Some('-') => Meaning::Bad,
                Some('+') => Meaning::Good,
                Some('@') => Meaning::Skipped,
                _ => Meaning::Plain,
            };
            self.print(meaning, &line);
        }
        self.output.line("");
    }
}

/// Returns what a diff compares: a text as it is, other values as indented JSON.
fn content(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Object(map) => format!("{}\n", dump(map, true)),
        other => plain(other),
    }
}

/// Returns `host -> delegate` when another host did the work; who passes a task over names no other.
pub fn with_delegate(host: &str, result: &TaskResult) -> String {
    match &result.delegated {
        Some(delegate) if result.status != Status::Skipped && delegate != host => {
            format!("{host} -> {delegate}")
        }
        _ => host.to_owned(),
    }
}

/// Returns a result without what Ansible does not print.
pub fn cleaned(result: &TaskResult, debug: bool) -> Map<String, Value> {
    let mut keys = result.result.clone();
    if let Some(arguments) = &result.arguments {
        keys.insert("invocation".to_owned(), json!({ "module_args": arguments }));
    }
    keys.shift_remove("failed");
    keys.shift_remove("diff");
    keys.shift_remove("warnings");
    keys.shift_remove("skipped");
    if result.result.get("skipped").is_some() {
        keys.shift_remove("results");
    }
    if debug {
        only_shown(&mut keys);
    }
    keys
}

/// A message stands alone; else what is no variable is left out.
fn only_shown(keys: &mut Map<String, Value>) {
    if keys.contains_key("msg") {
        return keys.retain(|key, _| key == "msg");
    }
    let hidden = ["changed", "skip_reason", "ansible_loop", "ansible_loop_var", "ansible_index_var"];
    keys.retain(|key, _| !hidden.contains(&key.as_str()));
}
