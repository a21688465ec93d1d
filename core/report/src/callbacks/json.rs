use serde_json::{Map, Value, json};
use switchover_journal::{Counts, Event, EventKind, Listener, TaskResult};

use super::clock::utc;
use crate::Output;
use crate::ansible::indented;
use crate::story::{PlayStory, Story, TaskStory};

/// Writes one JSON document when the run has ended, in the form of the callback `ansible.posix.json`.
pub struct Json {
    output: Output,
    errors: Output,
    story: Story,
}

impl Json {
    /// Writes there; warnings go to the second output.
    pub fn new(output: Output, errors: Output) -> Self {
        Self { output, errors, story: Story::default() }
    }

    fn document(&self) -> Map<String, Value> {
        let story = &self.story;
        let own = story.stats.hosts().map(|(host, stats)| (host.to_owned(), Value::Object(stats.clone())));
        let stats = story.recap.hosts.iter().map(|(host, counts)| (host.clone(), count(counts)));
        Map::from_iter([
            ("custom_stats".to_owned(), Value::Object(own.collect())),
            ("global_custom_stats".to_owned(), Value::Object(story.stats.run().clone())),
            ("plays".to_owned(), story.plays.iter().enumerate().map(play).collect()),
            ("stats".to_owned(), Value::Object(stats.collect())),
        ])
    }
}

impl Listener for Json {
    fn event(&mut self, event: &Event) {
        self.story.apply(event);
        match &event.kind {
            EventKind::Warning { text } => self.errors.line(&format!("[WARNING]: {text}")),
            EventKind::RunFinished { .. } => {
                let document = indented(&self.document(), 4);
                self.output.line(&document);
            }
            _ => {}
        }
    }
}

fn duration(started: f64, ended: f64) -> Value {
    json!({ "start": utc(started), "end": utc(ended) })
}

fn play((index, play): (usize, &PlayStory)) -> Value {
    json!({
        "play": { "duration": duration(play.started, play.ended), "id": format!("play-{}", index + 1), "name": play.name },
        "tasks": play.tasks.iter().map(task).collect::<Value>(),
    })
}

fn task(task: &TaskStory) -> Value {
    let info = &task.info;
    let file = std::path::absolute(&info.place.file).unwrap_or_else(|_| info.place.file.clone().into());
    let hosts = task.hosts.iter().map(|(host, story)| (host.clone(), result(&info.module, &story.result)));
    json!({
        "hosts": Value::Object(hosts.collect()),
        "task": {
            "duration": duration(task.started, task.ended),
            "id": format!("task-{}", info.id),
            "name": info.name,
            "path": format!("{}:{}", file.display(), info.place.line),
        },
    })
}

fn result(module: &str, result: &TaskResult) -> Value {
    let mut keys = result.result.clone();
    if keys.get("failed") == Some(&Value::Bool(false)) {
        keys.shift_remove("failed");
    }
    keys.insert("action".to_owned(), module.into());
    keys.insert("_ansible_no_log".to_owned(), result.censored.into());
    Value::Object(keys)
}

fn count(counts: &Counts) -> Value {
    json!({
        "changed": counts.changed,
        "failures": counts.failed + counts.unknown + counts.refused,
        "ignored": counts.ignored,
        "ok": counts.ok,
        "rescued": counts.rescued,
        "skipped": counts.skipped,
        "unreachable": counts.unreachable,
    })
}
