use switchover_journal::Status;

use crate::markup::escaped;
use crate::story::{HostStory, PlayStory, TaskStory};
use crate::{duration, plural};

/// More hosts than these have no columns of their own.
const COLUMNS: usize = 10;

/// Returns the tasks of a play: a row each, a column for each host while there are few.
pub fn section(play: &PlayStory) -> String {
    let wide = play.hosts.len() <= COLUMNS;
    let hosts: String = match wide {
        true => play.hosts.iter().map(|host| format!("<th>{}</th>", escaped(host))).collect(),
        false => format!("<th>{}</th>", plural(play.hosts.len(), "host")),
    };
    let rows: String = play.tasks.iter().map(|task| row(play, task, wide)).collect();
    let heading = format!("{} <small>{}</small>", escaped(&play.name), duration(play.ended - play.started));
    super::table(&heading, &format!("<th>step</th>{hosts}"), &rows)
}

fn row(play: &PlayStory, task: &TaskStory, wide: bool) -> String {
    let handler = if task.info.handler { " <small>handler</small>" } else { "" };
    let included: String =
        task.included.iter().map(|text| format!("<br><small>{}</small>", escaped(text))).collect();
    let cells: String = match wide {
        true => play.hosts.iter().map(|host| cell(task.hosts.get(host))).collect(),
        false => counted(task),
    };
    format!("<tr><th>{}{handler}{included}</th>{cells}</tr>\n", escaped(&task.info.name))
}

fn cell(story: Option<&HostStory>) -> String {
    let Some(story) = story else { return "<td></td>".to_owned() };
    let (class, word) = words(story.result.status, story.result.ignored);
    let took =
        if story.took >= 0.1 { format!(" <small>{}</small>", duration(story.took)) } else { String::new() };
    format!("<td class=\"{class}\">{word}{took}</td>")
}

/// Returns one cell for all hosts: how many ended how, the longest time, and who failed.
fn counted(task: &TaskStory) -> String {
    let order = [
        Status::Ok,
        Status::Changed,
        Status::Skipped,
        Status::Failed,
        Status::Unreachable,
        Status::Unknown,
        Status::Refused,
    ];
    let counts = order.into_iter().filter_map(|status| {
        let count = task.hosts.values().filter(|story| story.result.status == status).count();
        let (class, word) = words(status, false);
        (count > 0).then(|| format!("<span class=\"{class}\">{count} {word}</span>"))
    });
    let counts = counts.collect::<Vec<_>>().join(", ");
    let longest = task.hosts.values().map(|story| story.took).fold(0.0, f64::max);
    let lost: Vec<String> = task
        .hosts
        .iter()
        .filter(|(_, story)| !story.result.status.is_fine() && !story.result.ignored)
        .map(|(host, _)| escaped(host))
        .collect();
    let lost = if lost.is_empty() {
        String::new()
    } else {
        format!("<br><span class=\"bad\">{}</span>", lost.join(", "))
    };
    format!("<td>{counts} <small>{}</small>{lost}</td>", duration(longest))
}

fn words(status: Status, ignored: bool) -> (&'static str, &'static str) {
    match status {
        _ if ignored => ("changed", "ignored"),
        Status::Ok => ("good", "ok"),
        Status::Changed => ("changed", "changed"),
        Status::Skipped => ("skip", "skipped"),
        Status::Failed => ("bad", "failed"),
        Status::Unreachable => ("bad", "unreachable"),
        Status::Unknown => ("bad", "end unknown"),
        Status::Refused => ("bad", "not done"),
    }
}
