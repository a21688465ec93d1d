use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use switchover_model::{Block, Item, Play, Task};
use switchover_values::{Scope, VarMap};

use crate::host_run::address;

/// The handlers of a play, in the order in which they run.
#[derive(Clone, Debug)]
pub struct Handlers {
    block: Arc<Block>,
    /// The loop variables of the include that brought a handler, by its address.
    vars: HashMap<usize, Arc<VarMap>>,
}

impl Handlers {
    /// Returns the handlers of a play and its roles.
    pub fn of(play: &Play) -> Self {
        let mut body = Vec::new();
        flatten(&play.handlers, &mut body);
        Self { block: list(play, body), vars: HashMap::new() }
    }

    /// Adds handlers of a role that was included while the play runs.
    ///
    /// They see the loop variables of the include that brought them.
    pub fn add(&mut self, items: &[Item], vars: &Arc<VarMap>) {
        let mut body = self.block.body.clone();
        let known = body.len();
        flatten(items, &mut body);
        for item in &body[known..] {
            if let Item::Task(task) = item {
                self.vars.insert(address(task), Arc::clone(vars));
            }
        }
        let Block { span, name, context, .. } = &*self.block;
        self.block = Arc::new(Block {
            span: span.clone(),
            name: name.clone(),
            context: Arc::clone(context),
            body,
            rescue: Vec::new(),
            always: Vec::new(),
        });
    }

    /// Returns the loop variables of the include that brought a handler.
    pub fn vars_of(&self, task: &Arc<Task>) -> Option<&Arc<VarMap>> {
        self.vars.get(&address(task))
    }

    /// Returns the list as a block for a cursor.
    pub fn block(&self) -> Arc<Block> {
        Arc::clone(&self.block)
    }

    /// Returns the names of the handlers that are wanted, in the order in which they run.
    pub fn names(&self, wanted: impl Fn(&Arc<Task>) -> bool) -> Vec<String> {
        let tasks = self.block.body.iter().filter_map(|item| match item {
            Item::Task(task) => Some(task).filter(|task| wanted(task)),
            Item::Block(_) => None,
        });
        let name = |task: &Arc<Task>| task.name.as_ref().and_then(|name| name.as_str()).map(str::to_owned);
        tasks.map(|task| name(task).unwrap_or_else(|| task.action.name.clone())).collect()
    }

    /// Returns whether there is nothing to notify.
    pub fn is_empty(&self) -> bool {
        self.block.body.is_empty()
    }

    /// Returns warnings about handlers that nothing can notify: their names cannot be rendered.
    pub fn unusable(&self, scope: impl Fn(&Task) -> Scope) -> Vec<String> {
        let templated = self.block.body.iter().filter_map(|item| match item {
            Item::Task(task) if task.listen.is_empty() => task
                .name
                .as_ref()
                .filter(|name| name.as_str().is_some_and(|text| text.contains("{{")))
                .map(|name| (task, name)),
            _ => None,
        });
        templated
            .filter_map(|(task, name)| {
                let error = scope(task).render(name).err()?;
                Some(format!(
                    "Handler '{}' is unusable because it has no listen topics and the name could not be templated \
                     (host-specific variables are not supported in handler names). The error: {error}",
                    name.as_str().unwrap_or_default()
                ))
            })
            .collect()
    }

    /// Returns the handlers that a notification reaches: one of that name, and all that listen to it.
    ///
    /// Of several with one name, those of the last role (or use of it) or of the play win, and of these the first.
    /// Of those that listen, the last of a name is enough: a role that is used twice brings its handlers twice.
    pub fn find(&self, notification: &str, scope: impl Fn(&Task) -> Scope) -> Vec<Arc<Task>> {
        let tasks = || {
            self.block
                .body
                .iter()
                .filter_map(|item| if let Item::Task(task) = item { Some(task) } else { None })
        };
        let named: Vec<_> = tasks().filter(|task| is_named(task, notification, &scope)).collect();
        let home =
            |task: &Task| task.context.levels().find(|level| level.role.is_some()).map(std::ptr::from_ref);
        let named = named.last().and_then(|last| named.iter().find(|task| home(task) == home(last)).copied());
        let listening: Vec<_> = tasks().filter(|task| listens(task, notification)).collect();
        let mut found: Vec<Arc<Task>> = named.into_iter().cloned().collect();
        let mut seen = HashSet::new();
        for task in listening.into_iter().rev() {
            let name = task.name.as_ref().and_then(|name| name.as_str());
            let is_new = name.is_none_or(|name| seen.insert(name));
            if is_new && !found.iter().any(|known| Arc::ptr_eq(known, task)) {
                found.push(Arc::clone(task));
            }
        }
        found
    }
}

fn list(play: &Play, body: Vec<Item>) -> Arc<Block> {
    Arc::new(Block {
        span: play.span.clone(),
        name: None,
        context: Arc::clone(&play.context),
        body,
        rescue: Vec::new(),
        always: Vec::new(),
    })
}

fn flatten(items: &[Item], into: &mut Vec<Item>) {
    for item in items {
        match item {
            Item::Task(_) => into.push(item.clone()),
            Item::Block(block) => flatten(&block.body, into),
        }
    }
}

fn is_named(task: &Task, notification: &str, scope: &impl Fn(&Task) -> Scope) -> bool {
    let Some(node) = &task.name else { return false };
    let plain = node.as_str().filter(|text| !text.contains("{{")).map(str::to_owned);
    let Some(name) = plain.or_else(|| scope(task).render(node).ok().map(|value| value.to_string())) else {
        return false;
    };
    is_called(task, &name, notification)
}

/// What a role's handler is called by: its name, or its name behind the role's.
fn is_called(task: &Task, name: &str, notification: &str) -> bool {
    if name == notification {
        return true;
    }
    let Some((prefix, rest)) = notification.split_once(" : ") else { return false };
    let Some(role) = task.context.role() else { return false };
    rest == name && (prefix == role.name || Some(prefix) == role.name.rsplit('.').next())
}

/// Topics are taken as they are written; Ansible renders none either.
fn listens(task: &Task, notification: &str) -> bool {
    task.listen.iter().filter_map(|node| node.as_str()).any(|topic| is_called(task, topic, notification))
}
