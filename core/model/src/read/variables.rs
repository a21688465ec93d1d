use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use switchover_syntax::{Diagnostic, Mapping, Node, Span};

use super::Reader;
use crate::keywords::is_reserved;

impl Reader<'_> {
    /// Returns the variables of a `vars:`. Its shape was checked, so a text is a template, which must be refused.
    pub(super) fn vars(&self, node: &Node) -> Option<Arc<Mapping>> {
        let Some(mapping) = node.as_mapping() else {
            self.report(
                Diagnostic::error(
                    "playbook::wrong-type",
                    "`vars` must be a mapping, found a template",
                    &node.span,
                )
                .help("name the variables here and use a template for each value"),
            );
            return None;
        };
        for entry in &mapping.entries {
            self.new_variable(&entry.key);
        }
        self.check_templates(node);
        Some(Arc::new(mapping.clone()))
    }

    /// Checks that this can be the name of a variable.
    pub(super) fn variable_name(&self, node: &Node) -> bool {
        let valid = node.as_str().is_some_and(is_variable_name);
        if !valid {
            let name = node.as_str().map_or_else(|| node.describe().to_owned(), |name| format!("'{name}'"));
            let help = match node.as_str() {
                Some(name) if RESERVED.contains(&name) => "it is a word of templates: take another name",
                _ => "begin with a letter or `_`, go on with letters, digits and `_`",
            };
            self.report(
                Diagnostic::error("playbook::bad-name", format!("Invalid variable name: {name}"), &node.span)
                    .help(help),
            );
        }
        valid
    }

    /// Checks the name of a variable that is set here; one that the language uses is told.
    pub(super) fn new_variable(&self, node: &Node) -> bool {
        let valid = self.variable_name(node);
        if valid {
            self.warn_of_reserved(node);
        }
        valid
    }

    pub(super) fn warn_of_reserved(&self, node: &Node) {
        if let Some(name) = node.as_str().filter(|name| is_reserved(name)) {
            let message = format!("Found variable using reserved name '{name}'.");
            self.report(
                Diagnostic::warning("playbook::reserved-name", message, &node.span)
                    .help("another name keeps it apart from the word of the language"),
            );
        }
    }

    /// Reads a file of variables.
    pub fn variables(&self, path: &Path) -> Option<Arc<Mapping>> {
        self.variables_named(path, None)
    }

    pub(super) fn variables_named(&self, path: &Path, from: Option<&Span>) -> Option<Arc<Mapping>> {
        let node = self.file(path, from)?;
        if node.is_null() {
            return Some(Arc::default());
        }
        let mapping = self.mapping(&node, "a file of variables")?;
        if from.is_some() {
            mapping.entries.iter().for_each(|entry| self.warn_of_reserved(&entry.key));
        }
        Some(Arc::new(mapping.clone()))
    }

    /// Parses a file, reporting what is wrong with it.
    pub(super) fn file(&self, path: &Path, from: Option<&Span>) -> Option<Node> {
        match self.loader.parse(path, from) {
            Ok(parsed) => {
                self.report_all(parsed.warnings);
                Some(parsed.node)
            }
            Err(problems) => {
                self.report_all(problems);
                None
            }
        }
    }
}

/// Words that templates have for values of their own, and for an operator.
const RESERVED: [&str; 7] = ["False", "None", "True", "false", "none", "not", "true"];

/// Returns whether Ansible takes this as a variable's name.
pub fn is_variable_name(name: &str) -> bool {
    let mut chars = name.chars();
    !RESERVED.contains(&name)
        && chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Returns the entries of the first and then those of the second, which win.
pub(super) fn merged(below: &Mapping, above: &Mapping) -> Mapping {
    let names: HashSet<_> = above.entries.iter().filter_map(|entry| entry.key.as_str()).collect();
    let kept = below.entries.iter().filter(|entry| entry.key.as_str().is_none_or(|key| !names.contains(key)));
    Mapping { entries: kept.chain(&above.entries).cloned().collect() }
}
