use std::sync::Arc;

use switchover_syntax::{Diagnostic, Entry, Mapping, Node, NodeKind, Span};

use super::action::Found;
use super::level::items;
use super::{Reader, Site};
use crate::keywords::{Keyword, Place};
use crate::modules::short;
use crate::{Action, Context, Item, Loop, LoopControl, Task};

/// The keywords of a task beside its action and beside what its level shares with blocks.
#[derive(Default)]
pub(super) struct Words {
    pub name: Option<Node>,
    pub args: Option<Node>,
    pub register: Option<Node>,
    pub repeat: Option<Loop>,
    pub loop_control: LoopControl,
    pub until: Vec<Node>,
    pub retries: Option<Node>,
    pub delay: Option<Node>,
    pub changed_when: Option<Vec<Node>>,
    pub failed_when: Option<Vec<Node>>,
    pub listen: Vec<Node>,
    pub detach: Option<Node>,
    pub poll: Option<Node>,
    pub effect: Option<Node>,
    pub approve: Option<Node>,
}

impl Reader<'_> {
    /// Reads a mapping that is no block: a task, or an import that becomes a block.
    pub(super) fn task(&self, mapping: &Mapping, node: &Node, site: &Site) -> Option<Item> {
        let place = if site.handlers { Place::HANDLER } else { Place::TASK };
        let found = self.action(mapping, &node.span, place);
        let word = found.as_ref().map_or_else(String::new, |found| short(&found.name).to_owned());
        let dynamic = matches!(word.as_str(), "include_tasks" | "include_role");
        let place = if dynamic { Place::INCLUDE } else { place };
        let mut level = Context::inside(Some(&site.parent));
        let before = self.findings.borrow().len();
        let words = self.task_words(mapping, found.as_ref(), place, site.handlers, &mut level);
        let found = found?;
        let forgiven = site.rescued || is_forgiving(&words, &level);
        match word.as_str() {
            "import_tasks" => self.import_tasks(&found, words, level, &node.span, site).map(block),
            "import_role" => self.import_role(&found, words, level, &node.span, site).map(block),
            "import_playbook" => {
                self.playbook_as_task(&found.name_span);
                None
            }
            _ if dynamic => {
                let action = self.include(&found, &words, site)?;
                Some(finished(words, action, level, &node.span, site))
            }
            _ => {
                let action = self.plain_action(&found, &words, &mut level)?;
                if forgiven {
                    self.leave_templates_to_the_run(before);
                }
                self.refuse_module(&action, &level);
                if site.handlers {
                    self.check_handler(&action);
                }
                Some(finished(words, action, level, &node.span, site))
            }
        }
    }

    fn playbook_as_task(&self, span: &Span) {
        let message = "`import_playbook` cannot stand among tasks";
        self.report(
            Diagnostic::error("playbook::misplaced", message, span).help(
                "write it at the left margin, beside the plays; for a file of tasks use `import_tasks`",
            ),
        );
    }

    fn plain_action(&self, found: &Found, words: &Words, level: &mut Context) -> Option<Action> {
        if found.local {
            level.keywords.delegate_to =
                Some(Node { span: found.name_span.clone(), ..found.value.with_text("localhost") });
        }
        let action = self.arguments(found, words.args.as_ref())?;
        match short(&action.name) {
            "meta" => self.check_meta(&action, level),
            "set_fact" => {
                let set = action.args.as_mapping().into_iter().flat_map(|mapping| &mapping.entries);
                set.for_each(|entry| self.warn_of_reserved(&entry.key));
            }
            _ => {}
        }
        Some(action)
    }

    fn task_words(
        &self,
        mapping: &Mapping,
        found: Option<&Found>,
        place: Place,
        handlers: bool,
        level: &mut Context,
    ) -> Words {
        let mut words = Words { repeat: self.repeat(mapping), ..Words::default() };
        for (key, entry) in self.entries(mapping) {
            if key.starts_with("with_") || found.is_some_and(|found| found.name == key) {
                continue;
            }
            let listening = handlers && key == "listen";
            match Keyword::find_in(key, if listening { Place::HANDLER } else { place }) {
                Some(keyword) => self.task_word(&mut words, level, keyword, entry),
                None if is_task_word(key) => self.unknown_keyword(key, &entry.key.span, place),
                None => {}
            }
        }
        self.check_loop(mapping, &words);
        words
    }

    fn task_word(&self, words: &mut Words, level: &mut Context, keyword: &Keyword, entry: &Entry) {
        if keyword.name == "name" {
            words.name = self.name(keyword, entry);
            return;
        }
        if matches!(keyword.name, "action" | "local_action" | "loop") || self.shared(level, keyword, entry) {
            return;
        }
        if keyword.name == "args" {
            words.args = Some(entry.value.clone());
            return;
        }
        if !self.fits(keyword, entry) || entry.value.is_null() {
            return;
        }
        let value = &entry.value;
        match keyword.name {
            "until" => words.until = self.conditions(value),
            "changed_when" => words.changed_when = Some(self.conditions(value)),
            "failed_when" => words.failed_when = Some(self.conditions(value)),
            "listen" => words.listen = items(value),
            "loop_control" => words.loop_control = self.loop_control(value),
            "register" => words.register = self.new_variable(value).then(|| value.clone()),
            _ => self.simple_word(words, keyword.name, value),
        }
    }

    fn simple_word(&self, words: &mut Words, name: &str, value: &Node) {
        self.check_templates(value);
        if name == "effect" {
            self.check_effect(value);
        }
        let slot = match name {
            "retries" => &mut words.retries,
            "delay" => &mut words.delay,
            "async" => &mut words.detach,
            "poll" => &mut words.poll,
            "effect" => &mut words.effect,
            "approve" => &mut words.approve,
            other => unreachable!("keyword `{other}` of tasks is not read"),
        };
        *slot = Some(value.clone());
    }
}

/// Returns whether the play may go on although the task fails.
fn is_forgiving(words: &Words, level: &Context) -> bool {
    let ignores = level.keyword(|keywords| keywords.ignore_errors.as_ref());
    words.failed_when.is_some() || ignores.is_some_and(|node| !matches!(node.kind, NodeKind::Bool(false)))
}

fn is_task_word(key: &str) -> bool {
    Keyword::find_in(key, Place::TASK.or(Place::HANDLER)).is_some()
}

fn block(block: crate::Block) -> Item {
    Item::Block(Arc::new(block))
}

fn finished(words: Words, action: Action, level: Context, span: &Span, site: &Site) -> Item {
    Item::Task(Arc::new(Task {
        span: span.clone(),
        name: words.name,
        context: Arc::new(level),
        action,
        register: words.register,
        repeat: words.repeat,
        loop_control: words.loop_control,
        until: words.until,
        retries: words.retries,
        delay: words.delay,
        changed_when: words.changed_when,
        failed_when: words.failed_when,
        listen: words.listen,
        detach: words.detach,
        poll: words.poll,
        effect: words.effect,
        approve: words.approve,
        is_handler: site.handlers,
    }))
}
