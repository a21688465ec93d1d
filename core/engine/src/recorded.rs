use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use switchover_journal::TaskResult;
use switchover_model::{Loader, RoleFrom, Task};
use switchover_protocol::{Map, Value};
use switchover_values::{Stored, VarMap, from_json, node_to_value, to_json};

use crate::action;
use crate::state_change::{Include, Included, Meta, StateChange};
use crate::step::StepOutcome;

/// How a step ended, as the journal keeps it: what a resumed run takes in place of doing the step.
#[derive(Debug, Serialize, Deserialize)]
pub struct Recorded {
    pub result: TaskResult,
    pub looped: bool,
    changes: Vec<Change>,
    pub notify: Vec<String>,
}

/// A [`StateChange`] without anything of the author's text: that is read again from its file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Change {
    Facts(Map),
    Set {
        vars: Map,
        cacheable: bool,
    },
    IncludeVars {
        vars: Map,
        files: Vec<PathBuf>,
        #[serde(default)]
        name: Option<String>,
    },
    AddHost {
        name: String,
        groups: Vec<String>,
        vars: Map,
    },
    GroupBy {
        group: String,
        parents: Vec<String>,
    },
    IncludeTasks {
        path: PathBuf,
        vars: Map,
        label: Option<String>,
    },
    IncludeRole {
        role: Role,
        vars: Map,
        label: Option<String>,
    },
    Meta(Meta),
}

#[derive(Debug, Serialize, Deserialize)]
struct Role {
    name: String,
    from: [Option<String>; 4],
    unchecked: bool,
    public: bool,
    allow_duplicates: bool,
}

impl Recorded {
    /// Returns what has to be kept of how a step, or an item, ended.
    pub fn of(result: &TaskResult, looped: bool, effects: &[StateChange], notify: &[String]) -> Self {
        let changes = effects.iter().map(Change::of).collect();
        Self { result: result.clone(), looped, changes, notify: notify.to_vec() }
    }

    /// Returns it as JSON.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Returns the outcome again; `task` is the one that ended so.
    pub fn outcome(self, task: &Task, loader: &Loader) -> Result<StepOutcome, String> {
        let Self { result, looped, changes, notify } = self;
        let effects =
            changes.into_iter().map(|change| change.back(task, loader)).collect::<Result<_, _>>()?;
        Ok(StepOutcome { result, looped, effects, notify, cut: None })
    }
}

impl Change {
    fn of(change: &StateChange) -> Self {
        match change {
            StateChange::Facts(facts) => Self::Facts(facts.clone()),
            StateChange::Set { vars, cacheable } => Self::Set { vars: data(vars), cacheable: *cacheable },
            StateChange::IncludeVars { vars, files, name } => Self::IncludeVars {
                vars: if files.is_empty() { data(vars) } else { Map::new() },
                files: files.clone(),
                name: name.clone(),
            },
            StateChange::AddHost { name, groups, vars } => {
                Self::AddHost { name: name.clone(), groups: groups.clone(), vars: vars.clone() }
            }
            StateChange::GroupBy { group, parents } => {
                Self::GroupBy { group: group.clone(), parents: parents.clone() }
            }
            StateChange::Include(include) => Self::of_include(include),
            StateChange::Meta(meta) => Self::Meta(*meta),
        }
    }

    fn of_include(include: &Include) -> Self {
        let (vars, label) = (data(&include.vars), include.label.clone());
        match &include.what {
            Included::Tasks(path) => Self::IncludeTasks { path: path.clone(), vars, label },
            Included::Role { name, from, public, allow_duplicates } => {
                let RoleFrom { tasks_from, vars_from, defaults_from, handlers_from, unchecked } =
                    from.clone();
                let from = [tasks_from, vars_from, defaults_from, handlers_from];
                let (public, allow_duplicates) = (*public, *allow_duplicates);
                let role = Role { name: name.clone(), from, unchecked, public, allow_duplicates };
                Self::IncludeRole { role, vars, label }
            }
        }
    }

    fn back(self, task: &Task, loader: &Loader) -> Result<StateChange, String> {
        let include = |what, vars, label| {
            let apply = action::apply_of(task);
            StateChange::Include(Include { what, vars: Arc::new(variables(vars)), label, apply })
        };
        Ok(match self {
            Self::Facts(facts) => StateChange::Facts(facts),
            Self::Set { vars, cacheable } => StateChange::Set { vars: variables(vars), cacheable },
            Self::IncludeVars { vars, files, name } => {
                let mut all = variables(vars);
                for file in &files {
                    let mapping =
                        loader.vars_file(file).map_err(|_| format!("cannot read {}", file.display()))?;
                    all.extend(&VarMap::from_mapping(&mapping));
                }
                if let Some(name) = name.as_ref().filter(|_| !files.is_empty()) {
                    all = action::under(name, &all, &task.span);
                }
                StateChange::IncludeVars { vars: all, files, name }
            }
            Self::AddHost { name, groups, vars } => StateChange::AddHost { name, groups, vars },
            Self::GroupBy { group, parents } => StateChange::GroupBy { group, parents },
            Self::IncludeTasks { path, vars, label } => include(Included::Tasks(path), vars, label),
            Self::IncludeRole { role, vars, label } => include(role.back(), vars, label),
            Self::Meta(meta) => StateChange::Meta(meta),
        })
    }
}

impl Role {
    fn back(self) -> Included {
        let Self { name, from: [tasks_from, vars_from, defaults_from, handlers_from], unchecked, .. } = self;
        let from = RoleFrom { tasks_from, vars_from, defaults_from, handlers_from, unchecked };
        Included::Role { name, from, public: self.public, allow_duplicates: self.allow_duplicates }
    }
}

fn data(vars: &VarMap) -> Map {
    let value = |stored: &Stored| match stored {
        Stored::Author(node) => to_json(&node_to_value(node)),
        Stored::Data(value) => to_json(value),
    };
    vars.iter().map(|(name, stored)| (name.to_owned(), value(stored))).collect()
}

fn variables(vars: Map) -> VarMap {
    vars.into_iter().map(|(name, value)| (name, Stored::Data(from_json(value)))).collect()
}
