use std::path::Path;
use std::sync::Arc;

use switchover_journal::{Cause, EventKind, Status, TaskResult};
use switchover_model::{Block, Context, Task};
use switchover_protocol::Map;
use switchover_syntax::{Diagnostic, Span};

use super::Batch;
use crate::action;
use crate::cursor::Part;
use crate::state_change::{Include, Included};
use crate::step::StepOutcome;

/// Includes that a host decided.
pub struct Decided {
    pub host: usize,
    pub task: Arc<Task>,
    pub includes: Vec<Include>,
    /// In an earlier part of the run.
    pub recorded: bool,
}

/// Hosts that include the same thing with the same item go through it together.
struct Group {
    task: u32,
    what: Included,
    label: Option<String>,
    hosts: Vec<usize>,
    block: Result<Arc<Block>, Vec<Diagnostic>>,
    /// All of them did so in an earlier part of the run.
    recorded: bool,
}

impl Batch {
    /// Loads what was included and sends the hosts into it.
    pub(super) fn enter_includes(&mut self) {
        let waiting = std::mem::take(&mut self.includes);
        let (mut groups, mut failures): (Vec<Group>, Vec<_>) = (Vec::new(), Vec::new());
        for Decided { host, task, includes, recorded } in waiting {
            let mut parts = Vec::new();
            let mut failed = None;
            for include in &includes {
                let order = self.group(&mut groups, host, &task, include);
                groups[order].recorded &= recorded;
                match &groups[order].block {
                    Ok(block) => parts.push(Part {
                        block: Arc::clone(block),
                        extra: Some(Arc::clone(&include.vars)),
                        order: u32::try_from(order).unwrap_or(u32::MAX),
                    }),
                    Err(problems) => failed = Some((include.clone(), problems.clone())),
                }
            }
            match failed {
                None => self.hosts[host].cursor.include(parts),
                Some((include, problems)) if problems.iter().all(|problem| is_absence(&include, problem)) => {
                    failures.push((host, task, include, problems));
                }
                Some((_, problems)) => return self.play.world.break_off_misread(problems),
            }
        }
        for group in groups {
            self.tell_include(&group);
        }
        for (host, task, include, problems) in failures {
            self.fail_include(host, &task, &include, &problems);
        }
    }

    fn group(&mut self, groups: &mut Vec<Group>, host: usize, task: &Arc<Task>, include: &Include) -> usize {
        let same = |group: &Group| {
            group.what == include.what && group.label == include.label && !group.hosts.contains(&host)
        };
        if let Some(index) = groups.iter().position(same) {
            groups[index].hosts.push(host);
            return index;
        }
        let block = self.load(task, include);
        let (what, label) = (include.what.clone(), include.label.clone());
        let task = self.announced.get(&crate::host_run::address(task)).map(|(_, id)| *id).unwrap_or_default();
        groups.push(Group { task, what, label, hosts: vec![host], block, recorded: true });
        groups.len() - 1
    }

    fn load(&mut self, task: &Arc<Task>, include: &Include) -> Result<Arc<Block>, Vec<Diagnostic>> {
        let loader = &self.play.world.loader;
        let parent = include_level(task);
        let parent = match &include.apply {
            Some(keywords) => loader.level(keywords, &parent)?,
            None => parent,
        };
        match &include.what {
            Included::Tasks(path) => {
                if !path.exists() {
                    return Err(vec![no_file(task, path)]);
                }
                let body = loader.tasks_file(path, &parent, task.is_handler)?;
                for known in switchover_model::roles_in(&body) {
                    self.handlers.add(&known.handlers, &include.vars);
                }
                let (span, context) = (task.span.clone(), parent);
                Ok(Arc::new(Block {
                    span,
                    name: None,
                    context,
                    body,
                    rescue: Vec::new(),
                    always: Vec::new(),
                }))
            }
            Included::Role { name, from, public, .. } => {
                let search = [self.play.play.folder.clone()];
                let (role, block) = loader.role((name, written(task)), from, &parent, &search)?;
                for known in switchover_model::roles_in(&block.body) {
                    self.handlers.add(&known.handlers, &include.vars);
                }
                if *public {
                    self.play.publish_role(&role);
                }
                self.play.note_included(&role);
                Ok(Arc::new(block))
            }
        }
    }

    fn tell_include(&self, group: &Group) {
        if group.block.is_ok() {
            let hosts = group.hosts.iter().map(|index| self.hosts[*index].name.clone()).collect();
            let file = match &group.what {
                Included::Tasks(path) => path.display().to_string(),
                Included::Role { name, .. } => name.clone(),
            };
            let (task, label) = (group.task, group.label.clone());
            self.tell(group.recorded, EventKind::Included { task, file, hosts, label });
        }
    }

    fn fail_include(&mut self, host: usize, task: &Arc<Task>, include: &Include, problems: &[Diagnostic]) {
        let mut result = not_included(task, problems);
        if let Included::Tasks(path) = &include.what {
            let name = path.strip_prefix(action::beside(task)).unwrap_or(path);
            result.result.insert("include".to_owned(), name.display().to_string().into());
        }
        let id = self.announced.get(&crate::host_run::address(task)).map(|(_, id)| *id).unwrap_or_default();
        let outcome =
            StepOutcome { result, looped: false, effects: Vec::new(), notify: Vec::new(), cut: None };
        let rescued = self.fail(&[host], task, &outcome);
        let (name, result) = (self.hosts[host].name.clone(), outcome.result);
        self.play.world.events.send(EventKind::HostFinished {
            task: id,
            host: name,
            result,
            looped: false,
            rescued,
        });
    }
}

fn no_file(task: &Task, path: &Path) -> Diagnostic {
    let missing = format!("Could not find or access '{}' on the Ansible Controller", path.display());
    let text = format!(
        "{missing}: Unable to retrieve file contents.\n{missing}.\nIf you are using a module and expect the file to exist on \
         the remote, see the remote_src option: [Errno 2] No such file or directory: '{}'",
        path.display()
    );
    let written = task.action.args.as_mapping().and_then(|mapping| mapping.get("file"));
    let span = written.map_or(&task.span, |node| &node.span);
    Diagnostic::error("playbook::no-such-file", text, span)
        .help("relative names begin at the folder of the file that includes them, then at the role's tasks")
}

/// What is not there, or is no list of tasks, is the failure of the hosts that wanted it; any other mistake ends the run.
fn is_absence(include: &Include, problem: &Diagnostic) -> bool {
    match &include.what {
        Included::Tasks(_) => matches!(problem.code, "playbook::no-such-file" | "playbook::no-task-list"),
        Included::Role { .. } => problem.code == "role::not-found",
    }
}

/// Returns the result of an include that could not be read: why, where, and what to do.
fn not_included(task: &Task, problems: &[Diagnostic]) -> TaskResult {
    let reason = problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; ");
    let keys = [
        ("changed".to_owned(), false.into()),
        ("failed".to_owned(), true.into()),
        ("reason".to_owned(), reason.clone().into()),
    ];
    // A name that was rendered stands in no file: then the include does.
    let written = problems.iter().find_map(|problem| Some(&problem.labels.first()?.span));
    let written = written.filter(|span| span.source.name().exists()).unwrap_or(&task.span);
    let remedy = problems.iter().find_map(|problem| problem.help.clone());
    let cause = Cause { stage: String::new(), text: reason, place: Some(crate::events::place(written)) };
    TaskResult { cause: Some(cause), remedy, ..TaskResult::new(Status::Failed, Map::from_iter(keys)) }
}

/// Returns the level that included tasks inherit from: the include's own, whose condition and tags were judged
/// already, with its variables as parameters. Other keywords of a dynamic include are about the include itself.
pub fn include_level(task: &Task) -> Arc<Context> {
    let own = &task.context;
    Arc::new(Context {
        parent: own.parent.clone(),
        keywords: switchover_model::Keywords::default(),
        when: Vec::new(),
        tags: Vec::new(),
        vars: None,
        include_params: own.vars.clone(),
        role: own.role.clone(),
        role_params: own.role_params.clone(),
        folder: own.folder.clone(),
    })
}

/// Returns where an `include_role` names its role.
fn written(task: &Task) -> &Span {
    let args = task.action.args.as_mapping();
    let name = args.and_then(|args| args.get("name").or_else(|| args.get("role")));
    name.map_or(&task.span, |name| &name.span)
}
