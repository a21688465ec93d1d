use minijinja::Value;
use switchover_syntax::{Node, NodeKind, Span, Style, Tag};

use crate::authored::authored;
use crate::lazy::force;
use crate::template::program::{self, Dialect, has_markers};
use crate::template::python;
use crate::{Fault, Scope, Stored, TemplateError};

/// Returns whether a condition holds.
pub fn evaluate(scope: &Scope, node: &Node) -> Result<bool, TemplateError> {
    let value = value_of(scope, node).map_err(|error| error.at(&node.span))?;
    truth(scope, &value).map_err(|error| error.at(&node.span))
}

/// Returns the conditions of a list, of a single one, or of a template that stands for the author's list of them.
///
/// Texts that a template made are no conditions: who made them is not known. Ansible refuses them in the same words.
pub fn all_of(scope: &Scope, node: &Node) -> Result<Vec<Node>, TemplateError> {
    if let Some(items) = node.as_sequence() {
        return Ok(items.to_vec());
    }
    let Some(text) = node.as_str().filter(|text| is_wrapped(text) && node.tag == Tag::None) else {
        return Ok(vec![node.clone()]);
    };
    if let Some(items) = authored(scope, text).as_ref().and_then(Node::as_sequence) {
        return Ok(items.to_vec());
    }
    let value = force(&scope.evaluate(Dialect::Yaml, text.trim(), &node.span)?)?;
    match python::type_name(&value) {
        "list" => value.try_iter().into_iter().flatten().map(|item| listed(&item, &node.span)).collect(),
        _ => Ok(vec![node.clone()]),
    }
}

/// Returns an entry of a list that a template gave as a condition: what the author wrote still carries his mark.
fn listed(item: &Value, span: &Span) -> Result<Node, TemplateError> {
    let kind = match item.as_str() {
        Some(text) if item.is_safe() => NodeKind::String { text: text.into(), style: Style::Plain },
        None if python::type_name(item) == "bool" => NodeKind::Bool(item.is_true()),
        _ => {
            let error = TemplateError::failed("Encountered untrusted template or expression.");
            let help =
                "write the conditions as a list, or keep the whole list in one variable of the playbook";
            return Err(error.help(help).at(span));
        }
    };
    Ok(Node { span: span.clone(), tag: Tag::None, kind })
}

fn value_of(scope: &Scope, node: &Node) -> Result<Value, TemplateError> {
    let NodeKind::String { text, .. } = &node.kind else { return scope.render(node) };
    if text.trim().is_empty() {
        return Err(TemplateError::new(Fault::Syntax, "an empty text is no condition"));
    }
    if node.tag != Tag::None {
        return Err(TemplateError::new(Fault::Syntax, "a condition cannot be tagged `!unsafe` or `!vault`"));
    }
    if is_wrapped(text) {
        return wrapped(scope, text, node);
    }
    force(&scope.evaluate(Dialect::Condition, text.trim(), &node.span)?)
}

/// Returns whether the text is a template rather than an expression that has one in a string.
fn is_wrapped(text: &str) -> bool {
    let text = text.trim_start();
    has_markers(text) && (text.starts_with("{{") || text.starts_with("{%"))
}

/// `when: "{{ x }}"`: text that the author keeps in `x` is a condition itself; text from elsewhere never is.
fn wrapped(scope: &Scope, text: &str, node: &Node) -> Result<Value, TemplateError> {
    let value = force(&scope.evaluate(Dialect::Yaml, text.trim(), &node.span)?)?;
    let program = program::compiled(Dialect::Yaml, text.trim());
    let variable = program.ok().and_then(|program| program.variable);
    let (Some(name), Some(_)) = (variable, value.as_str()) else { return Ok(value) };
    match scope.stored(name) {
        Some(Stored::Author(author)) => match author.as_str() {
            Some(inner) if author.tag == Tag::None && !has_markers(inner) => {
                force(&scope.evaluate(Dialect::Condition, inner.trim(), &author.span)?)
            }
            _ => Ok(value),
        },
        _ => Ok(value),
    }
}

fn truth(scope: &Scope, value: &Value) -> Result<bool, TemplateError> {
    if let Ok(flag) = bool::try_from(value.clone())
        && python::type_name(value) == "bool"
    {
        return Ok(flag);
    }
    if scope.settings().allow_broken_conditionals {
        return Ok(old_truth(value));
    }
    let kind = python::type_name(value);
    let truth = if old_truth(value) { "True" } else { "False" };
    let error = TemplateError::failed(format!(
        "Conditional result ({truth}) was derived from value of type '{kind}'. Conditionals must have a boolean result."
    ));
    Err(error.help(match kind {
        "str" => "write `x | bool` for a text such as 'yes', or `x | length > 0` for any text",
        "list" | "dict" => "write `x | length > 0`",
        _ => "write a comparison, such as `x != 0`, or `x is truthy`",
    }))
}

/// The rule before ansible-core 2.19: texts that say false are false, the rest is Python's truth.
fn old_truth(value: &Value) -> bool {
    match value.as_str() {
        Some(text) => {
            !matches!(text.to_ascii_lowercase().as_str(), "" | "false" | "no" | "off" | "0" | "n" | "f")
        }
        None => value.is_true(),
    }
}
