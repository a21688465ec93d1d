use serde_json::{Map, Value};
use switchover_journal::{Event, EventKind, Listener, Status, TaskResult};
use switchover_protocol::Level;

use super::json::plain;
use super::result::cleaned;
use super::{Ansible, short};
use crate::paint::Meaning;

/// Modules whose output is text and is shown as such.
const TEXT: [&str; 4] = ["command", "shell", "script", "raw"];

/// Prints each host's result of a task and nothing around it, as `ansible` does: in several lines, or on one.
pub struct Minimal {
    inner: Ansible,
    one_line: bool,
}

impl Minimal {
    /// Prints where and how the other prints, in less words.
    pub fn new(inner: Ansible, one_line: bool) -> Self {
        Self { inner, one_line }
    }

    fn result(&mut self, task: u32, host: &str, result: &TaskResult) {
        result.warnings.iter().for_each(|warning| self.inner.warn(warning));
        if self.inner.display_diff(result) && !self.one_line {
            result.changes.iter().for_each(|change| self.inner.diff(change));
        }
        let module = self.inner.tasks.get(&task).map(|info| short(&info.module).to_owned());
        let is_text = module.is_some_and(|name| TEXT.contains(&name.as_str()));
        let is_text = is_text && !result.result.contains_key("ansible_job_id");
        // On one line Ansible takes nothing out of what `debug` shows.
        let keys = cleaned(result, self.inner.is_debug(task) && !self.one_line);
        let (word, meaning) = word(result, &keys);
        match result.status {
            Status::Skipped => self.inner.print(meaning, &format!("{host} | SKIPPED")),
            Status::Unreachable if self.one_line => {
                let said = keys.get("msg").map(plain).unwrap_or_default();
                self.inner.print(meaning, &format!("{host} | UNREACHABLE!: {said}"));
            }
            _ => self.told(task, host, result, &Told { word, meaning, is_text, keys }),
        }
    }

    /// Prints that a host includes a file or a role: what the task was given is the result.
    fn included(&mut self, task: u32, host: &str) {
        let Some(info) = self.inner.tasks.get(&task) else { return };
        let mut given = info.arguments.clone().unwrap_or_default();
        let mut keys = Map::from_iter([("changed".to_owned(), false.into())]);
        if short(&info.module) == "include_tasks" {
            let file = given.shift_remove("_raw_params").or_else(|| given.shift_remove("file"));
            keys.insert("include".to_owned(), file.unwrap_or_default());
        }
        keys.insert("include_args".to_owned(), given.into());
        let text = match self.one_line {
            true => compact(&Value::Object(keys)),
            false => self.inner.dumped(&keys, true),
        };
        self.inner.print(Meaning::Good, &format!("{host} | SUCCESS => {text}"));
    }

    fn told(&mut self, task: u32, host: &str, result: &TaskResult, told: &Told) {
        let failed = !result.status.is_fine();
        if failed && !self.one_line {
            self.inner.trouble(task, result);
        }
        let Told { word, meaning, is_text, keys } = told;
        let mark = if failed { "!" } else { "" };
        if self.one_line {
            if *is_text {
                self.inner.print(*meaning, &format!("{host} | {word} | {}", one_line(keys)));
            }
            // Of a failed program both are told.
            if !is_text || failed {
                let json = match result.loud {
                    true => self.inner.dumped(keys, true).replace('\n', ""),
                    false => compact(&Value::Object(keys.clone())),
                };
                self.inner.print(*meaning, &format!("{host} | {word}{mark} => {json}"));
            }
        } else if *is_text {
            self.inner.print(*meaning, &format!("{host} | {word} | {}", lines(keys)));
        } else {
            let result = self.inner.dumped(keys, true);
            self.inner.print(*meaning, &format!("{host} | {word}{mark} => {result}"));
        }
    }
}

/// What is said of a result.
struct Told {
    word: &'static str,
    meaning: Meaning,
    is_text: bool,
    keys: Map<String, Value>,
}

fn word(result: &TaskResult, keys: &Map<String, Value>) -> (&'static str, Meaning) {
    match result.status {
        Status::Unreachable => ("UNREACHABLE", Meaning::Unreachable),
        Status::Failed | Status::Unknown | Status::Refused => ("FAILED", Meaning::Bad),
        Status::Skipped => ("SKIPPED", Meaning::Skipped),
        Status::Ok | Status::Changed if keys.get("changed") == Some(&Value::Bool(true)) => {
            ("CHANGED", Meaning::Changed)
        }
        Status::Ok | Status::Changed => ("SUCCESS", Meaning::Good),
    }
}

fn text(keys: &Map<String, Value>, key: &str) -> String {
    keys.get(key).map(plain).unwrap_or_default()
}

fn code(keys: &Map<String, Value>) -> String {
    keys.get("rc").map_or_else(|| "-1".to_owned(), plain)
}

fn lines(keys: &Map<String, Value>) -> String {
    let said = ["stdout", "stderr", "msg"].map(|key| text(keys, key)).concat();
    format!("rc={} >>\n{said}", code(keys))
}

fn one_line(keys: &Map<String, Value>) -> String {
    let escaped = |key: &str| text(keys, key).replace('\n', "\\n").replace('\r', "\\r");
    let more = match escaped("stderr") {
        stderr if stderr.is_empty() => String::new(),
        stderr => format!(" (stderr) {stderr}"),
    };
    format!("rc={} | (stdout) {}{more}", code(keys), escaped("stdout"))
}

/// Ansible's one line: indented by nothing, and then without the line breaks.
fn compact(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<_> = map.iter().collect();
            pairs.sort_by(|a, b| a.0.cmp(b.0));
            let pairs =
                pairs.iter().map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), compact(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(compact).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

impl Listener for Minimal {
    fn event(&mut self, event: &Event) {
        match &event.kind {
            EventKind::TaskStarted(info) => drop(self.inner.tasks.insert(info.id, info.clone())),
            EventKind::Included { task, hosts, .. } => {
                hosts.iter().for_each(|host| self.included(*task, host));
            }
            EventKind::HostFinished { task, host, result, .. } => self.result(*task, host, result),
            EventKind::Log { text, level: Level::Warning, .. } | EventKind::Warning { text } => {
                self.inner.warn(text);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_has_a_blank_only_after_colons() {
        let value = serde_json::json!({ "b": ["x", 1], "a": { "c": null } });
        assert_eq!(compact(&value), r#"{"a": {"c": null},"b": ["x",1]}"#);
    }
}
