//! Small plays for unit tests.

use std::sync::Arc;

use switchover_model::{Action, Block, Context, Item, Task};
use switchover_syntax::{Node, NodeKind, Source, Span, Style, Tag};

fn span() -> Span {
    Span::new(&Source::new("test.yml", ""), 0, 0)
}

/// Returns a plain text.
pub fn text(value: &str) -> Node {
    Node { span: span(), tag: Tag::None, kind: NodeKind::String { text: value.into(), style: Style::Plain } }
}

fn context() -> Arc<Context> {
    Arc::new(Context::inside(None))
}

/// Returns a task with this name that does nothing.
pub fn task(name: &str) -> Item {
    let null = Node { span: span(), tag: Tag::None, kind: NodeKind::Null };
    let action =
        Action { name: "debug".into(), name_span: span(), computed: None, args: null, free_form: None };
    Item::Task(Arc::new(Task::new(&span(), Some(text(name)), context(), action)))
}

/// Returns a block without `rescue` and `always`.
pub fn plain_block(body: Vec<Item>) -> Arc<Block> {
    Arc::new(Block {
        span: span(),
        name: None,
        context: context(),
        body,
        rescue: Vec::new(),
        always: Vec::new(),
    })
}

/// Returns a block of tasks with these names.
pub fn block(body: &[&str], rescue: &[&str], always: &[&str]) -> Arc<Block> {
    let items = |names: &[&str]| names.iter().map(|name| task(name)).collect();
    Arc::new(Block {
        span: span(),
        name: None,
        context: context(),
        body: items(body),
        rescue: items(rescue),
        always: items(always),
    })
}

/// Returns a task's name as it was written.
pub fn name_of(task: &Task) -> String {
    task.name.as_ref().and_then(Node::as_str).unwrap_or_default().to_owned()
}
