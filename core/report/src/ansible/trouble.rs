use std::path::Path;

use serde_json::Value;
use switchover_journal::{Place, Status, TaskInfo, TaskResult};

use super::Ansible;

/// Modules whose work Ansible does on the controller: it says "action failed" of these.
const ACTIONS: [&str; 23] = [
    "add_host",
    "assemble",
    "assert",
    "async_status",
    "copy",
    "debug",
    "dnf",
    "fail",
    "fetch",
    "gather_facts",
    "group_by",
    "include_vars",
    "package",
    "pause",
    "reboot",
    "script",
    "service",
    "set_fact",
    "set_stats",
    "template",
    "unarchive",
    "validate_argument_spec",
    "wait_for_connection",
];

impl Ansible {
    /// Prints what went wrong and where it is written, once for every host that says the same.
    pub(super) fn trouble(&mut self, task: u32, result: &TaskResult) {
        let Some(info) = self.tasks.get(&task) else { return };
        if let Some(reason) = result.result.get("reason") {
            return self.not_included(&super::json::plain(reason), result);
        }
        let text = text(info, result, self.display.origin.as_deref());
        if self.troubles.insert(text.clone()) {
            self.print_failure(crate::paint::Meaning::Bad, &text);
        }
    }
}

impl Ansible {
    /// Tells of an include that could not be read.
    fn not_included(&mut self, reason: &str, result: &TaskResult) {
        let place = result.cause.as_ref().and_then(|cause| cause.place.as_ref());
        let place = place.map(|place| format!("{}\n", origin(place))).unwrap_or_default();
        let remedy = result.remedy.as_ref().map(|remedy| format!("\n{remedy}\n")).unwrap_or_default();
        let text = format!("[ERROR]: {reason}\n{place}{remedy}");
        if self.troubles.insert(text.clone()) {
            self.print_error(crate::paint::Meaning::Bad, &text);
        }
    }
}

fn text(info: &TaskInfo, result: &TaskResult, written: Option<&str>) -> String {
    let said = |msg: &Value| switchover_values::python_text(&switchover_values::from_json(msg.clone()));
    let said = result.result.get("msg").map(said).unwrap_or_default();
    let origin = written.map_or_else(|| origin(&info.place), str::to_owned);
    match &result.cause {
        Some(cause) if cause.text == said && cause.place.is_none() => {
            let told = if said.starts_with("Task failed") { "" } else { "Task failed: " };
            format!("[ERROR]: {told}{said}\n{origin}\n")
        }
        Some(cause) if cause.text == said => {
            let place = cause.place.as_ref().map_or(origin, self::origin);
            let remedy = result.remedy.as_ref().map(|text| format!("\n{text}\n")).unwrap_or_default();
            format!("[ERROR]: {said}\n{place}\n{remedy}")
        }
        // The task was done; what to think of it cannot be told.
        Some(cause) if !said.starts_with("Task failed") && is_judged(result) => {
            let place = cause.place.as_ref().map(self::origin).unwrap_or_default();
            let told = if said.is_empty() { ".".to_owned() } else { format!(": {said}") };
            let text = &cause.text;
            format!(
                "[ERROR]: Task failed: Action failed{told}\n{origin}\n\n<<< caused by >>>\n\n{text}\n{place}\n"
            )
        }
        Some(cause) => {
            let stage = if cause.stage.is_empty() { String::new() } else { format!(": {}", cause.stage) };
            let place = cause.place.as_ref().map(self::origin).unwrap_or_default();
            let text = &cause.text;
            // What `no_log` hides is the result; the mistake is the author's.
            let hidden = || format!("Task failed{stage}: {text}");
            let said = if said.is_empty() { hidden() } else { said };
            format!(
                "[ERROR]: {said}\n\nTask failed{stage}.\n{origin}\n\n<<< caused by >>>\n\n{text}\n{place}\n"
            )
        }
        None if said.starts_with("Task failed") => format!("[ERROR]: {said}\n{origin}\n"),
        None if result.status == Status::Unreachable => {
            format!("[ERROR]: Task failed: {said}\n{origin}\n")
        }
        None => {
            // A condition with a mistake decided nothing about what had failed before.
            let judged = result.result.get("failed_when_result").is_some_and(Value::is_boolean);
            // The module was fine, and `until` never held.
            let exhausted = said.is_empty() && result.result.contains_key("attempts");
            let kind = if is_action(&info.module) || judged || exhausted { "Action" } else { "Module" };
            let told = if said.is_empty() { ".".to_owned() } else { format!(": {said}") };
            format!("[ERROR]: Task failed: {kind} failed{told}\n{origin}\n")
        }
    }
}

/// Returns whether conditions of the author decided, or should have, how the task ended.
fn is_judged(result: &TaskResult) -> bool {
    ["failed_when_result", "changed_when_result"].iter().any(|key| result.result.contains_key(*key))
}

fn is_action(module: &str) -> bool {
    ACTIONS.contains(&super::short(module))
}

/// Returns a place with the lines that lead to it; the file may be gone by now.
fn origin(place: &Place) -> String {
    let text = std::fs::read_to_string(&place.file).ok();
    let (line, column) = (place.line as usize, place.column as usize);
    switchover_syntax::origin(Path::new(&place.file), text.as_deref(), line, column)
}
