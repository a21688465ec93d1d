use switchover_syntax::{Diagnostic, Span};

use super::hint::hint;
use super::locate;
use super::program::{self, Dialect, has_markers};
use super::rewrite::Problem;
use crate::Fault;

/// Reports what is wrong with a template without rendering it: syntax, and unknown filters, tests and lookups.
pub fn check_template(text: &str, span: &Span) -> Vec<Diagnostic> {
    if !has_markers(text) {
        return Vec::new();
    }
    report(program::compiled(Dialect::Yaml, text).err(), text, span)
}

/// Reports what is wrong with a condition without evaluating it.
pub fn check_condition(text: &str, span: &Span) -> Vec<Diagnostic> {
    let text = text.trim();
    if text.is_empty() {
        return vec![Diagnostic::error("template::syntax", "an empty text is no condition", span)];
    }
    if text.starts_with("{{") || text.starts_with("{%") {
        let found = check_template(text, span);
        if found.is_empty() {
            return vec![
                Diagnostic::warning(
                    "template::wrapped-condition",
                    "a condition is an expression already",
                    span,
                )
                .help("leave `{{` and `}}` away"),
            ];
        }
        return found;
    }
    report(program::compiled(Dialect::Condition, text).err(), text, span)
}

pub(super) fn report(problems: Option<Vec<Problem>>, text: &str, span: &Span) -> Vec<Diagnostic> {
    let problems = problems.unwrap_or_default();
    problems.into_iter().map(|problem| picture(problem, text, span)).collect()
}

fn picture(problem: Problem, text: &str, span: &Span) -> Diagnostic {
    let Problem { error, range } = problem;
    let advice = match error.fault {
        Fault::Syntax if error.help.is_none() => hint(text, range.start),
        _ => None,
    };
    let diagnostic = error.at(&locate::place(span, text, &range)).to_diagnostic(span);
    match advice {
        Some(advice) => diagnostic.help(advice),
        None => diagnostic,
    }
}
