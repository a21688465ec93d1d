use std::sync::Arc;

use switchover_journal::Status;
use switchover_model::Task;
use switchover_protocol::Map;
use switchover_values::Scope;

use super::Step;
use crate::background::{Job, Owner};
use crate::host_side::job_key;
use crate::job_id;
use crate::performed::Performed;
use crate::settings::{Settings, number};
use crate::world::World;

/// Returns whether the program that a task starts is all there is to it.
pub fn is_whole(world: &World, task: &Task) -> bool {
    world.catalog.resolve(&task.action.name).is_some_and(|module| module.spec.one_exec)
}

/// Modules that Ansible does not run with `async`, because they work on the controller.
const CONTROLLER_S: [&str; 9] = [
    "assemble",
    "copy",
    "fetch",
    "gather_facts",
    "raw",
    "script",
    "template",
    "unarchive",
    "wait_for_connection",
];

impl Step {
    /// Returns whether the task starts something and does not wait for it (`async` with `poll: 0`).
    pub(super) fn is_background(&self, scope: &Scope) -> bool {
        let rendered = |node: &Option<_>| node.as_ref().and_then(|node| number(&scope.render(node).ok()?));
        rendered(&self.task.detach).is_some_and(|limit| limit > 0) && rendered(&self.task.poll) == Some(0)
    }

    /// Returns the name of what the task does when that cannot run by itself and the task has `async`: the engine's own
    /// actions, and modules whose work is on the controller.
    pub(super) fn never_async(&self, scope: &Scope) -> Option<&str> {
        let limit = self.task.detach.as_ref().and_then(|node| number(&scope.render(node).ok()?));
        let name = switchover_model::short(&self.task.action.name);
        let never = crate::action::find(name).is_some() || CONTROLLER_S.contains(&name);
        (never && limit.is_some_and(|limit| limit > 0)).then_some(name)
    }

    /// Starts the module and answers at once; `async_status` tells the rest.
    ///
    /// Where a program is all there is to it, its start is waited for: a resumed run finds it on the host.
    pub(super) async fn perform_in_background(&self, scope: &Scope, settings: Settings) -> Performed {
        let world = Arc::clone(&self.play.world);
        let nth = self.jobs.load(std::sync::atomic::Ordering::SeqCst);
        let id = job_key(self, nth);
        let (step, inner, key) = (self.clone(), scope.clone(), id.clone());
        let task = world.events.mask(&self.title(scope));
        let owner = Owner { host: self.host.clone(), task, job: None };
        world.background.insert(&id, owner, Job::Starting);
        tokio::spawn(async move {
            let performed = step.perform_module(&inner, &settings).await;
            let (result, _) = step.judged(performed, &inner, 1);
            step.play.world.background.set(&key, Job::Done(Box::new(result)));
        });
        if is_whole(&world, &self.task) {
            world.background.until_begun(&id).await;
        }
        let result = Map::from_iter([
            ("ansible_job_id".to_owned(), job_id::id_of(&id).into()),
            ("started".to_owned(), true.into()),
            ("finished".to_owned(), false.into()),
            ("results_file".to_owned(), format!("~/.switchover/jobs/{id}").into()),
        ]);
        Performed::new(Status::Changed, result)
    }
}
