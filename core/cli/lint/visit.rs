use switchover_model::{Item, Play, Task};
use switchover_plugin_host::{Catalog, Module};
use switchover_syntax::{Diagnostic, Node, Span};

use super::rules::Rule;

/// One rule, at one play.
pub struct Look<'a> {
    pub rule: &'a Rule,
    pub play: &'a Play,
    pub catalog: &'a Catalog,
    pub found: &'a mut Vec<Diagnostic>,
}

impl Look<'_> {
    /// Visits every task and handler of the play, in blocks too.
    pub fn tasks(&mut self, visit: &mut dyn FnMut(&mut Self, &Task)) {
        let play = self.play;
        for items in [&play.pre_tasks, &play.roles, &play.tasks, &play.post_tasks, &play.handlers] {
            self.walk(items, visit);
        }
    }

    fn walk(&mut self, items: &[Item], visit: &mut dyn FnMut(&mut Self, &Task)) {
        for item in items {
            match item {
                Item::Task(task) => visit(self, task),
                Item::Block(block) => {
                    [&block.body, &block.rescue, &block.always]
                        .into_iter()
                        .for_each(|items| self.walk(items, visit));
                }
            }
        }
    }

    /// Returns the module of a task; `None` for an action of the engine.
    pub fn module(&self, task: &Task) -> Option<&Module> {
        self.catalog.resolve(&task.action.name)
    }

    /// Reports a warning of this rule at a place.
    pub fn warn(&mut self, span: &Span, message: impl Into<String>, help: impl Into<String>) {
        self.found.push(Diagnostic::warning(self.rule.code, message, span).help(help));
    }
}

/// Returns an argument of a task, by any of its names.
pub fn argument<'a>(task: &'a Task, names: &[&str]) -> Option<&'a Node> {
    let mapping = task.action.args.as_mapping()?;
    mapping
        .entries
        .iter()
        .find(|entry| entry.key.as_str().is_some_and(|key| names.contains(&key)))
        .map(|entry| &entry.value)
}

/// Returns the command line of a task that runs a program.
pub fn command_line(task: &Task) -> Option<&Node> {
    task.action.free_form.as_ref().or_else(|| argument(task, &["cmd", "_raw_params"]))
}
