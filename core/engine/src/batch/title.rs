use switchover_model::Task;
use switchover_syntax::Node;
use switchover_values::{Scope, TemplateError, is_omit, python_text};

/// Returns the name that the author wrote, templates rendered where they can be.
pub fn written_name(task: &Task, scope: &Scope) -> Option<String> {
    let written = task.name.as_ref().map(|node| match scope.render(node) {
        Ok(value) if value.is_none() || is_omit(&value) => String::new(),
        Ok(value) => python_text(&value),
        Err(error) => part_by_part(node, scope, &error),
    });
    written.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// Returns the name people read: the role in front.
pub fn display_name(task: &Task, scope: &Scope) -> String {
    with_role(task, written_name(task, scope).as_deref(), scope)
}

/// Puts the role in front of what the author wrote.
pub fn with_role(task: &Task, written: Option<&str>, scope: &Scope) -> String {
    let name = written.map_or_else(|| default_name(task, scope), str::to_owned);
    // As in Ansible, an `include_role` is told without the role that it stands in.
    let includes_role = switchover_model::short(&task.action.name) == "include_role";
    match task.context.role().filter(|_| !includes_role) {
        Some(role) => format!("{} : {name}", role.name),
        None => name,
    }
}

/// Renders each template of a name by itself; one that cannot be rendered leaves its error in its place.
fn part_by_part(node: &Node, scope: &Scope, error: &TemplateError) -> String {
    let text = node.as_str().unwrap_or_default();
    if text.contains("{%") || text.contains("{#") {
        // Statements hold the parts together: what follows a mistake is lost.
        let before = text.split('{').next().unwrap_or_default();
        return format!("{before}<< error 1 - {error} >><< error 2 - template potentially truncated >>");
    }
    let (mut out, mut rest, mut errors) = (String::new(), text, 0);
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((inner, behind)) = after.split_once("}}") else { break };
        out.push_str(before);
        match scope.render(&node.with_text(&format!("{{{{{inner}}}}}"))) {
            Ok(value) => out.push_str(&value.to_string()),
            Err(error) => {
                errors += 1;
                out.push_str(&format!("<< error {errors} - {error} >>"));
            }
        }
        rest = behind;
    }
    out + rest
}

/// A task without a name is called by its module, `include_role` with the role.
fn default_name(task: &Task, scope: &Scope) -> String {
    let name = task.action.name.clone();
    if switchover_model::short(&name) != "include_role" {
        return name;
    }
    let role = task.action.args.as_mapping().and_then(|mapping| mapping.get("name"));
    match role.and_then(|node| scope.render(node).ok()) {
        Some(role) => format!("{name} : {role}"),
        None => name,
    }
}
