use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use switchover_connect::{HostKeyChecking, Secret};
use switchover_protocol::Map;
use switchover_values::VarMap;

use crate::plan::Plan;

/// What the operator asked for: the command line, after defaults.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many hosts work at once.
    pub forks: usize,
    pub check: bool,
    pub diff: bool,
    /// 0 to 4.
    pub verbosity: u8,
    pub tags: Vec<String>,
    pub skip_tags: Vec<String>,
    pub limit: Option<String>,
    /// The configuration that was read.
    pub config_file: Option<PathBuf>,
    pub extra_vars: Arc<VarMap>,
    pub start_at_task: Option<String>,
    /// A human is asked before each task.
    pub step: bool,
    pub force_handlers: bool,
    /// Whether a notified handler that does not exist ends the run; otherwise it is warned of.
    pub error_on_missing_handler: bool,
    /// Whether `pause` goes on when it waits for somebody and nobody is at a terminal, with a warning, as in Ansible.
    pub passes_pauses: bool,
    /// When plays gather facts.
    pub gathering: Gathering,
    /// Variables of roles are seen by the tasks of the role only.
    pub private_role_vars: bool,
    /// Whether simple steps of a single host may be sent to it together, ahead of their turns.
    pub batch: bool,
    /// Locks are taken whatever the run does.
    pub lock: bool,
    pub approvals: Approvals,
    /// The reviewed plan that the run holds to.
    pub plan: Option<Arc<Plan>>,
    /// What was allowed since the run was interrupted: only this counts for a step that was begun before.
    pub renewed: Approvals,
    /// What is not as it was in an earlier part of the run is accepted.
    pub accept_changes: bool,
    /// When the run was interrupted, in seconds since 1970; 0 for one that begins.
    pub interrupted: f64,
    /// What a human says of steps that were begun and are not known to have ended.
    pub assumptions: Assumptions,
    pub connection: ConnectionDefaults,
    /// Whether titles of tasks show their arguments.
    pub show_arguments: bool,
    /// What plays and tasks do that do not say.
    pub defaults: Defaults,
    /// Who runs this, for approvals and locks: `user@machine`.
    pub operator_name: String,
}

/// When facts are gathered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gathering {
    /// At the start of each play that does not say `gather_facts: false`.
    #[default]
    Implicit,
    /// At the start of plays that say `gather_facts: true`.
    Explicit,
    /// As `Implicit`, of the hosts whose facts are not known.
    Smart,
}

/// What the configuration says for plays and tasks that say nothing themselves.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    pub strategy: Option<String>,
    pub any_errors_fatal: bool,
    pub no_log: bool,
    /// Seconds that a task may take.
    pub timeout: Option<u64>,
    /// The modules that gather facts; `smart` is `setup`.
    pub facts_modules: Vec<String>,
}

/// Which destroying steps the operator allowed on the command line.
#[derive(Clone, Debug, Default)]
pub struct Approvals {
    pub all: bool,
    /// Names of steps: a module, a task's name, or its `approve:`; with `@HOST` behind, of this host only.
    pub names: Vec<String>,
}

impl Approvals {
    /// Returns whether one of these names of a step is allowed on a host.
    pub fn allow(&self, names: &[&str], host: &str) -> bool {
        let here = |allowed: &str| {
            let name = allowed.strip_suffix(host).and_then(|rest| rest.strip_suffix('@'));
            names.contains(&allowed) || name.is_some_and(|name| names.contains(&name))
        };
        self.all || self.names.iter().any(|allowed| here(allowed))
    }
}

/// What a human found out about steps that were begun and are not known to have ended.
#[derive(Clone, Debug, Default)]
pub struct Assumptions {
    pub all: Option<Assumed>,
    /// By the number of the step.
    pub steps: HashMap<u64, Assumed>,
    /// What such a step gave, by its number: only a human can know.
    pub results: HashMap<u64, Map>,
}

/// What became of a step whose end nobody saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assumed {
    /// It did its work.
    Done,
    /// It failed.
    Failed,
    /// It did nothing, or may be done again.
    Again,
}

impl Assumptions {
    /// Returns what is assumed of a step.
    pub fn of(&self, step: u64) -> Option<Assumed> {
        self.steps.get(&step).copied().or(self.all)
    }
}

/// Connection settings of the command line and the configuration: weaker than every variable.
#[derive(Clone, Debug, Default)]
pub struct ConnectionDefaults {
    pub connection: Option<String>,
    pub user: Option<String>,
    pub private_key_file: Option<PathBuf>,
    /// Seconds.
    pub timeout: Option<u64>,
    pub ssh_common_args: Option<String>,
    pub ssh_extra_args: Option<String>,
    pub password: Option<Secret>,
    pub r#become: bool,
    pub become_method: Option<String>,
    pub become_user: Option<String>,
    pub become_password: Option<Secret>,
    pub host_key_checking: Option<HostKeyChecking>,
}
