use switchover_values::{Scope, Value};

use super::Step;

impl Step {
    /// Returns a loop item as people read it: `loop_control.label`, else the item itself.
    pub(super) fn label(&self, scope: &Scope, item: &Value) -> String {
        let label = self.task.loop_control.label.as_ref().and_then(|node| scope.render(node).ok());
        switchover_values::python_text(&label.unwrap_or_else(|| item.clone()))
    }
}
