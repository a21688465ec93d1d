//! The variables that the engine itself gives: `inventory_hostname`, `groups`, `hostvars`, `role_path`...

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, Weak};

use indexmap::IndexSet;
use minijinja::value::{Enumerator, Object};
use switchover_model::{Context, Role};
use switchover_syntax::{Node, NodeKind, Source, Span, Tag};
use switchover_values::{Stored, Value, VarMap};

use crate::play_context::PlayContext;

/// The version of ansible-core whose language is followed, for `ansible_version`.
pub const LANGUAGE: (u32, u32, u32) = (2, 19, 0);

/// Returns what all hosts of a play share.
pub fn shared(play: &Arc<PlayContext>) -> VarMap {
    let world = &play.world;
    let options = &world.options;
    let mut vars = VarMap::new();
    let mut set = |name: &str, value: Value| {
        vars.insert(name, Stored::Data(value));
    };
    let list = |names: &[String]| Value::from_iter(names.iter().map(String::as_str));
    let active = play.active();
    set("ansible_play_hosts_all", list(&play.all_hosts));
    set("ansible_play_hosts", list(&play.playing()));
    set("play_hosts", list(&active));
    set("ansible_play_batch", list(&active));
    set("ansible_play_name", play.name.as_str().into());
    set("groups", world.hosts.groups());
    set("hostvars", Value::from_object(HostVars(Arc::downgrade(play))));
    set("playbook_dir", text(&play.playbook_dir));
    set("ansible_check_mode", options.check.into());
    set("ansible_diff_mode", options.diff.into());
    set("ansible_verbosity", options.verbosity.into());
    set("ansible_forks", options.forks.into());
    let tags = if options.tags.is_empty() { vec!["all".to_owned()] } else { options.tags.clone() };
    set("ansible_run_tags", list(&tags));
    set("ansible_skip_tags", list(&options.skip_tags));
    if let Some(limit) = &options.limit {
        set("ansible_limit", limit.as_str().into());
    }
    set("ansible_config_file", options.config_file.as_ref().map_or_else(|| ().into(), |path| text(path)));
    set("ansible_inventory_sources", list(&world.hosts.sources()));
    set("ansible_version", version());
    let names = |roles: Vec<&Arc<Role>>| -> Vec<String> {
        roles.into_iter().map(|role| role.name.clone()).collect::<IndexSet<_>>().into_iter().collect()
    };
    let (own, needed): (Vec<_>, Vec<_>) = play.roles.iter().partition(|role| role.parents.is_empty());
    let included = play.included_roles();
    let all = names([own.clone(), needed.clone()].concat()).into_iter().chain(included.clone());
    let all: Vec<String> = all.collect::<IndexSet<_>>().into_iter().collect();
    set("ansible_role_names", list(&all));
    let own = [names(own), included].concat();
    set("ansible_play_role_names", list(&own));
    set("role_names", list(&own));
    set("ansible_dependent_role_names", list(&names(needed)));
    if let Some(python) = python() {
        set("ansible_playbook_python", text(python));
    }
    set("omit", switchover_values::omit());
    vars
}

/// Returns what a level of a play adds: the role's path and name, and where files are searched: in the role, in
/// those that need it, beside the task, beside the playbook.
pub fn of_level(play: &PlayContext, context: &Context, written_in: Option<&Path>) -> VarMap {
    let mut vars = VarMap::new();
    if let Some(role) = context.role() {
        vars.insert("role_path", Stored::Data(text(&role.path)));
        vars.insert("role_name", Stored::Data(role.short_name().into()));
        vars.insert("ansible_role_name", Stored::Data(role.name.as_str().into()));
        vars.insert("ansible_collection_name", Stored::Data(collection_of(&role.path).into()));
        // The roles whose tasks use this one; those that need it are no parents.
        let around = context.levels().filter_map(|level| level.role.as_ref()).skip(1);
        let parents: Vec<_> = around.filter(|parent| !role.parents.contains(&parent.name)).collect();
        if !parents.is_empty() {
            let names: Vec<Value> = parents.iter().map(|parent| parent.name.as_str().into()).collect();
            let paths: Vec<Value> = parents.iter().map(|parent| text(&parent.path)).collect();
            vars.insert("ansible_parent_role_names", Stored::Data(Value::from(names)));
            vars.insert("ansible_parent_role_paths", Stored::Data(Value::from(paths)));
        }
    }
    let search = search_path(context, written_in, &play.playbook_dir);
    let search =
        search.iter().map(|folder| Value::from(folder.to_string_lossy().as_ref())).collect::<Vec<_>>();
    vars.insert("ansible_search_path", Stored::Data(Value::from(search)));
    vars.insert("environment", Stored::Author(environment(context)));
    vars
}

/// Returns where a task's relative files are searched, nearest first, as absolute paths.
pub fn search_path(context: &Context, written_in: Option<&Path>, playbook_dir: &Path) -> Vec<PathBuf> {
    let roles = context.levels().filter_map(|level| level.role.as_ref()).skip(1).map(|role| &*role.path);
    let own = context.role().map(|role| &*role.path);
    let folders = own.into_iter().chain(roles).chain(written_in.and_then(Path::parent)).chain([playbook_dir]);
    let mut search: Vec<PathBuf> = folders.map(absolute).collect();
    search.dedup();
    search
}

/// Returns `environment:` of all levels, the outer ones first.
fn environment(context: &Context) -> Node {
    let written = context.levels().filter_map(|level| level.keywords.environment.as_ref());
    let mut parts: Vec<&Node> = written.collect();
    parts.reverse();
    let parts = parts.into_iter().flat_map(|node| node.as_sequence().unwrap_or(std::slice::from_ref(node)));
    let parts: Vec<Node> = parts.cloned().collect();
    let span = parts.first().map_or_else(|| Span::new(&Source::new("", ""), 0, 0), |node| node.span.clone());
    Node { span, tag: Tag::None, kind: NodeKind::Sequence(parts.into()) }
}

/// Returns the collection that a role belongs to.
fn collection_of(role: &Path) -> Option<String> {
    let parts: Vec<_> = role.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    let at = parts.iter().rposition(|part| part == "ansible_collections")?;
    Some(format!("{}.{}", parts.get(at + 1)?, parts.get(at + 2)?))
}

/// Returns the Python of this machine, which playbooks hand to programs of the controller; nothing here needs it.
fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let look = || {
        let folders = std::env::var_os("PATH")?;
        std::env::split_paths(&folders).map(|folder| folder.join("python3")).find(|file| file.is_file())
    };
    PYTHON.get_or_init(look).as_deref()
}

fn version() -> Value {
    let (major, minor, revision) = LANGUAGE;
    let full = format!("{major}.{minor}.{revision}");
    Value::from_pairs([
        ("full", Value::from(full.as_str())),
        ("string", Value::from(full.as_str())),
        ("major", major.into()),
        ("minor", minor.into()),
        ("revision", revision.into()),
    ])
}

/// Paths are absolute: tasks hand them to programs that stand elsewhere.
fn text(path: &Path) -> Value {
    absolute(path).to_string_lossy().as_ref().into()
}

fn absolute(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// `hostvars`: each host's variables, looked at only when asked for.
#[derive(Debug)]
struct HostVars(Weak<PlayContext>);

impl std::fmt::Debug for PlayContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "play {:?}", self.name)
    }
}

impl Object for HostVars {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let play = self.0.upgrade()?;
        let host = key.as_str()?;
        play.world.hosts.knows(host).then(|| play.scope(host).as_value())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = self.0.upgrade().map(|play| play.world.hosts.names()).unwrap_or_default();
        Enumerator::Values(names.into_iter().map(Value::from).collect())
    }
}
