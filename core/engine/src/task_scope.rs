use std::sync::Arc;

use switchover_model::{Context, Task};
use switchover_values::{Layer, Scope, Stored, Value, VarMap};

use crate::cursor::Cursor;
use crate::magic;
use crate::play_context::{PlayContext, role_vars};

/// Returns what a task sees on a host: the play's scope with the levels around the task.
pub fn task_scope(play: &Arc<PlayContext>, host: &str, task: &Task, cursor: &Cursor) -> Scope {
    let extras: Vec<_> = cursor.extras().cloned().collect();
    level_scope(play, host, task, &extras)
}

/// Returns what a task sees, with the variables of the includes around it.
pub fn level_scope(play: &Arc<PlayContext>, host: &str, task: &Task, extras: &[Arc<VarMap>]) -> Scope {
    let mut scope = play.scope(host);
    let mut levels: Vec<&Context> = task.context.levels().collect();
    levels.reverse();
    for (depth, level) in levels.iter().enumerate() {
        if let Some(role) = &level.role {
            scope.push(Layer::RoleDefaults, role_vars(&role.defaults));
            scope.push(Layer::RoleVars, role_vars(&role.vars));
        }
        if let Some(params) = &level.role_params {
            scope.push(Layer::RoleParams, role_vars(params));
        }
        if let Some(params) = &level.include_params {
            scope.push(Layer::IncludeParams, role_vars(params));
        }
        if let Some(vars) = level.vars.as_ref().filter(|_| depth > 0) {
            let innermost = depth + 1 == levels.len();
            scope.push(if innermost { Layer::TaskVars } else { Layer::BlockVars }, role_vars(vars));
        }
    }
    for extra in extras {
        scope.push(Layer::IncludeParams, Arc::clone(extra));
    }
    scope.overlay(Arc::new(magic::of_level(play, &task.context, Some(task.span.source.name()))));
    name_user(play, task, &mut scope);
    name_address(host, &mut scope);
    scope
}

/// A host that the inventory gives no address is reached by its name, and playbooks may ask for that.
fn name_address(host: &str, scope: &mut Scope) {
    if matches!(scope.get("ansible_host"), Ok(Some(_)) | Err(_)) {
        return;
    }
    let address = scope.get("ansible_ssh_host").ok().flatten().unwrap_or_else(|| host.into());
    let mut vars = VarMap::new();
    vars.insert("ansible_host", Stored::Data(address));
    scope.overlay(Arc::new(vars));
}

/// Who connects is a variable, too, where a keyword or the command line says it and the inventory does not.
fn name_user(play: &PlayContext, task: &Task, scope: &mut Scope) {
    let written = task.context.keyword(|keywords| keywords.remote_user.as_ref());
    let default = &play.world.options.connection.user;
    if written.is_none() && default.is_none() || matches!(scope.get("ansible_user"), Ok(Some(_)) | Err(_)) {
        return;
    }
    let written = written.and_then(|node| scope.render(node).ok()).filter(|value| !value.is_none());
    if let Some(user) = written.or_else(|| default.as_deref().map(Value::from)) {
        let mut vars = VarMap::new();
        for name in ["ansible_user", "ansible_ssh_user"] {
            vars.insert(name, Stored::Data(user.clone()));
        }
        scope.overlay(Arc::new(vars));
    }
}
