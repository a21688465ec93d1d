use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use switchover_inventory::{Files, HostSource, Inventory, Pattern, PlainFiles, VarsBeside};
use switchover_protocol::{Map, Value as Json};
use switchover_syntax::Diagnostic;
use switchover_values::{Layer, Stored, Value, VarMap, from_json};

/// A host's variables from the inventory, weakest first.
type Layers = Arc<[(Layer, Arc<VarMap>)]>;

/// Where the inventory of a run comes from.
pub trait Sources: Send + Sync {
    /// Returns how the files of groups and hosts that come into being are read.
    fn files(&self) -> &dyn Files;

    /// Reads the inventory anew, with what is beside the playbook.
    fn read(&self) -> Result<(Inventory, VarsBeside), Vec<Diagnostic>>;
}

/// The inventory of a run, which `add_host` and `group_by` change.
pub struct Hosts {
    inventory: RwLock<Arc<Inventory>>,
    /// `group_vars` and `host_vars` beside the playbook.
    playbook: RwLock<VarsBeside>,
    sources: Vec<String>,
    read_from: Box<dyn Sources>,
    /// Computed once a host; emptied when the inventory changes.
    known: RwLock<Known>,
    warnings: Mutex<Vec<String>>,
    /// What tasks did to the inventory, in this order: it is done again after sources were read again.
    edits: Mutex<Vec<Edit>>,
    mismatch: Mismatch,
}

/// What is done about a pattern that matches nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mismatch {
    Ignore,
    #[default]
    Warn,
    Fail,
}

/// What a task did to the inventory.
#[derive(Clone)]
enum Edit {
    Host { name: String, groups: Vec<String>, vars: VarMap },
    Group { host: String, group: String, parents: Vec<String> },
}

#[derive(Default)]
struct Known {
    layers: HashMap<String, Layers>,
    magic: HashMap<String, Arc<VarMap>>,
    groups: Option<Value>,
    implicit: HashMap<String, Layers>,
}

impl Hosts {
    /// Returns the hosts of an inventory that was read from these sources.
    pub fn new(
        inventory: Inventory,
        playbook: VarsBeside,
        sources: Vec<String>,
        read_from: Box<dyn Sources>,
    ) -> Self {
        let (inventory, playbook) = (RwLock::new(Arc::new(inventory)), RwLock::new(playbook));
        Self {
            inventory,
            playbook,
            sources,
            read_from,
            known: RwLock::default(),
            warnings: Mutex::default(),
            edits: Mutex::default(),
            mismatch: Mismatch::Warn,
        }
    }

    /// Sets what is done about a pattern that matches nothing.
    pub fn on_mismatch(self, mismatch: Mismatch) -> Self {
        Self { mismatch, ..self }
    }

    /// Returns the inventory as it stands.
    pub fn inventory(&self) -> Arc<Inventory> {
        Arc::clone(&self.inventory.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the paths of the sources.
    pub fn sources(&self) -> Vec<String> {
        self.sources.clone()
    }

    /// Returns the hosts of a pattern, cut to the limit.
    pub fn select(&self, pattern: &str, limit: Option<&str>) -> Result<Vec<String>, String> {
        let pattern = Pattern::parse(pattern).map_err(|error| error.to_string())?;
        let limit = limit.map(|limit| Pattern::parse_limit(limit, &PlainFiles)).transpose();
        let limit = limit.map_err(|error| error.to_string())?;
        let selection = self.inventory().hosts(&pattern, limit.as_ref());
        let beyond = selection.out_of_range.iter();
        let beyond = beyond.map(|part| format!("`{part}` asks for a host beyond the last one"));
        let unmatched = selection.unmatched.iter();
        let mut texts = unmatched
            .map(|part| format!("Could not match supplied host pattern, ignoring: {part}"))
            .chain(beyond);
        match self.mismatch {
            Mismatch::Fail => {
                if let Some(text) = texts.next() {
                    return Err(text);
                }
            }
            Mismatch::Warn => {
                self.warnings.lock().unwrap_or_else(PoisonError::into_inner).extend(texts);
            }
            Mismatch::Ignore => {}
        }
        let hosts: Vec<String> = selection.hosts.iter().map(ToString::to_string).collect();
        for host in &hosts {
            self.ensure(host);
        }
        Ok(hosts)
    }

    /// Returns the warnings since the last call.
    pub fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut *self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes a host known that no source names: `localhost` without a connection, others by their name.
    pub fn ensure(&self, name: &str) {
        if self.inventory().host(name).is_some() {
            return;
        }
        let vars = if matches!(name, "localhost" | "127.0.0.1" | "::1") {
            Inventory::implicit_localhost(name).vars
        } else {
            Arc::default()
        };
        let mut layers: Vec<_> = self.inventory().layers(name, Some(&self.beside_playbook()));
        layers.push((Layer::InventoryHost, vars));
        self.change(|known| known.implicit.insert(name.to_owned(), layers.into()));
    }

    /// Returns whether variables of this host can be asked for.
    pub fn knows(&self, name: &str) -> bool {
        let implicit = matches!(name, "localhost" | "127.0.0.1" | "::1");
        if implicit {
            self.ensure(name);
        }
        implicit
            || self.inventory().host(name).is_some()
            || self.read(|known| known.implicit.contains_key(name))
    }

    /// Returns the names of all hosts of the inventory.
    pub fn names(&self) -> Vec<String> {
        self.inventory().all_hosts().map(|host| host.name.to_string()).collect()
    }

    /// Returns a host's variables by precedence.
    pub fn layers(&self, name: &str) -> Layers {
        if let Some(layers) = self.read(|known| known.layers.get(name).or(known.implicit.get(name)).cloned())
        {
            return layers;
        }
        let layers: Layers = self.inventory().layers(name, Some(&self.beside_playbook())).into();
        self.change(|known| known.layers.insert(name.to_owned(), Arc::clone(&layers)));
        layers
    }

    /// Returns `inventory_hostname` and its kin.
    pub fn magic(&self, name: &str) -> Arc<VarMap> {
        if let Some(magic) = self.read(|known| known.magic.get(name).cloned()) {
            return magic;
        }
        let magic = Arc::new(self.describe(name));
        self.change(|known| known.magic.insert(name.to_owned(), Arc::clone(&magic)));
        magic
    }

    fn describe(&self, name: &str) -> VarMap {
        let inventory = self.inventory();
        let mut vars = VarMap::new();
        let mut set = |key: &str, value: Value| drop(vars.insert(key, Stored::Data(value)));
        set("inventory_hostname", name.into());
        set("inventory_hostname_short", name.split('.').next().unwrap_or(name).into());
        set("group_names", inventory.group_names(name).into_iter().collect());
        let places = inventory.host(name).map(|host| host.source.as_ref().map(HostSource::places));
        if let Some(places) = places {
            // A host that a task added has them too, without a value.
            let (file, folder) = places.map_or_else(
                || (().into(), ().into()),
                |(file, folder)| (Value::from(file), Value::from(folder)),
            );
            set("inventory_file", file);
            set("inventory_dir", folder);
        }
        vars
    }

    /// Returns `groups`: every group with its hosts.
    pub fn groups(&self) -> Value {
        if let Some(groups) = self.read(|known| known.groups.clone()) {
            return groups;
        }
        let inventory = self.inventory();
        let hosts = |name: &str| -> Value {
            inventory.group_hosts(name).into_iter().map(|host| Value::from(host.name.as_ref())).collect()
        };
        let groups = Value::from_pairs(
            inventory.all_groups().map(|group| (Value::from(group.name.to_string()), hosts(&group.name))),
        );
        self.change(|known| known.groups = Some(groups.clone()));
        groups
    }

    /// Adds a host, or puts a known one into more groups (`add_host`).
    pub fn add(&self, name: &str, groups: &[String], vars: Map) {
        let vars: VarMap = vars
            .into_iter()
            .map(|(key, value): (String, Json)| (key, Stored::Data(from_json(value))))
            .collect();
        self.edit(Edit::Host { name: name.to_owned(), groups: groups.to_vec(), vars });
    }

    /// Puts a host into a group (`group_by`).
    pub fn group_by(&self, name: &str, group: &str, parents: &[String]) {
        let (host, group) = (name.to_owned(), group.to_owned());
        self.edit(Edit::Group { host, group, parents: parents.to_vec() });
    }

    fn edit(&self, edit: Edit) {
        self.carry_out(&edit);
        self.edits.lock().unwrap_or_else(PoisonError::into_inner).push(edit);
        self.forget();
    }

    fn beside_playbook(&self) -> RwLockReadGuard<'_, VarsBeside> {
        self.playbook.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the inventory, and reads what stands in files for a host and groups that may be new.
    fn carry_out(&self, edit: &Edit) {
        let mut inventory = self.inventory.write().unwrap_or_else(PoisonError::into_inner);
        let inventory = Arc::make_mut(&mut inventory);
        let (host, groups, problem) = match edit {
            Edit::Host { name, groups, vars } => {
                let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
                inventory.add_host(name, &groups, vars);
                (name, groups, None)
            }
            Edit::Group { host, group, parents } => {
                let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
                let problem = inventory.group_by(host, group, &parents).err();
                (host, std::iter::once(group.as_str()).chain(parents).collect(), problem)
            }
        };
        let mut found = inventory.learn(&groups, host, self.read_from.files());
        let mut playbook = self.playbook.write().unwrap_or_else(PoisonError::into_inner);
        found.extend(playbook.learn(&groups, host, self.read_from.files()));
        let texts = problem.map(|error| error.to_string()).into_iter().chain(found.iter().map(line));
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).extend(texts);
    }

    /// Reads all sources again (`meta: refresh_inventory`); what tasks added stays. What cannot be read is told and
    /// changes nothing.
    pub fn refresh(&self) {
        match self.read_from.read() {
            Ok((inventory, playbook)) => {
                *self.inventory.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(inventory);
                *self.playbook.write().unwrap_or_else(PoisonError::into_inner) = playbook;
                let edits = self.edits.lock().unwrap_or_else(PoisonError::into_inner).clone();
                edits.iter().for_each(|edit| self.carry_out(edit));
                self.forget();
            }
            Err(problems) => {
                let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
                warnings.push("the inventory could not be read again, so it stays as it is".to_owned());
                warnings.extend(problems.iter().map(line));
            }
        }
    }

    fn forget(&self) {
        self.change(|known| {
            known.layers.clear();
            known.magic.clear();
            known.groups = None;
        });
    }

    fn change<T>(&self, change: impl FnOnce(&mut Known) -> T) {
        change(&mut self.known.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn read<T>(&self, read: impl FnOnce(&Known) -> T) -> T {
        read(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Returns a problem in one line.
fn line(problem: &Diagnostic) -> String {
    match problem.labels.first() {
        Some(label) => format!("{} ({})", problem.message, label.span),
        None => problem.message.clone(),
    }
}
