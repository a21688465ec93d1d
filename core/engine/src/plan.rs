//! What playbooks would destroy, and where, before anything is run.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use switchover_journal::{Act, Place, StepKey};
use switchover_model::{Item, Play, Playbook, RoleFrom, Task};
use switchover_plugin_host::Module;
use switchover_protocol::Effect;
use switchover_syntax::Diagnostic;
use switchover_values::Scope;

use crate::action;
use crate::batch::include_level;
use crate::play_context::PlayContext;
use crate::play_run;
use crate::step::{Cut, Step};
use crate::task_scope::level_scope;
use crate::world::World;

mod open;

pub use open::{Open, OpenKind};

/// Files that include each other are followed so far.
const DEEPEST: usize = 20;

/// The steps of a run that need a human's word.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// In the order in which they come.
    pub steps: Vec<PlannedStep>,
    pub confirmations: Vec<PlannedConfirmation>,
    /// What may destroy something, and only the run itself can tell.
    pub open: Vec<Open>,
}

/// A step that would destroy something on a host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedStep {
    pub play: String,
    pub host: String,
    pub task: String,
    /// The name under which it is approved.
    pub step: String,
    pub module: String,
    /// What is lost.
    pub destroys: String,
    /// Conditions that decide, when the run comes there, whether it is done.
    pub when: Vec<String>,
    pub place: Place,
    pub approved: bool,
}

/// What a human has to vouch for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedConfirmation {
    pub play: String,
    pub id: String,
    pub prompt: String,
    pub when: Vec<String>,
    pub place: Place,
}

/// Returns the plan of these playbooks. No host is touched.
pub fn plan(world: &Arc<World>, playbooks: &[Playbook]) -> Result<Plan, Diagnostic> {
    let mut plan = Plan::default();
    for play in playbooks.iter().flat_map(|playbook| &playbook.plays) {
        let (pattern, name) = play_run::title(world, play);
        let hosts = world.hosts.select(&pattern, world.options.limit.as_deref());
        let mut hosts = hosts.map_err(|text| Diagnostic::error("playbook::hosts", text, &play.hosts.span))?;
        let joins = hosts.is_empty();
        if joins {
            let limited = world.hosts.select(&pattern, None).is_ok_and(|hosts| !hosts.is_empty());
            if limited {
                continue;
            }
            // Hosts may join while the run goes on; until then the pattern stands for them.
            hosts.push(pattern);
        }
        let folder = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")).join(&play.folder);
        let context =
            PlayContext::new(world, play, (0, name), folder, (hosts.clone(), hosts.clone()), Arc::default());
        let mut walk = Walk { play: &context, hosts: &hosts, joins, plan: &mut plan };
        for items in sections(play) {
            walk.items(items, 0);
        }
    }
    Ok(plan)
}

fn sections(play: &Play) -> [&Vec<Item>; 5] {
    [&play.pre_tasks, &play.roles, &play.tasks, &play.post_tasks, &play.handlers]
}

struct Walk<'a> {
    play: &'a Arc<PlayContext>,
    hosts: &'a [String],
    /// There is no host yet: the only name is the play's pattern.
    joins: bool,
    plan: &'a mut Plan,
}

impl Walk<'_> {
    fn items(&mut self, items: &[Item], depth: usize) {
        for item in items {
            match item {
                Item::Task(task) => self.task(task, depth),
                Item::Block(block) => {
                    for part in [&block.body, &block.rescue, &block.always] {
                        self.items(part, depth);
                    }
                }
            }
        }
    }

    fn task(&mut self, task: &Arc<Task>, depth: usize) {
        match switchover_model::short(&task.action.name) {
            "include_tasks" | "include_role" => self.include(task, depth),
            "confirm" => self.confirmation(task),
            _ if action::find(&task.action.name).is_some() => {}
            _ => self.hosts.iter().for_each(|host| self.step(task, host)),
        }
    }

    fn step(&mut self, task: &Arc<Task>, host: &str) {
        let step = self.at(task, host);
        if task.action.computed.is_some() {
            let why = "which module it is comes from a template".to_owned();
            return self.leave_open(OpenKind::Step, &step, None, (None, why));
        }
        let world = Arc::clone(&self.play.world);
        let Some(module) = world.catalog.resolve(&task.action.name) else { return };
        let scopes = match step.scopes_of_items() {
            Ok(scopes) => scopes,
            Err(failed) => {
                let known = open::effect(&step, module, &step.scope).is_ok_and(|effect| !destroys(&effect));
                if !known {
                    let cause = failed.cause.map(|cause| cause.text).unwrap_or_default();
                    let why = format!("the items of its loop are not known yet: {cause}");
                    self.leave_open(OpenKind::Step, &step, None, (open::written(task), why));
                }
                return;
            }
        };
        scopes.iter().for_each(|scope| self.act(&step, module, scope));
    }

    /// Takes one act of a step in: the whole of it, or one item of its loop.
    fn act(&mut self, step: &Step, module: &Module, scope: &Scope) {
        let world = &self.play.world;
        let name = open::name(step, module, scope);
        let what = match open::effect(step, module, scope) {
            Ok(Effect::Destroys { what }) => what,
            Ok(_) => return,
            Err(why) => {
                let told = (open::written(&step.task), why);
                return self.leave_open(OpenKind::Step, step, name.ok(), told);
            }
        };
        let name = match name {
            Ok(name) => name,
            Err(why) => return self.leave_open(OpenKind::Step, step, None, (Some(what), why)),
        };
        if self.joins {
            let why = format!("no host is in `{}` yet", step.host);
            return self.leave_open(OpenKind::Hosts, step, Some(name), (Some(what), why));
        }
        let title = step.title(scope);
        let approved = world.options.approvals.allow(&[&name, &module.spec.name, &title], &step.host);
        let planned = PlannedStep {
            play: self.play.name.clone(),
            host: step.delegate(scope).ok().flatten().unwrap_or_else(|| step.host.clone()),
            task: title,
            step: name,
            module: module.spec.name.clone(),
            destroys: what,
            when: conditions(&step.task),
            place: crate::events::place(&step.task.span),
            approved,
        };
        if !self.plan.steps.contains(&planned) {
            self.plan.steps.push(planned);
        }
    }

    /// Takes in what only the run can tell: what is lost as far as that is known, and why it is not known.
    fn leave_open(
        &mut self,
        kind: OpenKind,
        step: &Step,
        name: Option<String>,
        told: (Option<String>, String),
    ) {
        let (destroys, why) = told;
        let open = Open {
            kind: if self.joins { OpenKind::Hosts } else { kind },
            play: self.play.name.clone(),
            host: step.host.clone(),
            task: step.title(&step.scope),
            step: name,
            destroys,
            why,
            when: conditions(&step.task),
            place: crate::events::place(&step.task.span),
        };
        if !self.plan.open.contains(&open) {
            self.plan.open.push(open);
        }
    }

    fn confirmation(&mut self, task: &Arc<Task>) {
        let scope = self.at(task, &self.hosts[0]).scope;
        let text = |name: &str| {
            let node = task.action.args.as_mapping().and_then(|mapping| mapping.get(name));
            node.map(|node| {
                let written = node.as_str().unwrap_or_default().to_owned();
                scope.render(node).map_or(written, |value| value.to_string())
            })
        };
        self.plan.confirmations.push(PlannedConfirmation {
            play: self.play.name.clone(),
            id: text("id").unwrap_or_default(),
            prompt: text("prompt").unwrap_or_default(),
            when: conditions(task),
            place: crate::events::place(&task.span),
        });
    }

    fn include(&mut self, task: &Arc<Task>, depth: usize) {
        let scope = self.at(task, &self.hosts[0]).scope;
        match self.included(task, &scope).filter(|_| depth < DEEPEST) {
            Some(items) => self.items(&items, depth + 1),
            None => {
                let step = self.at(task, &self.hosts[0]);
                let why = "it includes what only the run can tell".to_owned();
                self.leave_open(OpenKind::Include, &step, None, (None, why));
            }
        }
    }

    /// Returns what an include brings, when that can be told before the run.
    fn included(&self, task: &Arc<Task>, scope: &Scope) -> Option<Vec<Item>> {
        let (loader, parent) = (&self.play.world.loader, include_level(task));
        let text = |name: &str| {
            let node = task.action.args.as_mapping()?.get(name)?;
            scope.render(node).ok().map(|value| value.to_string())
        };
        if switchover_model::short(&task.action.name) == "include_role" {
            let from = RoleFrom {
                tasks_from: text("tasks_from"),
                vars_from: text("vars_from"),
                defaults_from: text("defaults_from"),
                handlers_from: text("handlers_from"),
                unchecked: true,
            };
            let name = text("name").or_else(|| text("role"))?;
            let (_, block) = loader
                .role((&name, &task.span), &from, &parent, std::slice::from_ref(&self.play.play.folder))
                .ok()?;
            return Some(block.body);
        }
        let free = || Some(scope.render(task.action.free_form.as_ref()?).ok()?.to_string());
        let name = text("file").or_else(|| text("_raw_params")).or_else(free)?;
        let path = action::find_tasks(task, scope, &name)?;
        loader.tasks_file(&path, &parent, task.is_handler).ok()
    }

    fn at(&self, task: &Arc<Task>, host: &str) -> Step {
        let step = StepKey { play: 0, host: host.to_owned(), ordinal: 0 };
        Step {
            play: Arc::clone(self.play),
            task: Arc::clone(task),
            id: 0,
            host: host.to_owned(),
            scope: level_scope(self.play, host, task, &[]),
            act: Act { step, item: None },
            earlier: Arc::default(),
            jobs: Arc::default(),
            time: Arc::default(),
            slot: None,
            cut: Cut::default(),
        }
    }
}

fn destroys(effect: &Effect) -> bool {
    matches!(effect, Effect::Destroys { .. })
}

/// Returns the conditions of all levels around a task, the outermost first.
fn conditions(task: &Task) -> Vec<String> {
    let mut levels: Vec<_> = task.context.levels().collect();
    levels.reverse();
    let text = |node| match switchover_values::to_json(&switchover_values::node_to_value(node)) {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    levels.iter().flat_map(|level| &level.when).map(text).collect()
}
