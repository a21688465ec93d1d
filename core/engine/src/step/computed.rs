use std::sync::Arc;

use switchover_model::{Action, Task, short};
use switchover_values::TemplateError;

use super::Step;
use crate::action;

/// What the loader or the dispatcher has to know before a host is asked.
const NEVER_COMPUTED: [&str; 6] =
    ["import_playbook", "import_role", "import_tasks", "include_role", "include_tasks", "meta"];

impl Step {
    /// Returns the step with the module that `action: "{{ x }}"` names on this host.
    pub(super) fn named(self) -> Result<Self, Box<(Self, TemplateError)>> {
        let Some(template) = &self.task.action.computed else { return Ok(self) };
        match self.scope.render(template).and_then(|name| {
            let name = name.to_string();
            self.usable(&name).map(|()| name).map_err(|error| error.at(&template.span))
        }) {
            Ok(name) => {
                let action = Action { name, computed: None, ..self.task.action.clone() };
                let task = Task { action, ..Task::clone(&self.task) };
                Ok(Self { task: Arc::new(task), ..self })
            }
            Err(error) => Err(Box::new((self, error))),
        }
    }

    fn usable(&self, name: &str) -> Result<(), TemplateError> {
        if NEVER_COMPUTED.contains(&short(name)) {
            let text = format!("'{name}' cannot come from a template");
            return Err(TemplateError::failed(text).help(format!("write `{name}:` in the task")));
        }
        if action::find(name).is_none() && self.play.world.catalog.resolve(name).is_none() {
            let text = format!("Cannot resolve '{name}' to an action or module.");
            return Err(TemplateError::failed(text).help("`switchover plugin list` shows what there is"));
        }
        Ok(())
    }
}
