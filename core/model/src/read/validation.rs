use std::sync::Arc;

use switchover_syntax::{Diagnostic, Entry, Mapping, Node, NodeKind};

use super::role::Wanted;
use crate::{Action, Context, Item, Role, Task};

/// The engine's action that holds what a role is given against what it declares.
const ACTION: &str = "ansible.builtin.validate_argument_spec";

/// Returns the task that Ansible puts before a role whose entry point declares its arguments.
pub(super) fn validation(role: &Role, wanted: &Wanted, level: &Arc<Context>) -> Option<Item> {
    let spec = role.argument_spec.as_ref().filter(|_| !wanted.from.unchecked)?.clone();
    let declared = spec.as_mapping()?;
    let options = declared.get("options").cloned().unwrap_or_else(|| mapping(&spec, Vec::new()));
    let entry = wanted.from.tasks_from.as_deref().unwrap_or("main");
    let about = declared.get("short_description").and_then(Node::as_str);
    let about = about.map(|text| format!(" - {text}")).unwrap_or_default();
    let named = |name: &str, value: Node| Entry { key: spec.with_text(name), value };
    let context = [
        named("argument_spec_name", spec.with_text(entry)),
        named("name", spec.with_text(&role.name)),
        named("path", spec.with_text(&role.path.to_string_lossy())),
        named("type", spec.with_text("role")),
    ];
    let args =
        [named("argument_spec", options), named("validate_args_context", mapping(&spec, context.to_vec()))];
    let tags = vec![spec.with_text("always")];
    let title = format!("Validating arguments against arg spec '{entry}'{about}");
    let context = Arc::new(Context { tags, ..Context::inside(Some(level)) });
    let (name, name_span) = (ACTION.to_owned(), spec.span.clone());
    let action =
        Action { name, name_span, computed: None, args: mapping(&spec, args.to_vec()), free_form: None };
    Some(Item::Task(Arc::new(Task::new(&spec.span, Some(spec.with_text(&title)), context, action))))
}

/// Rules of an entry point that are read and not judged.
const UNJUDGED: [&str; 5] =
    ["mutually_exclusive", "required_by", "required_if", "required_one_of", "required_together"];

/// Returns a warning for every rule of a role's arguments that nothing holds the arguments against.
pub(super) fn unjudged(role: &Role) -> Vec<Diagnostic> {
    let Some(declared) = role.argument_spec.as_ref().and_then(Node::as_mapping) else { return Vec::new() };
    let rules = UNJUDGED.iter().filter_map(|rule| declared.entry(rule));
    rules.map(|entry| unjudged_rule(role, &entry.key)).collect()
}

fn unjudged_rule(role: &Role, key: &Node) -> Diagnostic {
    let rule = key.as_str().unwrap_or_default();
    let message = format!("`{rule}` in the argument specs of role {} is not judged", role.name);
    Diagnostic::warning("role::unjudged-rule", message, &key.span)
        .help("types, choices and required options are; check this rule with `assert` in the role's tasks")
}

fn mapping(at: &Node, entries: Vec<Entry>) -> Node {
    Node { kind: NodeKind::Mapping(Arc::new(Mapping { entries })), ..at.clone() }
}
