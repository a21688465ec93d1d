use std::collections::HashSet;
use std::sync::Arc;

use switchover_model::{Action, Block, Context, Item, Play, Role, Task};
use switchover_syntax::{Entry, Mapping, Node, NodeKind, Style, Tag};
use switchover_values::{Scope, TemplateError, node_to_value, to_json};

use crate::flags::truth;
use crate::options::Gathering;
use crate::settings::keyword_of;
use crate::world::World;

/// Returns the whole play as one block: facts, `pre_tasks`, roles and tasks, `post_tasks`, each followed by
/// its handlers.
pub fn root(play: &Arc<Play>, world: &World, scope: &Scope) -> Result<Arc<Block>, TemplateError> {
    let (mut body, mut seen) = (Vec::new(), HashSet::new());
    if gathers(play, world, scope)? {
        body.push(gather(play));
    }
    for section in [&play.pre_tasks, &both(&play.roles, &play.tasks), &play.post_tasks] {
        body.extend(section.iter().filter_map(|item| once(item, &mut seen)));
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

/// Leaves out a role that the play has had already with the same parameters, unless it allows duplicates.
fn once(item: &Item, seen: &mut HashSet<String>) -> Option<Item> {
    let Item::Block(block) = item else { return Some(item.clone()) };
    if let Some(role) = &block.context.role
        && !role.allow_duplicates
        && !seen.insert(signature(role, &block.context))
    {
        return None;
    }
    let part =
        |items: &[Item], seen: &mut HashSet<String>| items.iter().filter_map(|i| once(i, seen)).collect();
    Some(Item::Block(Arc::new(Block {
        span: block.span.clone(),
        name: block.name.clone(),
        context: Arc::clone(&block.context),
        body: part(&block.body, seen),
        rescue: part(&block.rescue, seen),
        always: part(&block.always, seen),
    })))
}

/// Tells two uses of a role apart: by what each is given.
fn signature(role: &Role, level: &Context) -> String {
    let plain = |node: &Node| to_json(&node_to_value(node)).to_string();
    let vars = |vars: &Option<Arc<Mapping>>| -> Vec<String> {
        let entries = vars.iter().flat_map(|mapping| &mapping.entries);
        entries.map(|entry| format!("{}={}", plain(&entry.key), plain(&entry.value))).collect()
    };
    let nodes = |nodes: &[Node]| nodes.iter().map(plain).collect::<Vec<_>>();
    let parts = [vars(&level.vars), vars(&level.role_params), nodes(&level.when), nodes(&level.tags)];
    format!("{} {parts:?}", role.path.display())
}

fn both(first: &[Item], second: &[Item]) -> Vec<Item> {
    first.iter().chain(second).cloned().collect()
}

fn gathers(play: &Play, world: &World, scope: &Scope) -> Result<bool, TemplateError> {
    let implied = world.options.gathering != Gathering::Explicit;
    match &play.gather_facts {
        None => Ok(implied),
        Some(node) if node.is_null() => Ok(implied),
        Some(node) => Ok(truth(&keyword_of("gather_facts", node, scope)?).unwrap_or(true)),
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
    Item::Task(Arc::new(implicit(play, "ansible.builtin.gather_facts", Some("Gathering Facts"), args, None)))
}

fn flush(play: &Arc<Play>) -> Item {
    let args = Node { span: play.span.clone(), tag: Tag::None, kind: NodeKind::Null };
    let word = text(play, "flush_handlers");
    let task = implicit(play, "meta", None, args, Some(word));
    // Conditions of an import are about the tasks of the play; what was notified runs whatever they say.
    let context = Context { when: Vec::new(), ..Context::clone(&play.context) };
    let context = Context { parent: Some(Arc::new(context)), ..Context::clone(&task.context) };
    Item::Task(Arc::new(Task { context: Arc::new(context), ..task }))
}

fn text(play: &Play, value: &str) -> Node {
    let kind = NodeKind::String { text: value.into(), style: Style::Plain };
    Node { span: play.span.clone(), tag: Tag::None, kind }
}

fn implicit(play: &Arc<Play>, module: &str, name: Option<&str>, args: Node, free_form: Option<Node>) -> Task {
    let context = Context { tags: vec![text(play, "always")], ..Context::inside(Some(&play.context)) };
    let action =
        Action { name: module.to_owned(), name_span: play.span.clone(), computed: None, args, free_form };
    Task::new(&play.span, name.map(|name| text(play, name)), Arc::new(context), action)
}
