use std::sync::Arc;

use switchover_syntax::{Node, Span};

use crate::Context;

/// An entry of a list of tasks.
#[derive(Clone, Debug)]
pub enum Item {
    Task(Arc<Task>),
    Block(Arc<Block>),
}

/// Tasks that belong together. Imports and roles are blocks too, without `rescue` and `always`.
#[derive(Debug)]
pub struct Block {
    pub span: Span,
    pub name: Option<Node>,
    pub context: Arc<Context>,
    pub body: Vec<Item>,
    pub rescue: Vec<Item>,
    pub always: Vec<Item>,
}

impl Block {
    /// Returns a block without `rescue` and `always`.
    pub fn of(span: &Span, name: Option<Node>, context: Arc<Context>, body: Vec<Item>) -> Self {
        Self { span: span.clone(), name, context, body, rescue: Vec::new(), always: Vec::new() }
    }
}

/// One task or handler. What it shares with blocks (`when`, `tags`, `vars`, `become`...) is in `context`.
#[derive(Clone, Debug)]
pub struct Task {
    pub span: Span,
    pub name: Option<Node>,
    pub context: Arc<Context>,
    pub action: Action,
    pub register: Option<Node>,
    pub repeat: Option<Loop>,
    pub loop_control: LoopControl,
    /// Conditions; an empty list when absent.
    pub until: Vec<Node>,
    pub retries: Option<Node>,
    pub delay: Option<Node>,
    /// `None` when absent; a list of conditions (all must hold), or one boolean.
    pub changed_when: Option<Vec<Node>>,
    /// `None` when absent; all must hold for a failure.
    pub failed_when: Option<Vec<Node>>,
    /// Handlers: other names that `notify` may use.
    pub listen: Vec<Node>,
    pub detach: Option<Node>,
    pub poll: Option<Node>,
    /// Ours: the effect of this step in place of the module's (`reads`, `changes`, `destroys: what is lost`).
    pub effect: Option<Node>,
    /// Ours: the name under which this step is approved; the default is the module's name.
    pub approve: Option<Node>,
    pub is_handler: bool,
}

impl Task {
    /// Returns a task with nothing but its action: no loop, no rules, nothing registered.
    pub fn new(span: &Span, name: Option<Node>, context: Arc<Context>, action: Action) -> Self {
        Self {
            span: span.clone(),
            name,
            context,
            action,
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
}

/// What a task does: the module's name and arguments.
#[derive(Clone, Debug)]
pub struct Action {
    /// As it was written: `copy`, `ansible.builtin.copy`.
    pub name: String,
    pub name_span: Span,
    /// The name when it is a template (`action: "{{ x }}"`): only a host tells the module then.
    pub computed: Option<Node>,
    /// A mapping of arguments (after `k=v` text and `args:` were merged in), or null.
    /// May also be a string that is one template (`args: "{{ x }}"`).
    pub args: Node,
    /// The text of `command: ls -l`, without the `k=v` words that belong to the module.
    pub free_form: Option<Node>,
}

/// What a task is repeated over.
#[derive(Clone, Debug)]
pub struct Loop {
    pub span: Span,
    /// `None` for `loop:`, else the lookup of `with_<lookup>:`.
    pub lookup: Option<String>,
    /// The list, or a template that gives one; a lookup's terms.
    pub items: Node,
}

/// `loop_control:`.
#[derive(Clone, Debug, Default)]
pub struct LoopControl {
    pub loop_var: Option<Node>,
    pub index_var: Option<Node>,
    pub label: Option<Node>,
    pub pause: Option<Node>,
    pub extended: Option<Node>,
    pub extended_allitems: Option<Node>,
    pub break_when: Vec<Node>,
}
