//! Rewrites minijinja's syntax tree so that operators, attributes and method calls follow Python's and Ansible's rules.
//!
//! Each such node becomes a call of one of the `__` filters in [`crate::operators`], which see undefined values,
//! lazy variables and Python's types. The tree is rebuilt because minijinja's nodes cannot be changed in place.

mod expression;
mod macros;
mod statement;

use std::collections::HashMap;

use minijinja::machinery::{Span, ast};

use super::names::{self, Kind};
use crate::TemplateError;

/// A mistake that is seen without running the template.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Bytes of the text that was parsed.
    pub range: std::ops::Range<usize>,
    pub error: TemplateError,
}

/// What rewriting finds out about a template.
#[derive(Default)]
pub struct Rewriter {
    pub problems: Vec<Problem>,
    /// Lists or dictionaries may be changed in place, so containers have to be objects that can.
    pub mutates: bool,
    /// Two evaluations may differ (`now()`, `lookup`, `random`), so results are not kept.
    pub volatile: bool,
    /// A filter or test asks about the encryption of values, so variables are not decrypted for it.
    pub asks_of_vaults: bool,
    /// Strings that contain `{{ }}` are templates: the old way to write conditions.
    pub embedded: bool,
    /// How many blocks around here take their output as text: it is no output of the template.
    pub captures: usize,
    /// The body that is being rewritten asks for what its macro was given beyond its parameters.
    pub(super) asks_for_rest: bool,
    /// Macros that take more than they name, with the names of their parameters.
    pub(super) open_macros: HashMap<&'static str, Vec<&'static str>>,
}

/// Names of methods that change their object.
const MUTATORS: [&str; 12] = [
    "append",
    "extend",
    "insert",
    "remove",
    "clear",
    "sort",
    "reverse",
    "pop",
    "popitem",
    "update",
    "setdefault",
    "__setitem__",
];

/// Functions whose result is not the same every time.
const VOLATILE: [&str; 5] = ["lookup", "query", "q", "now", "lipsum"];

impl Rewriter {
    /// Rewrites a whole template.
    pub fn template(&mut self, root: &ast::Stmt<'static>) -> ast::Stmt<'static> {
        self.mutates |= statement::any_mutator(root);
        self.statement(root)
    }

    /// Rewrites a bare expression.
    pub fn bare_expression(&mut self, root: &ast::Expr<'static>) -> ast::Expr<'static> {
        self.mutates |= expression::any_mutator(root);
        self.expression(root)
    }

    /// Returns the canonical name of a filter or test, or reports that there is none.
    fn canonical(&mut self, kind: Kind, name: &'static str, span: Span) -> &'static str {
        if let Some(known) = names::canonical(kind, name) {
            return known;
        }
        self.problem(span, names::not_found(kind, name));
        name
    }

    fn problem(&mut self, span: Span, error: TemplateError) {
        self.problems.push(Problem { range: span.start_offset as usize..span.end_offset as usize, error });
    }
}
