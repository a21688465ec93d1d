use serde_json::{Map, Value};

use crate::ansible::plain;
use crate::markup::escaped;
use crate::plural;
use crate::story::{HostStory, Story, TaskStory};

/// How much of a long output is shown.
const LAST_LINES: usize = 40;

/// Returns a card for every step that did not end well; those that the playbook reckoned with are folded away.
pub fn section(story: &Story) -> String {
    let all = || {
        let steps =
            story.tasks().flat_map(|task| task.hosts.iter().map(move |(host, story)| (task, host, story)));
        steps.filter(|(_, _, story)| !story.result.status.is_fine())
    };
    let is_handled = |story: &HostStory| story.result.ignored || story.rescued;
    let cards = |handled: bool| -> String {
        let wanted = all().filter(|(_, _, story)| is_handled(story) == handled);
        wanted.map(|(task, host, story)| card(task, host, story)).collect()
    };
    let (open, handled) = (cards(false), cards(true));
    let mut out = String::new();
    if !open.is_empty() {
        out += &format!("<h2>Failures</h2>\n{open}");
    }
    if !handled.is_empty() {
        let count = plural(all().filter(|(_, _, story)| is_handled(story)).count(), "failure");
        out += &format!("<details><summary>{count} ignored or rescued</summary>\n{handled}</details>\n");
    }
    out
}

fn card(task: &TaskStory, host: &str, story: &HostStory) -> String {
    let HostStory { result, rescued, .. } = story;
    let text = |key: &str| result.result.get(key).map(said).filter(|text| !text.is_empty());
    let message = ["msg", "reason", "censored"].iter().find_map(|key| text(key)).unwrap_or_default();
    let note = match (result.ignored, rescued) {
        (true, _) => " <small>ignored</small>",
        (_, true) => " <small>a rescue section took over</small>",
        _ => "",
    };
    let (info, place) = (&task.info, &task.info.place);
    let mut out = format!(
        "<div class=\"card failed\"><h3>{} on {}{note}</h3>\n<p class=\"bad\">{}</p>\n\
         <p class=\"faint\">{}:{}:{} &middot; {}</p>\n",
        escaped(&info.name),
        escaped(host),
        escaped(&message),
        escaped(&place.file),
        place.line,
        place.column,
        escaped(&info.module)
    );
    let items = result.result.get("results").and_then(Value::as_array).filter(|_| !result.censored);
    match items {
        None => out += &program(&result.result),
        Some(items) => {
            for item in items.iter().filter_map(Value::as_object).filter(|item| is_failed(item)) {
                let label = item.get("item").map(said).unwrap_or_default();
                let message = item.get("msg").map(said).unwrap_or_default();
                out +=
                    &format!("<p><b>{}</b>: {}</p>\n{}", escaped(&label), escaped(&message), program(item));
            }
        }
    }
    if let Some(remedy) = &result.remedy {
        out += &format!("<p><b>Next:</b> {}</p>\n", escaped(remedy));
    }
    out + "</div>\n"
}

fn is_failed(item: &Map<String, Value>) -> bool {
    item.get("failed") == Some(&Value::Bool(true)) || item.get("unreachable") == Some(&Value::Bool(true))
}

/// Returns what a program was, and the end of what it said.
fn program(result: &Map<String, Value>) -> String {
    let text = |key: &str| result.get(key).map(said).filter(|text| !text.is_empty());
    let mut out = String::new();
    let code = text("rc").map(|code| format!(", exit code {code}")).unwrap_or_default();
    if let Some(command) = text("cmd") {
        out += &format!("<p>ran{code}:</p><pre>{}</pre>\n", escaped(&command));
    }
    for key in ["stderr", "stdout"] {
        if let Some(output) = text(key) {
            let all: Vec<&str> = output.trim_end().lines().collect();
            let cut = all.len().saturating_sub(LAST_LINES);
            let title = match cut {
                0 => key.to_owned(),
                _ => format!("{key}, the last {LAST_LINES} of {} lines", all.len()),
            };
            out += &format!("<p>{title}:</p><pre>{}</pre>\n", escaped(&all[cut..].join("\n")));
        }
    }
    out
}

/// A list of words is the line that they make.
fn said(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        Value::Null => String::new(),
        other => plain(other),
    }
}
