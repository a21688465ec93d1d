use std::sync::Arc;

use switchover_syntax::{Diagnostic, Node};

use super::Reader;
use crate::Context;
use crate::keywords::is_template;

impl Reader<'_> {
    pub(super) fn settle(&self, node: &Node, _context: &Arc<Context>, dynamic: &str) -> Option<String> {
        if is_template(node) {
            self.report(Diagnostic::error("playbook::not-static", "template", &node.span).help(dynamic));
        }
        node.as_str().map(|text| text.trim().to_owned())
    }
}
