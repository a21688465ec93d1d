use std::sync::Arc;

use switchover_journal::{Act, Broken, EndedItem, Intent, Status, TaskResult};
use switchover_plugin_host::Module;
use switchover_protocol::{Map, Value};
use switchover_values::{Scope, Value as Template, to_json};
use tokio::sync::oneshot;

use super::{Step, StepOutcome};
use crate::performed::Performed;
use crate::recorded::Recorded;
use crate::settings::Settings;
use crate::state_change::StateChange;
use crate::task_digest::task_digest;
use crate::world::World;

impl Step {
    /// Returns what is written down before the step acts.
    pub(super) fn intent(&self, scope: &Scope, module: &Module, destroys: Option<String>) -> Intent {
        Intent {
            act: self.act.clone(),
            digest: task_digest(&self.task),
            task: self.play.world.events.mask(&self.title(scope)),
            place: crate::events::place(&self.task.span),
            destroys,
            detached: module.spec.long || self.task.detach.is_some(),
            label: self.label_of_item(scope),
            registers: self.register_name(),
        }
    }

    /// Returns the item that the step is at, as it may be told.
    fn label_of_item(&self, scope: &Scope) -> Option<String> {
        self.act.item?;
        let item = scope.get(&self.names().ok()?.item).ok()??;
        let world = &self.play.world;
        let hidden = Settings::read(world, &self.task, scope).is_ok_and(|settings| settings.no_log);
        let label = self.label(scope, &item).ok().filter(|_| !hidden)?;
        Some(world.events.mask(&label))
    }

    /// Writes down that the step is about to act, and waits until that is on the disk.
    pub(super) async fn intend(&self, intent: Intent) -> Result<(), Box<Performed>> {
        match intend(&self.play.world, vec![intent]).await {
            Ok(()) => Ok(()),
            Err(broken) => {
                let text = format!("nothing was done on {}, because {broken}", self.host);
                Err(Box::new(Performed::new(
                    Status::Refused,
                    Map::from_iter([("msg".to_owned(), text.into())]),
                )))
            }
        }
    }

    /// Returns the step at one item of its loop.
    pub(super) fn at_item(&self, index: usize) -> Self {
        let item = u32::try_from(index).ok();
        Self { act: Act { item, ..self.act.clone() }, jobs: Arc::default(), ..self.clone() }
    }

    /// Writes down how an item ended.
    pub(super) fn end_item(
        &self,
        item: &Template,
        result: &TaskResult,
        effects: &[StateChange],
        notify: &[String],
    ) {
        let journal = &self.play.world.journal;
        if !journal.keeps() {
            return;
        }
        let recorded = Recorded::of(result, false, effects, notify).to_value();
        journal.end_item(EndedItem {
            act: self.act.clone(),
            status: result.status,
            settled: result.status.is_fine() || result.ignored,
            acted: result.status != Status::Skipped,
            body: serde_json::json!({ "item": to_json(item), "ended": recorded }),
        });
    }

    /// Returns how an item ended in an earlier part of the run, when it is still the same item.
    pub(super) fn recorded_item(&self, index: usize, item: &Template) -> Option<StepOutcome> {
        let number = u32::try_from(index).ok()?;
        let (_, body) = self.earlier.items.iter().find(|(known, _)| *known == number)?;
        if body.get("item") != Some(&to_json(item)) {
            return None;
        }
        let recorded = body.get("ended").cloned().unwrap_or(Value::Null);
        let recorded: Recorded = serde_json::from_value(recorded).ok()?;
        recorded.outcome(&self.task, &self.play.world.loader).ok()
    }
}

/// Writes intents down and waits until they are on the disk. A journal that cannot be written stops the run.
pub async fn intend(world: &World, intents: Vec<Intent>) -> Result<(), Broken> {
    let (told, heard) = oneshot::channel();
    // The receiver is gone only when the run is being stopped.
    world.journal.intend(intents, Box::new(move |result| drop(told.send(result))));
    let result = heard.await.unwrap_or_else(|_| world.journal.broken().map_or(Ok(()), Err));
    if let Err(broken) = &result {
        world.lose_journal(broken.clone());
    }
    result
}
