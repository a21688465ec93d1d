use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use switchover_inventory::Glob;
use switchover_model::Task;
use switchover_protocol::Value;
use switchover_values::to_json;

use super::start::is_implicit;
use crate::cursor::{Cursor, Path, Place};
use crate::host_run::{HostRun, address};
use crate::options::Gathering;
use crate::play_context::PlayContext;
use crate::tags::Tags;
use crate::task_scope::level_scope;

/// Decides which tasks a host stops at: tags, `--start-at-task`, and notified handlers.
pub struct Selection {
    play: Arc<PlayContext>,
    tags: Tags,
    /// The decision by the tasks' tags, by address; the task is kept so that its address stays its own.
    known: HashMap<usize, (Arc<Task>, bool)>,
    /// The task that `--start-at-task` waits for.
    start_at: Option<Glob>,
}

impl Selection {
    /// Returns the selection that the options ask for.
    pub fn new(play: &Arc<PlayContext>) -> Self {
        let options = &play.world.options;
        let tags = Tags { only: options.tags.clone(), skip: options.skip_tags.clone() };
        let start_at = options.start_at_task.as_deref().filter(|_| !play.world.has_started());
        let start_at = start_at.map(Glob::new);
        Self { play: Arc::clone(play), tags, known: HashMap::new(), start_at }
    }

    /// Moves a host to its next task and returns it with its place.
    pub fn next(&mut self, host: &mut HostRun) -> Option<(Arc<Task>, Path)> {
        let HostRun { cursor, notified, name, .. } = host;
        let task = cursor.settle(|task, place| match place {
            Place::Handlers => notified.contains(&address(task)),
            Place::Left => is_implicit(task),
            Place::Play => self.takes(task, name),
        })?;
        Some((task, cursor.path()))
    }

    /// Moves a copy of a host's cursor to the task that comes there, as things are now.
    pub fn look_ahead(&mut self, cursor: &mut Cursor, host: &str) -> Option<Arc<Task>> {
        cursor.settle(|task, place| match place {
            Place::Handlers | Place::Left => true,
            Place::Play => self.takes(task, host),
        })
    }

    /// `gathering = smart` asks no host twice.
    fn knows_facts(&self, task: &Task, host: &str) -> bool {
        let world = &self.play.world;
        world.options.gathering == Gathering::Smart
            && is_implied_gathering(task)
            && world.memory.has_gathered(host)
    }

    /// Returns whether the play has the task that is waited for: then it gathers its facts first.
    fn has(&self, wanted: &Glob) -> bool {
        let (mut found, tags) = (false, &self.tags);
        for items in crate::precheck::sections(&self.play.play).into_iter().take(4) {
            crate::precheck::each_task(items, &mut |task| {
                found |= named(task, wanted) && tags.select(&tags_of(&self.play, task, ""));
            });
        }
        found
    }

    /// Returns whether a host stops at this task of the play.
    pub fn takes(&mut self, task: &Arc<Task>, host: &str) -> bool {
        if let Some(wanted) = &self.start_at
            && !is_implicit(task)
        {
            if is_implied_gathering(task) {
                return self.has(wanted);
            }
            if !named(task, wanted) || !self.tags.select(&tags_of(&self.play, task, host)) {
                return false;
            }
            self.start_at = None;
            self.play.world.note_started();
        }
        if self.knows_facts(task, host) {
            return false;
        }
        if let Some(known) = self.known.get(&address(task)) {
            return known.1;
        }
        let takes = self.tags.select(&tags_of(&self.play, task, host));
        self.known.insert(address(task), (Arc::clone(task), takes));
        takes
    }
}

/// The gathering of facts that a play begins with has no text of its own.
fn is_implied_gathering(task: &Task) -> bool {
    task.action.name_span == task.span && task.action.name == "ansible.builtin.gather_facts"
}

/// `--start-at-task` takes a name, with or without its role, or a pattern of a shell.
fn named(task: &Task, wanted: &Glob) -> bool {
    let name = task.name.as_ref().and_then(|name| name.as_str()).unwrap_or(&task.action.name);
    let role = task.context.role();
    wanted.matches(name) || role.is_some_and(|role| wanted.matches(&format!("{} : {name}", role.name)))
}

/// Returns the tags of all levels around a task.
pub fn tags_of(play: &Arc<PlayContext>, task: &Task, host: &str) -> BTreeSet<String> {
    let mut tags = BTreeSet::new();
    for node in task.context.levels().flat_map(|level| &level.tags) {
        match node.as_str() {
            Some(text) if !text.contains("{{") => add(&mut tags, &Value::String(text.to_owned())),
            _ => {
                let scope = level_scope(play, host, task, &[]);
                match scope.render(node) {
                    Ok(value) => add(&mut tags, &to_json(&value)),
                    Err(error) => play.world.break_off(error.to_diagnostic(&node.span)),
                }
            }
        }
    }
    tags
}

fn add(tags: &mut BTreeSet<String>, value: &Value) {
    match value {
        Value::String(text) => tags.extend(text.split(',').map(|tag| tag.trim().to_owned())),
        Value::Array(items) => items.iter().for_each(|item| add(tags, item)),
        Value::Null => {}
        other => drop(tags.insert(other.to_string())),
    }
}
