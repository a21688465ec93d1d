use switchover_journal::{Status, TaskResult};
use switchover_protocol::{Change, Map, Value};
use switchover_syntax::Node;
use switchover_values::{Scope, TemplateError};

use super::Step;
use crate::performed::Performed;
use crate::settings::{Pick, Settings, keyword_flag};
use crate::state_change::StateChange;

impl Step {
    /// Says what a result means: `changed_when`, `failed_when`, `ignore_errors`, and Ansible's common keys.
    pub(super) fn judged(
        &self,
        mut performed: Performed,
        scope: &Scope,
        attempts: u32,
    ) -> (TaskResult, Vec<StateChange>) {
        let settings = Settings::read(&self.play.world, &self.task, scope);
        add_lines(&mut performed.result);
        add_warnings(&mut performed);
        if settings.as_ref().is_ok_and(|settings| settings.diff) {
            add_diff(&mut performed);
        }
        if matches!(performed.status, Status::Ok | Status::Changed | Status::Failed)
            && !performed.broken_off
            && let Err((key, error)) = self.author_rules(&mut performed, scope)
        {
            performed.misjudge(key, error);
        }
        let effects =
            if performed.status.is_fine() { std::mem::take(&mut performed.effects) } else { Vec::new() };
        let (no_log, ignore, ignore_unreachable, diff) = settings
            .map(|s| (s.no_log, s.ignore_errors, s.ignore_unreachable, s.diff))
            .unwrap_or_else(|_| self.without_settings(scope));
        let ignored = match performed.status {
            Status::Failed => ignore,
            Status::Unreachable => ignore_unreachable,
            _ => false,
        };
        add_status(&mut performed);
        let result = TaskResult {
            status: performed.status,
            ignored,
            result: performed.result,
            changes: if diff { performed.changes } else { Vec::new() },
            warnings: performed.warnings,
            cause: performed.cause,
            remedy: performed.remedy,
            delegated: performed.delegated,
            censored: no_log,
            loud: performed.loud && performed.status != Status::Skipped && !no_log,
            arguments: performed.arguments,
            attempts,
            took: 0.0,
        };
        (result, effects)
    }

    /// What holds when one of the keywords makes no sense; one that is wrong itself counts as true. In the order
    /// `no_log`, `ignore_errors`, `ignore_unreachable`, `diff`.
    fn without_settings(&self, scope: &Scope) -> (bool, bool, bool, bool) {
        let flag = |name, pick: Pick| match keyword_flag(&self.task.context, scope, name, pick) {
            Ok(flag) => flag.unwrap_or(false),
            Err(_) => true,
        };
        let no_log = flag("no_log", |k| k.no_log.as_ref());
        let ignore = flag("ignore_errors", |k| k.ignore_errors.as_ref());
        (no_log, ignore, flag("ignore_unreachable", |k| k.ignore_unreachable.as_ref()), false)
    }

    /// Applies `changed_when` and `failed_when`; a mistake comes with the key under which the result tells it.
    fn author_rules(
        &self,
        performed: &mut Performed,
        scope: &Scope,
    ) -> Result<(), (&'static str, TemplateError)> {
        if self.task.changed_when.is_none() && self.task.failed_when.is_none() {
            return Ok(());
        }
        add_status(performed);
        if let Some(conditions) = &self.task.changed_when {
            let scope = self.aftermath(scope, &performed.result, &performed.effects);
            let changed = all(&scope, conditions).map_err(|error| ("changed_when_result", error))?;
            if performed.status != Status::Failed {
                performed.status = if changed { Status::Changed } else { Status::Ok };
            }
            // Also of one that failed: `failed_when` may excuse it.
            performed.result.insert("changed".into(), changed.into());
        }
        if let Some(conditions) = &self.task.failed_when {
            let scope = self.aftermath(scope, &performed.result, &performed.effects);
            let failed = all(&scope, conditions).map_err(|error| ("failed_when_result", error))?;
            performed.result.insert("failed_when_result".into(), failed.into());
            if failed {
                performed.result.entry("msg").or_insert_with(|| UNKNOWN.into());
            }
            performed.status = match (failed, performed.status) {
                (true, _) => Status::Failed,
                (false, Status::Failed) => excused(performed),
                (false, status) => status,
            };
        }
        Ok(())
    }
}

/// What a failure says of which nobody knows more, in Ansible's words.
pub const UNKNOWN: &str = "Task failed: Action failed: Unknown error.";

/// A failure that `failed_when` denies; Ansible keeps a note of it.
fn excused(performed: &mut Performed) -> Status {
    let note = "failed_when_suppressed_exception";
    performed.result.insert(note.to_owned(), "(traceback unavailable)".into());
    if is_changed(&performed.result) { Status::Changed } else { Status::Ok }
}

fn is_changed(result: &Map) -> bool {
    result.get("changed") == Some(&Value::Bool(true))
}

fn all(scope: &Scope, conditions: &[Node]) -> Result<bool, TemplateError> {
    for condition in conditions {
        if !scope.condition(condition)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `stdout_lines` and `stderr_lines`, which every result with `stdout` has.
fn add_lines(result: &mut Map) {
    for (text, lines) in [("stdout", "stdout_lines"), ("stderr", "stderr_lines")] {
        if let (Some(Value::String(value)), false) = (result.get(text), result.contains_key(lines)) {
            let split = value.lines().map(Value::from).collect();
            result.insert(lines.into(), Value::Array(split));
        }
    }
}

/// `warnings`, after those that were told while the module worked.
fn add_warnings(performed: &mut Performed) {
    let new = performed.warnings.iter().map(|text| Value::from(text.as_str()));
    match performed.result.get_mut("warnings") {
        Some(Value::Array(told)) => told.extend(new),
        _ if performed.warnings.is_empty() => {}
        _ => drop(performed.result.insert("warnings".to_owned(), new.collect())),
    }
}

/// `diff`, as Ansible's modules return it when one is wanted: a mapping, or a list of several.
fn add_diff(performed: &mut Performed) {
    let shown = |change: &Change| {
        let mut diff = Map::from_iter([
            ("before".to_owned(), change.before.clone()),
            ("after".to_owned(), change.after.clone()),
        ]);
        let headers = [("before_header", &change.before_header), ("after_header", &change.after_header)];
        diff.extend(
            headers.into_iter().filter_map(|(key, header)| Some((key.to_owned(), header.clone()?.into()))),
        );
        Value::Object(diff)
    };
    let mut diffs: Vec<Value> = performed.changes.iter().map(shown).collect();
    let diff = match diffs.len() {
        0 => return,
        1 => diffs.swap_remove(0),
        _ => Value::Array(diffs),
    };
    performed.result.entry("diff").or_insert(diff);
}

fn add_status(performed: &mut Performed) {
    let keys = &mut performed.result;
    let kept = performed.status == Status::Failed && is_changed(keys);
    keys.insert("changed".into(), (performed.status == Status::Changed || kept).into());
    match performed.status {
        Status::Failed | Status::Unknown | Status::Refused => drop(keys.insert("failed".into(), true.into())),
        Status::Unreachable => drop(keys.insert("unreachable".into(), true.into())),
        Status::Skipped => drop(keys.insert("skipped".into(), true.into())),
        Status::Ok | Status::Changed => drop(keys.insert("failed".into(), false.into())),
    }
}
