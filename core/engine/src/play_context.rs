use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use switchover_model::{Play, Role, roles_in};
use switchover_values::{Layer, Scope, VarMap};

use crate::magic;
use crate::vars_files;
use crate::world::World;

/// A play while it runs: what its tasks share beside the world.
pub struct PlayContext {
    pub world: Arc<World>,
    pub play: Arc<Play>,
    pub name: String,
    /// Which play of the run, from 0.
    pub number: u32,
    /// The playbook's folder, absolute.
    pub playbook_dir: PathBuf,
    pub prompts: Arc<VarMap>,
    /// Roles of the play's `roles:` and imports, in the order of their use.
    pub roles: Vec<Arc<Role>>,
    /// Every host the play's pattern names.
    pub all_hosts: Vec<String>,
    /// Those of them that no earlier play lost.
    pub started: Vec<String>,
    state: RwLock<Changing>,
}

#[derive(Default)]
struct Changing {
    /// The hosts of the batch, and those of them that have not failed.
    batch: Arc<Vec<String>>,
    active: Arc<Vec<String>>,
    /// Hosts of earlier batches that failed.
    lost: Vec<String>,
    shared_magic: Arc<VarMap>,
    vars_files: HashMap<String, Arc<VarMap>>,
    public_roles: Vec<Arc<Role>>,
    /// The names of roles that were included, as often as they were.
    included_roles: Vec<String>,
}

impl PlayContext {
    /// Returns the context of a play before its first batch.
    pub fn new(
        world: &Arc<World>,
        play: &Arc<Play>,
        (number, name): (u32, String),
        playbook_dir: PathBuf,
        (all_hosts, started): (Vec<String>, Vec<String>),
        prompts: Arc<VarMap>,
    ) -> Arc<Self> {
        let mut context = Self {
            world: Arc::clone(world),
            play: Arc::clone(play),
            name,
            number,
            playbook_dir,
            prompts,
            roles: static_roles(play),
            all_hosts: Vec::new(),
            started: Vec::new(),
            state: RwLock::default(),
        };
        context.all_hosts = context.sorted(all_hosts);
        context.started = context.sorted(started);
        let context = Arc::new(context);
        context.set_batch(Vec::new());
        context
    }

    /// Sets the hosts of the current batch; all of them are active.
    pub fn set_batch(self: &Arc<Self>, hosts: Vec<String>) {
        let hosts = Arc::new(self.sorted(hosts));
        self.change(|state| {
            let failed = state.batch.iter().filter(|host| !state.active.contains(host)).cloned();
            state.lost.extend(failed.collect::<Vec<_>>());
            state.batch = Arc::clone(&hosts);
            state.active = hosts;
        });
        let magic = magic::shared(self);
        self.change(|state| state.shared_magic = Arc::new(magic));
    }

    /// Takes hosts of the batch that failed out of `ansible_play_hosts`.
    pub fn set_active(self: &Arc<Self>, hosts: Vec<String>) {
        let hosts = Arc::new(self.sorted(hosts));
        self.change(|state| state.active = hosts);
        let magic = magic::shared(self);
        self.change(|state| state.shared_magic = Arc::new(magic));
    }

    /// Playbooks see hosts in the order of the inventory, whatever `order` says.
    fn sorted(&self, mut hosts: Vec<String>) -> Vec<String> {
        if self.play.order.is_some() {
            let all = self.world.hosts.names();
            hosts.sort_by_key(|host| all.iter().position(|known| known == host));
        }
        hosts
    }

    /// Makes the variables of a role known to the whole play (`include_role` with `public: true`).
    pub fn publish_role(&self, role: &Arc<Role>) {
        self.change(|state| state.public_roles.push(Arc::clone(role)));
    }

    /// Notes that a role was included: it is a role of the play from now on.
    pub fn note_included(self: &Arc<Self>, role: &Role) {
        self.change(|state| state.included_roles.push(role.name.clone()));
        let magic = magic::shared(self);
        self.change(|state| state.shared_magic = Arc::new(magic));
    }

    /// Returns the names of the roles that were included.
    pub fn included_roles(&self) -> Vec<String> {
        self.read(|state| state.included_roles.clone())
    }

    /// Reads `vars_files` for a host; names may be templates that use the host's facts.
    pub fn reload_vars_files(self: &Arc<Self>, host: &str) {
        if self.play.vars_files.is_empty() {
            return;
        }
        let vars = Arc::new(vars_files::read(self, host));
        self.change(|state| {
            state.vars_files.insert(host.to_owned(), vars);
        });
    }

    /// Returns the hosts of the play that have not failed, whatever their batch.
    pub fn playing(&self) -> Vec<String> {
        self.read(|state| {
            let gone = |host: &String| state.lost.contains(host);
            let fell = |host: &String| state.batch.contains(host) && !state.active.contains(host);
            self.started.iter().filter(|host| !gone(host) && !fell(host)).cloned().collect()
        })
    }

    /// Returns the hosts of the batch that have not failed.
    pub fn active(&self) -> Arc<Vec<String>> {
        self.read(|state| Arc::clone(&state.active))
    }

    /// Returns the variables that the engine gives and that all hosts share.
    pub fn shared_magic(&self) -> Arc<VarMap> {
        self.read(|state| Arc::clone(&state.shared_magic))
    }

    /// Returns what a host knows outside any task.
    pub fn scope(self: &Arc<Self>, host: &str) -> Scope {
        let mut scope = Scope::with_settings(Arc::clone(&self.world.templates));
        let (files, magic, public) = self.read(|state| {
            let files = state.vars_files.get(host).cloned();
            (files, Arc::clone(&state.shared_magic), state.public_roles.clone())
        });
        let shared = self.roles.iter().filter(|_| !self.world.options.private_role_vars);
        for role in shared.chain(&public) {
            scope.push(Layer::RoleDefaults, role_vars(&role.defaults));
            scope.push(Layer::RoleVars, role_vars(&role.vars));
        }
        for (layer, vars) in self.world.hosts.layers(host).iter() {
            scope.push(*layer, Arc::clone(vars));
        }
        let memory = self.world.memory.of(host);
        scope.push(Layer::HostFacts, memory.facts());
        scope.push(Layer::PlayVars, role_vars(&self.play.vars));
        scope.push(Layer::PlayVarsPrompt, Arc::clone(&self.prompts));
        if let Some(files) = files {
            scope.push(Layer::PlayVarsFiles, files);
        }
        scope.push(Layer::IncludeVars, memory.included);
        scope.push(Layer::SetFacts, memory.set);
        scope.push(Layer::ExtraVars, Arc::clone(&self.world.options.extra_vars));
        scope.overlay(magic);
        scope.overlay(self.world.hosts.magic(host));
        scope
    }

    fn change<T>(&self, change: impl FnOnce(&mut Changing) -> T) -> T {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner))
    }

    fn read<T>(&self, read: impl FnOnce(&Changing) -> T) -> T {
        read(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Returns an author's mapping as variables.
pub fn role_vars(mapping: &switchover_syntax::Mapping) -> Arc<VarMap> {
    Arc::new(VarMap::from_mapping(mapping))
}

/// Collects the roles that are known before the play starts, in order, each once.
fn static_roles(play: &Play) -> Vec<Arc<Role>> {
    [&play.pre_tasks, &play.roles, &play.tasks, &play.post_tasks]
        .into_iter()
        .flat_map(|items| roles_in(items))
        .collect()
}
