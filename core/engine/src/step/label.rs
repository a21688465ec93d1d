use switchover_values::{Scope, TemplateError, Value};

use super::Step;

impl Step {
    /// Returns a loop item as people read it: `loop_control.label`, else the item itself.
    pub(super) fn label(&self, scope: &Scope, item: &Value) -> Result<String, TemplateError> {
        let label = match &self.task.loop_control.label {
            None => item.clone(),
            Some(node) => {
                scope.render(node).map_err(|error| error.about("Failed to template loop_control.label"))?
            }
        };
        Ok(switchover_values::python_text(&label))
    }
}
