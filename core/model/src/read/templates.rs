use switchover_syntax::{Mapping, Node, NodeKind, Severity, Span, Tag};
use switchover_values::{check_condition, check_template};

use super::Reader;

impl Reader<'_> {
    /// Compiles each template in a value, at any depth, so that mistakes show before a host is touched.
    pub(super) fn check_templates(&self, node: &Node) {
        if node.tag != Tag::None {
            return;
        }
        match &node.kind {
            NodeKind::String { text, .. } if text.contains('{') && self.first_look(&node.span) => {
                self.report_all(check_template(text, &node.span));
            }
            NodeKind::Sequence(items) => items.iter().for_each(|item| self.check_templates(item)),
            NodeKind::Mapping(mapping) => self.check_all_templates(mapping),
            _ => {}
        }
    }

    /// Compiles the templates in the values of a mapping, and those that are keys.
    pub(super) fn check_all_templates(&self, mapping: &Mapping) {
        for entry in &mapping.entries {
            self.check_templates(&entry.key);
            self.check_templates(&entry.value);
        }
    }

    /// Compiles the templates of variables of a role. They may never be used, so their mistakes are warnings.
    pub(super) fn look_at_templates(&self, mapping: &Mapping) {
        let before = self.findings.borrow().len();
        self.check_all_templates(mapping);
        for finding in &mut self.findings.borrow_mut()[before..] {
            finding.severity = Severity::Warning;
        }
    }

    /// What is wrong with the templates of a task that may fail is told as a warning: it fails where it runs, as its
    /// playbook may expect.
    pub(super) fn leave_templates_to_the_run(&self, before: usize) {
        let mut findings = self.findings.borrow_mut();
        for finding in findings[before..].iter_mut().filter(|finding| finding.code.starts_with("template::"))
        {
            finding.severity = Severity::Warning;
        }
    }

    /// Compiles an expression.
    pub(super) fn check_condition(&self, node: &Node) {
        let Some(text) = node.as_str().filter(|_| node.tag == Tag::None) else { return };
        if self.first_look(&node.span) {
            self.report_all(check_condition(text, &node.span));
        }
    }

    /// A role that ten plays use is read ten times; its templates are compiled once.
    fn first_look(&self, span: &Span) -> bool {
        self.checked.borrow_mut().insert((span.source.name.clone(), span.start))
    }
}
