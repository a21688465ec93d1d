use switchover_values::{Scope, TemplateError};

use super::Step;
use crate::action;
use crate::performed::Performed;

impl Step {
    /// Returns why the task is to be skipped, or `None` when every `when` of every level holds.
    pub(super) fn condition(&self, scope: &Scope) -> Result<Option<Performed>, TemplateError> {
        let mut levels: Vec<_> = self.task.context.levels().collect();
        levels.reverse();
        if action::meta_of(&self.task).is_some_and(|meta| !meta.heeds_conditions()) {
            if levels.iter().any(|level| !level.when.is_empty()) {
                let word = self.task.action.free_form.as_ref().and_then(|node| node.as_str());
                let word = word.unwrap_or_default().trim();
                let text = format!("{word} task does not support when conditional");
                self.play.world.events.warn(text);
            }
            return Ok(None);
        }
        for condition in levels.iter().flat_map(|level| &level.when) {
            if !scope.condition(condition)? {
                let text = switchover_values::to_json(&switchover_values::node_to_value(condition));
                let skipped =
                    Performed::skipped("Conditional result was False").with("false_condition", text);
                return Ok(Some(skipped));
            }
        }
        Ok(None)
    }
}
