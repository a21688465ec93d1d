use std::sync::Arc;

use switchover_syntax::{Diagnostic, Node};

use super::Reader;
use crate::Context;
use crate::keywords::is_template;

impl Reader<'_> {
    /// Returns a name that must be known before the run. `dynamic` is what reads it while running instead.
    pub(super) fn settle(&self, node: &Node, _context: &Arc<Context>, dynamic: &str) -> Option<String> {
        if is_template(node) {
            self.report(Diagnostic::error("playbook::not-static", "template", &node.span).help(dynamic));
            return None;
        }
        node.as_str().map(|text| text.trim().to_owned())
    }
}
