use serde_json::Value;
use switchover_journal::{TaskInfo, TaskResult};
use switchover_protocol::Change;

use crate::diff_limit::too_large;

/// How much of a long output is shown.
const LAST_LINES: usize = 12;

/// Below the name of the task.
const INDENT: &str = "            ";

/// Returns what is to be known of a failure: where it is written, what was said, what to do.
pub fn lines(info: &TaskInfo, result: &TaskResult, rescued: bool) -> Vec<String> {
    let mut lines = message(result);
    let mut add = |text: String| lines.push(format!("{INDENT}{text}"));
    if let Some(place) = result.cause.as_ref().and_then(|cause| cause.place.as_ref())
        && *place != info.place
    {
        add(format!("in {}:{}:{}", place.file, place.line, place.column));
    }
    add(format!("at {}:{}:{} ({})", info.place.file, info.place.line, info.place.column, info.module));
    lines.extend(evidence(result));
    let mut add = |text: String| lines.push(format!("{INDENT}{text}"));
    for (key, value) in result.result.iter().filter(|(key, _)| key.as_str() == "assertion") {
        add(format!("{key}: {}", text(Some(value))));
    }
    if let Some(remedy) = &result.remedy {
        add(format!("next: {remedy}"));
    }
    if rescued {
        add("a rescue section takes over".to_owned());
    }
    lines
}

/// Returns what is to be known of a loop's item that failed; the place and the remedy are told of the loop.
pub fn of_item(result: &TaskResult) -> Vec<String> {
    message(result).into_iter().chain(evidence(result)).collect()
}

fn message(result: &TaskResult) -> Vec<String> {
    let said = ["msg", "reason", "censored"].iter().find_map(|key| result.result.get(*key));
    text(said).lines().map(|line| format!("{INDENT}{line}")).collect()
}

/// What the program said.
fn evidence(result: &TaskResult) -> Vec<String> {
    let mut lines = Vec::new();
    let mut add = |text: String| lines.push(format!("{INDENT}{text}"));
    for key in ["cmd", "rc"] {
        if let Some(value) = result.result.get(key) {
            add(format!("{key}: {}", text(Some(value))));
        }
    }
    for key in ["stderr", "stdout"] {
        let said = text(result.result.get(key));
        let all: Vec<&str> = said.trim_end().lines().collect();
        if !all.is_empty() {
            let cut = all.len().saturating_sub(LAST_LINES);
            add(if cut > 0 {
                format!("{key} (last {LAST_LINES} of {} lines):", all.len())
            } else {
                format!("{key}:")
            });
            all[cut..].iter().for_each(|line| add(format!("  {line}")));
        }
    }
    lines
}

fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        Some(other) => other.to_string(),
    }
}

/// Returns a change as lines with `-` and `+`; of texts that are longer than the limit only that they are.
pub fn diff(change: &Change, limit: usize) -> Vec<String> {
    let mut lines = vec![format!("            {}", change.what)];
    if !too_large(change, limit).is_empty() {
        lines.push(format!("            changes, and is larger than {limit} bytes (max_diff_size)"));
        return lines;
    }
    for (sign, value) in [('-', &change.before), ('+', &change.after)] {
        lines.extend(text(Some(value)).lines().map(|line| format!("            {sign} {line}")));
    }
    lines
}
