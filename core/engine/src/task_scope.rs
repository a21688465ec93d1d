use std::sync::Arc;

use switchover_model::{Context, Task};
use switchover_values::{Layer, Scope, VarMap};

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
    scope
}
