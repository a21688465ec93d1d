use switchover_journal::{EventKind, Status, TaskResult};
use switchover_protocol::{Map, Value};
use switchover_syntax::Node;
use switchover_values::{Scope, TemplateError};

use super::verdict::UNKNOWN;
use super::{Step, censor};
use crate::performed::Performed;
use crate::settings::{Settings, keyword_number};
use crate::state_change::StateChange;

/// Ansible's defaults for `until`.
const RETRIES: u64 = 3;
const DELAY_SECONDS: f64 = 5.0;

impl Step {
    /// Runs the task until `until` holds, or once when there is none.
    pub(super) async fn run_attempts(&self, scope: &Scope) -> (TaskResult, Vec<StateChange>) {
        let (most, delay) = match self.limits(scope) {
            Ok(limits) => limits,
            Err(error) => return self.judged(Performed::from(error), scope, 1),
        };
        let mut attempt = 1;
        loop {
            let mut performed = self.perform(scope).await;
            let broken_off = performed.broken_off;
            if most > 1 && !broken_off {
                performed.result.insert("attempts".into(), attempt.into());
            }
            let (result, effects) = self.judged(performed, scope, attempt);
            if broken_off || most == 1 || result.status == Status::Skipped || must_stop(&result) {
                return (result, effects);
            }
            match self.is_done(scope, &result, &effects) {
                Ok(true) => return (result, effects),
                Ok(false) => {}
                Err(error) => return self.judged(Performed::of_condition(error), scope, attempt),
            }
            if u64::from(attempt) >= most {
                return (self.exhausted(result, most - 1, scope), effects);
            }
            let (task, host) = (self.id, self.host.clone());
            let left = u32::try_from(most - u64::from(attempt)).unwrap_or(u32::MAX);
            self.play.world.events.send(EventKind::Retrying { task, host, left, result: censor(result) });
            if !self.waited(delay).await || self.play.world.is_stopping() {
                // How this attempt ended is known, so a resumed run may make the next one.
                self.play.world.journal.retract(vec![self.act.clone()]);
                self.cut.note(format!("{attempt} of {most} attempts are made"));
                return self.judged(Performed::new(Status::Ok, Map::new()), scope, attempt);
            }
            attempt += 1;
        }
    }

    /// Returns how often to try at most, and how long to wait in between.
    fn limits(&self, scope: &Scope) -> Result<(u64, f64), TemplateError> {
        let number = |name, node: &Option<Node>, kind, default: f64| match node {
            None => Ok(default),
            Some(node) => keyword_number(name, node, scope, kind),
        };
        if self.task.until.is_empty() && self.task.retries.is_none() {
            return Ok((1, 0.0));
        }
        let retries = number("retries", &self.task.retries, "int", RETRIES as f64)?.max(0.0) as u64;
        Ok((retries + 1, number("delay", &self.task.delay, "float", DELAY_SECONDS)?))
    }

    fn is_done(
        &self,
        scope: &Scope,
        result: &TaskResult,
        effects: &[StateChange],
    ) -> Result<bool, TemplateError> {
        if self.task.until.is_empty() {
            return Ok(result.status != Status::Failed);
        }
        let scope = self.aftermath(scope, &result.result, effects);
        for condition in &self.task.until {
            if !scope.condition(condition)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A task whose `until` never held has failed, unless `failed_when` says that it has not. Ansible's count of
    /// attempts leaves the first one out in the end.
    fn exhausted(&self, mut result: TaskResult, retries: u64, scope: &Scope) -> TaskResult {
        result.result.insert("attempts".into(), retries.into());
        result.result.insert("failed".into(), true.into());
        if result.result.get("failed_when_result") != Some(&Value::Bool(false)) {
            result.result.entry("msg").or_insert_with(|| UNKNOWN.into());
            result.status = Status::Failed;
            let settings = Settings::read(&self.play.world, &self.task, scope);
            result.ignored = settings.is_ok_and(|settings| settings.ignore_errors);
        }
        result
    }
}

/// What may have been started, or cannot be reached, is never tried again.
fn must_stop(result: &TaskResult) -> bool {
    matches!(result.status, Status::Unreachable | Status::Unknown | Status::Refused)
}
