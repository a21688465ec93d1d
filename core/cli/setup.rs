use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchover_connect::{HostKeyChecking, Pool, PoolSettings, Secret};
use switchover_engine::{
    Approvals, Background, ConnectionDefaults, Events, Hosts, Memory, Options, RunState, Threads, World,
};
use switchover_journal::Listener;
use switchover_model::{Loader, Modules, Settings};
use switchover_plugin_host::Catalog;
use switchover_syntax::{Diagnostic, Mapping};
use switchover_values::{Layer, Redactor, Settings as TemplateSettings, VarMap};
use tokio::sync::Semaphore;

use crate::command::{ConnectionArgs, RunArgs};
use crate::operator::TerminalOperator;
use crate::{inventory_files, problems};

/// Returns what reads playbooks; it knows the modules of the catalog and the engine's own actions.
pub fn loader(catalog: &Catalog, extra_vars: &Mapping) -> Loader {
    let mut names: Vec<String> = switchover_engine::action_names().map(str::to_owned).collect();
    names.extend(catalog.names().into_iter().map(str::to_owned));
    Loader::new(Settings {
        roles_path: paths("ANSIBLE_ROLES_PATH"),
        collections_path: paths("ANSIBLE_COLLECTIONS_PATH"),
        modules: Box::new(Names(names)),
        read: Box::new(|path: &Path| std::fs::read_to_string(path)),
        known: vec![(Layer::ExtraVars, Arc::new(VarMap::from_mapping(extra_vars)))],
    })
}

fn paths(variable: &str) -> Vec<PathBuf> {
    std::env::var_os(variable).map(|list| std::env::split_paths(&list).collect()).unwrap_or_default()
}

struct Names(Vec<String>);

impl Modules for Names {
    fn knows(&self, name: &str) -> bool {
        let short = switchover_model::short(name);
        self.0.iter().any(|known| known == name || switchover_model::short(known) == short)
    }

    fn names(&self) -> Vec<String> {
        self.0.clone()
    }
}

/// Returns everything that a run shares.
pub fn world(
    arguments: &RunArgs,
    catalog: Catalog,
    loader: Loader,
    extra_vars: &Mapping,
    listener: Box<dyn Listener>,
) -> Result<Arc<World>, Vec<Diagnostic>> {
    let folder = arguments.playbooks.first().and_then(|playbook| playbook.parent()).map(Path::to_owned);
    let (inventory, beside) = inventory_files::read(&arguments.source.inventory, folder.as_deref())?;
    let sources = inventory_files::names(&arguments.source.inventory);
    let options = options(arguments, extra_vars);
    let redactor = Arc::new(Redactor::new());
    let here = std::env::current_dir().unwrap_or_default();
    let base = folder.map_or_else(|| here.clone(), |folder| here.join(folder));
    Ok(Arc::new(World {
        workers: Arc::new(Semaphore::new(options.forks.max(1))),
        hosts: Hosts::new(inventory, beside, sources),
        memory: Memory::default(),
        loader,
        catalog,
        pool: Pool::new(PoolSettings::default()),
        events: Events::new(vec![listener], Arc::clone(&redactor)),
        templates: Arc::new(TemplateSettings {
            redactor: Some(redactor),
            base,
            ..TemplateSettings::default()
        }),
        operator: Box::new(TerminalOperator),
        threads: Threads::new(),
        background: Background::default(),
        run_id: run_id(),
        state: RunState::default(),
        options,
    }))
}

fn options(arguments: &RunArgs, extra_vars: &Mapping) -> Options {
    let (all, names) = arguments.approve.iter().cloned().partition::<Vec<_>, _>(|name| name == "all");
    Options {
        forks: arguments.forks,
        check: arguments.check,
        diff: arguments.diff,
        verbosity: arguments.verbose.min(4),
        tags: arguments.tags.clone(),
        skip_tags: arguments.skip_tags.clone(),
        limit: arguments.limit.clone(),
        extra_vars: Arc::new(VarMap::from_mapping(extra_vars)),
        start_at_task: arguments.start_at_task.clone(),
        force_handlers: arguments.force_handlers,
        gather_facts: true,
        batch: !arguments.no_batch,
        approvals: Approvals { all: !all.is_empty(), names },
        connection: connection(&arguments.connection),
        operator_name: operator_name(),
    }
}

fn connection(arguments: &ConnectionArgs) -> ConnectionDefaults {
    let password = arguments.ask_pass.then(|| ask("SSH password")).flatten();
    let become_password = arguments.ask_become_pass.then(|| ask("BECOME password")).flatten();
    ConnectionDefaults {
        connection: arguments.connection.clone(),
        user: arguments.user.clone(),
        private_key_file: arguments.private_key.clone(),
        timeout: arguments.timeout,
        ssh_common_args: arguments.ssh_common_args.clone(),
        ssh_extra_args: arguments.ssh_extra_args.clone(),
        become_password: become_password.or_else(|| password.clone().filter(|_| arguments.ask_become_pass)),
        password,
        r#become: arguments.r#become,
        become_method: arguments.become_method.clone(),
        become_user: arguments.become_user.clone(),
        host_key_checking: host_key_checking(arguments.accept_new_host_keys),
    }
}

/// `ANSIBLE_HOST_KEY_CHECKING=False` is honoured, since people have it; `--accept-new-host-keys` is the safe way.
fn host_key_checking(accept_new: bool) -> Option<HostKeyChecking> {
    if accept_new {
        return Some(HostKeyChecking::AcceptNew);
    }
    let word = std::env::var("ANSIBLE_HOST_KEY_CHECKING").ok()?.to_lowercase();
    matches!(word.as_str(), "false" | "no" | "0" | "off").then_some(HostKeyChecking::Off)
}

fn ask(question: &str) -> Option<Secret> {
    match rpassword::prompt_password(format!("{question}: ")) {
        Ok(password) if !password.is_empty() => Some(Secret::from(password)),
        Ok(_) => None,
        Err(error) => {
            problems::say(&format!("cannot ask for the {question}: {error}"), None);
            None
        }
    }
}

/// Returns a name for this run: sortable by time, and no two alike on one machine.
fn run_id() -> String {
    format!("{:x}-{:x}", switchover_engine::now() as u64, std::process::id())
}

fn operator_name() -> String {
    let named = |name: &str| std::env::var(name).ok().filter(|user| !user.is_empty());
    let user = named("USER").or_else(|| named("LOGNAME")).or_else(user_of_this_process);
    let machine = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    format!("{}@{}", user.unwrap_or_else(|| "unknown".to_owned()), machine.trim())
}

fn user_of_this_process() -> Option<String> {
    let number = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    fields
        .filter(|fields| fields.get(2) == Some(&number.as_str()))
        .find_map(|fields| Some((*fields.first()?).to_owned()))
}
