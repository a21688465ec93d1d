use switchover_syntax::{Diagnostic, Node};

use super::Reader;
use super::level::items;

impl Reader<'_> {
    /// Returns conditions one by one, checked for their grammar. The caller has checked their shape.
    pub(super) fn conditions(&self, node: &Node) -> Vec<Node> {
        let conditions = items(node);
        for condition in &conditions {
            match condition.as_str() {
                Some(text) if text.trim().is_empty() => self.report(
                    Diagnostic::error("playbook::empty-condition", "a condition is empty", &condition.span)
                        .help("leave the keyword out, or write `true`"),
                ),
                _ => self.check_condition(condition),
            }
        }
        conditions
    }
}
