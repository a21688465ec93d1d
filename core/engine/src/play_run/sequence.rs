use std::sync::Arc;

use switchover_model::{Action, Block, Context, Item, Keywords, LoopControl, Play, Task};
use switchover_syntax::{Entry, Mapping, Node, NodeKind, Style, Tag};
use switchover_values::{Scope, TemplateError};

use crate::flags::truth;
use crate::world::World;

/// Returns the whole play as one block: facts, `pre_tasks`, roles and tasks, `post_tasks`, each followed by
/// its handlers.
pub fn root(play: &Arc<Play>, world: &World, scope: &Scope) -> Result<Arc<Block>, TemplateError> {
    let mut body = Vec::new();
    if gathers(play, world, scope)? {
        body.push(gather(play));
    }
    for section in [&play.pre_tasks, &both(&play.roles, &play.tasks), &play.post_tasks] {
        body.extend(section.iter().cloned());
        body.push(flush(play));
    }
    Ok(Arc::new(Block {
        span: play.span.clone(),
        name: None,
        context: Arc::clone(&play.context),
        body,
        rescue: Vec::new(),
        always: Vec::new(),
    }))
}

fn both(first: &[Item], second: &[Item]) -> Vec<Item> {
    first.iter().chain(second).cloned().collect()
}

fn gathers(play: &Play, world: &World, scope: &Scope) -> Result<bool, TemplateError> {
    match &play.gather_facts {
        None => Ok(world.options.gather_facts),
        Some(node) if node.is_null() => Ok(world.options.gather_facts),
        Some(node) => Ok(truth(&scope.render(node)?).unwrap_or(true)),
    }
}

fn gather(play: &Arc<Play>) -> Item {
    let mut arguments = Vec::new();
    for (name, value) in [
        ("gather_subset", &play.gather_subset),
        ("gather_timeout", &play.gather_timeout),
        ("fact_path", &play.fact_path),
    ] {
        if let Some(value) = value {
            arguments.push(Entry { key: text(play, name), value: value.clone() });
        }
    }
    let kind = NodeKind::Mapping(Arc::new(Mapping { entries: arguments }));
    let args = Node { span: play.span.clone(), tag: Tag::None, kind };
    Item::Task(Arc::new(implicit(play, "ansible.builtin.setup", Some("Gathering Facts"), args, None)))
}

fn flush(play: &Arc<Play>) -> Item {
    let args = Node { span: play.span.clone(), tag: Tag::None, kind: NodeKind::Null };
    let word = text(play, "flush_handlers");
    Item::Task(Arc::new(implicit(play, "meta", None, args, Some(word))))
}

fn text(play: &Play, value: &str) -> Node {
    let kind = NodeKind::String { text: value.into(), style: Style::Plain };
    Node { span: play.span.clone(), tag: Tag::None, kind }
}

fn implicit(play: &Arc<Play>, module: &str, name: Option<&str>, args: Node, free_form: Option<Node>) -> Task {
    let context = Context {
        parent: Some(Arc::clone(&play.context)),
        keywords: Keywords::default(),
        when: Vec::new(),
        tags: vec![text(play, "always")],
        vars: None,
        role: None,
        role_params: None,
        folder: None,
    };
    Task {
        span: play.span.clone(),
        name: name.map(|name| text(play, name)),
        context: Arc::new(context),
        action: Action { name: module.to_owned(), name_span: play.span.clone(), args, free_form },
        register: None,
        repeat: None,
        loop_control: LoopControl::default(),
        until: Vec::new(),
        retries: None,
        delay: None,
        changed_when: None,
        failed_when: None,
        listen: Vec::new(),
        detach: None,
        poll: None,
        effect: None,
        approve: None,
        is_handler: false,
    }
}
