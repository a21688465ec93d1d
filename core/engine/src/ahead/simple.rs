use switchover_model::{Context, Keywords, Task};
use switchover_plugin_host::Catalog;
use switchover_protocol::Effect;
use switchover_syntax::{Node, NodeKind};

use crate::action;

/// Returns whether a task does nothing but run one program, and whether it is fine depends on that program alone.
pub fn is_simple(task: &Task, catalog: &Catalog) -> bool {
    if task.is_handler || action::find(&task.action.name).is_some() {
        return false;
    }
    let Some(module) = catalog.resolve(&task.action.name) else { return false };
    let spec = &module.spec;
    spec.one_exec && spec.effect == Effect::Changes && !spec.long && has_plain_words(task)
}

/// Returns whether what comes after the task may look at how it ended: at what it registers, or at handlers.
pub fn ends_chain(task: &Task) -> bool {
    task.register.is_some() || has_keyword(&task.context, |k| k.notify.as_ref())
}

fn has_plain_words(task: &Task) -> bool {
    let own = [&task.retries, &task.detach, &task.poll, &task.effect, &task.approve];
    let shared: [fn(&Keywords) -> Option<&Node>; 5] = [
        |k| k.delegate_to.as_ref(),
        |k| k.run_once.as_ref(),
        |k| k.throttle.as_ref(),
        |k| k.timeout.as_ref(),
        |k| k.check_mode.as_ref(),
    ];
    own.iter().all(|node| node.is_none())
        && task.repeat.is_none()
        && task.until.is_empty()
        && task.failed_when.is_none()
        && task.changed_when.as_ref().is_none_or(|nodes| nodes.iter().all(is_flag))
        && !shared.into_iter().any(|pick| has_keyword(&task.context, pick))
}

/// Another condition could fail, although the program went well.
fn is_flag(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Bool(_))
}

fn has_keyword(context: &Context, pick: fn(&Keywords) -> Option<&Node>) -> bool {
    context.keyword(pick).is_some()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use switchover_model::{Item, Keywords, Task};
    use switchover_syntax::{Node, NodeKind, Style};

    use super::{ends_chain, has_plain_words};
    use crate::testing;

    fn node(kind: NodeKind) -> Node {
        Node { kind, ..testing::text("") }
    }

    fn task(change: impl FnOnce(&mut Task, &Node)) -> Task {
        let Item::Task(task) = testing::task("a task") else { panic!("a task is a task") };
        let mut task = Arc::try_unwrap(task).unwrap();
        change(&mut task, &node(NodeKind::String { text: "x".into(), style: Style::Plain }));
        task
    }

    fn shared(change: impl FnOnce(&mut Keywords, &Node)) -> Task {
        task(|task, node| {
            let context = Arc::get_mut(&mut task.context).unwrap();
            change(&mut context.keywords, node);
        })
    }

    #[test]
    fn words_that_judge_repeat_or_move_a_task_keep_it_at_its_turn() {
        assert!(has_plain_words(&task(|_, _| {})));
        let others = [
            task(|task, node| task.failed_when = Some(vec![node.clone()])),
            task(|task, node| task.changed_when = Some(vec![node.clone()])),
            task(|task, node| task.until = vec![node.clone()]),
            task(|task, node| task.retries = Some(node.clone())),
            task(|task, node| task.detach = Some(node.clone())),
            task(|task, node| task.effect = Some(node.clone())),
            task(|task, node| task.approve = Some(node.clone())),
            shared(|keywords, node| keywords.delegate_to = Some(node.clone())),
            shared(|keywords, node| keywords.run_once = Some(node.clone())),
            shared(|keywords, node| keywords.throttle = Some(node.clone())),
            shared(|keywords, node| keywords.timeout = Some(node.clone())),
            shared(|keywords, node| keywords.check_mode = Some(node.clone())),
        ];
        for other in &others {
            assert!(!has_plain_words(other), "{other:?}");
        }
    }

    #[test]
    fn a_flag_for_changed_and_an_ignored_error_are_plain() {
        let flag = task(|task, _| task.changed_when = Some(vec![node(NodeKind::Bool(false))]));
        assert!(has_plain_words(&flag));
        assert!(has_plain_words(&shared(|keywords, node| keywords.ignore_errors = Some(node.clone()))));
    }

    #[test]
    fn what_a_later_task_may_look_at_ends_a_chain() {
        assert!(!ends_chain(&task(|_, _| {})));
        assert!(ends_chain(&task(|task, node| task.register = Some(node.clone()))));
        assert!(ends_chain(&shared(|keywords, node| keywords.notify = Some(node.clone()))));
    }
}
