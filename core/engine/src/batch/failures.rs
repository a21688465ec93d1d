use std::sync::Arc;

use switchover_journal::Status;
use switchover_model::Task;
use switchover_protocol::{Map, Value};
use switchover_values::{Stored, from_json, node_to_value};

use super::Batch;
use super::record::known_later;
use super::select::tags_of;
use crate::cursor::Fate;
use crate::host_run::HostState;
use crate::settings::keyword_flag;
use crate::step::StepOutcome;
use crate::task_scope::task_scope;

impl Batch {
    /// Sends hosts to their `rescue` and `always` sections, or out. Returns whether the first is rescued.
    pub(super) fn fail(&mut self, hosts: &[usize], task: &Arc<Task>, outcome: &StepOutcome) -> bool {
        let mut rescued = false;
        self.failed_now.extend(hosts);
        for (position, index) in hosts.iter().enumerate() {
            let fate = match outcome.result.status {
                Status::Unreachable => self.lose(*index, HostState::Unreachable, Some(task)),
                Status::Refused => {
                    self.play.world.stop();
                    self.lose(*index, HostState::Failed, Some(task))
                }
                // Whether this one was done is what nobody knows.
                Status::Unknown => {
                    self.play.world.stop();
                    self.lose(*index, HostState::Failed, None)
                }
                _ => self.fail_host(*index, Some(task)),
            };
            match fate {
                Fate::Rescued => self.tell_rescue(*index, task, outcome),
                Fate::Doomed | Fate::Out if self.hosts[*index].state == HostState::Active => {
                    self.hosts[*index].state = HostState::Failed;
                }
                Fate::Doomed | Fate::Out => {}
            }
            rescued |= position == 0 && fate == Fate::Rescued;
            self.fatal |= self.is_fatal(*index, task);
        }
        self.fatal |= !rescued && hosts.len() > 1;
        self.update_active();
        rescued
    }

    fn lose(&mut self, index: usize, state: HostState, task: Option<&Arc<Task>>) -> Fate {
        self.note_stop(index, task);
        let host = &mut self.hosts[index];
        host.cursor.finish();
        host.state = state;
        Fate::Out
    }

    fn is_fatal(&self, index: usize, task: &Task) -> bool {
        let host = &self.hosts[index];
        let scope = task_scope(&self.play, &host.name, task, &host.cursor);
        keyword_flag(&task.context, &scope, "any_errors_fatal", |k| k.any_errors_fatal.as_ref())
            .ok()
            .flatten()
            .unwrap_or(self.play.world.options.defaults.any_errors_fatal)
    }

    /// `ansible_failed_task` and `ansible_failed_result`, for the `rescue` section.
    fn tell_rescue(&mut self, index: usize, task: &Task, outcome: &StepOutcome) {
        let memory = &self.play.world.memory;
        let name = task.name.as_ref().and_then(|name| name.as_str()).unwrap_or_default();
        let tags = tags_of(&self.play, task, &self.hosts[index].name);
        let described = Map::from_iter([
            ("name".to_owned(), Value::from(name)),
            ("action".to_owned(), Value::from(task.action.name.as_str())),
            ("args".to_owned(), written_arguments(task)),
            ("tags".to_owned(), tags.into_iter().map(Value::from).collect()),
        ]);
        let host = &self.hosts[index].name;
        memory.set(host, "ansible_failed_task", Stored::Data(from_json(Value::Object(described))));
        let result = known_later(&outcome.result.result);
        memory.set(host, "ansible_failed_result", Stored::Data(from_json(result)));
    }
}

/// Returns a task's arguments as they were written, under Ansible's names.
fn written_arguments(task: &Task) -> Value {
    let mut args = switchover_values::to_json(&node_to_value(&task.action.args));
    if let (Value::Object(args), Some(text)) = (&mut args, &task.action.free_form) {
        args.insert("_raw_params".to_owned(), text.as_str().unwrap_or_default().into());
    }
    match (args, &task.action.free_form) {
        (Value::Null, Some(text)) => {
            let text = text.as_str().unwrap_or_default();
            Value::Object(Map::from_iter([("_raw_params".to_owned(), text.into())]))
        }
        (Value::Null, None) => Value::Object(Map::new()),
        (args, _) => args,
    }
}
