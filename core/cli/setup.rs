mod facts;

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use switchover_connect::{HostKeyChecking, Pool, PoolSettings, Secret};
use switchover_engine::{
    Approvals, Assumptions, Background, ConnectionDefaults, Defaults, Events, Hosts, Locks, Options,
    RunState, Sources as _, Threads, World,
};
use switchover_journal::{Inputs, Listener};
use switchover_model::{Loader, Modules, Settings};
use switchover_plugin_host::Catalog;
use switchover_protocol::RefusedModules;
use switchover_syntax::{Diagnostic, Mapping};
use switchover_values::{Layer, Redactor, Settings as TemplateSettings, VarMap};
use tokio::sync::Semaphore;

use crate::config::Config;
use crate::inventory_files::FromOptions;
use crate::kept::{Kept, SeenFiles};
use crate::operator::TerminalOperator;
use crate::options::{ConnectionArgs, WorkArgs};
use crate::problems::general;
use crate::run::Unready;
use crate::session::Session;
use crate::voice::Voice;
use crate::{inputs, inventory_files, kept, passwords, problems, prompt};

/// Returns what reads playbooks; it knows the modules of the catalog and the engine's own actions.
///
/// `written` is a playbook that stands in no file, with the path it is read under.
pub fn loader(
    session: &Session,
    catalog: &Catalog,
    extra_vars: &Mapping,
    written: Option<(PathBuf, String)>,
    seen: Arc<SeenFiles>,
) -> Loader {
    let mut names: Vec<String> = switchover_engine::action_names().map(str::to_owned).collect();
    names.extend(catalog.names().into_iter().map(str::to_owned));
    let files = session.files();
    Loader::new(Settings {
        roles_path: session.config.paths("DEFAULT_ROLES_PATH"),
        collections_path: session.config.paths("COLLECTIONS_PATHS"),
        full_paths: session.voice == Voice::Ansible,
        judges_groups: session.config.flag("VALIDATE_ACTION_GROUP_METADATA"),
        modules: Box::new(Names { known: names, refused: catalog.refused().cloned().collect() }),
        read: Box::new(move |path: &Path| match &written {
            Some((name, text)) if name == path => Ok(text.clone().into()),
            _ => {
                seen.note(path);
                files.read(path)
            }
        }),
        known: vec![(Layer::ExtraVars, Arc::new(VarMap::from_mapping(extra_vars)))],
    })
}

struct Names {
    known: Vec<String>,
    refused: Vec<RefusedModules>,
}

impl Modules for Names {
    fn knows(&self, name: &str) -> bool {
        let short = switchover_model::short(name);
        self.known.iter().any(|known| known == name || switchover_model::short(known) == short)
    }

    fn names(&self) -> Vec<String> {
        self.known.clone()
    }

    fn refused(&self, name: &str) -> Option<(String, String)> {
        let found = self.refused.iter().find(|refused| refused.includes(name))?;
        Some((found.why.clone(), found.instead.clone()))
    }
}

/// What is to be done, before it is known where.
pub struct Work<'a> {
    pub session: &'a Session,
    pub arguments: &'a WorkArgs,
    /// Where `group_vars` and relative paths are beside.
    pub folder: Option<PathBuf>,
    pub catalog: Catalog,
    pub loader: Loader,
    pub listeners: Vec<Box<dyn Listener>>,
    /// An inventory without hosts is told, in Ansible's words.
    pub warns_of_no_hosts: bool,
    /// Gives the journal, once it is known what the run depends on.
    pub keep: Keep<'a>,
}

/// Gives the journal of a run that depends on this.
pub type Keep<'a> = Box<dyn FnOnce(Inputs) -> Result<Kept, u8> + 'a>;

/// Returns everything that a run shares.
pub fn world(work: Work<'_>, options: Options) -> Result<(Arc<World>, Kept), Unready> {
    let Work { session, arguments, folder, .. } = work;
    let given = &arguments.source.inventory;
    let read_from = FromOptions::new(session, given, folder.as_deref());
    let (inventory, beside) = read_from.read()?;
    let sources = inventory_files::names(session, given);
    if work.warns_of_no_hosts && inventory.all_hosts().len() == 0 && session.config.flag("LOCALHOST_WARNING")
    {
        problems::warn(
            "provided hosts list is empty, only localhost is available. Note that the implicit localhost does not \
             match 'all'",
        );
    }
    let inputs = inputs::of(&inventory, &beside, &options.extra_vars, &work.catalog);
    let kept = (work.keep)(inputs).map_err(Unready::Told)?;
    let (renewed, assumptions) = (kept.renewed.clone(), kept.assumptions.clone());
    let (interrupted, accept_changes) = (kept.interrupted, kept.accept_changes);
    let plan = kept.plan.clone().map(Arc::new);
    let options = Options { renewed, accept_changes, assumptions, interrupted, plan, ..options };
    let listeners = work.listeners.into_iter().chain(kept.recorder()).collect();
    let redactor = Arc::new(Redactor::new());
    let here = std::env::current_dir().unwrap_or_default();
    let base = folder.map_or_else(|| here.clone(), |folder| here.join(folder));
    let config = session.config.values().into_iter();
    let memory = facts::memory(&session.config, arguments, &inventory);
    let world = Arc::new(World {
        workers: Arc::new(Semaphore::new(options.forks.max(1))),
        hosts: Hosts::new(inventory, beside, sources, Box::new(read_from))
            .on_mismatch(facts::mismatch(&session.config)),
        memory,
        loader: work.loader,
        catalog: work.catalog,
        pool: Pool::new(PoolSettings { run: kept.run.clone(), ..PoolSettings::default() }),
        events: Events::new(listeners, Arc::clone(&redactor)),
        templates: Arc::new(TemplateSettings {
            redactor: Some(redactor),
            base,
            vault: session.vault.clone(),
            allow_broken_conditionals: session.config.flag("ALLOW_BROKEN_CONDITIONALS"),
            merge_hashes: session.config.text("DEFAULT_HASH_BEHAVIOUR").as_deref() == Some("merge"),
            config: config.map(|(name, value)| (name, switchover_values::from_json(value))).collect(),
        }),
        operator: Box::new(TerminalOperator {
            name: options.operator_name.clone(),
            words: kept.words(),
            run: kept.run.clone(),
            patience: kept.patience,
            interrupted: kept.interrupted,
            left: AtomicBool::new(false),
        }),
        threads: Threads::new(),
        background: Background::default(),
        journal: kept.journal(),
        run_id: kept.run.clone(),
        state: RunState::default(),
        locks: Locks::new(&kept::state_folder().unwrap_or_else(|| PathBuf::from("/var/tmp/switchover"))),
        options,
    });
    world.events.follow(kept.events);
    Ok((world, kept))
}

/// Returns what the options that all kinds of work share ask for, and the configuration where they are silent.
pub fn options(
    session: &Session,
    arguments: &WorkArgs,
    extra_vars: &Mapping,
) -> Result<Options, Vec<Diagnostic>> {
    let config = &session.config;
    Ok(Options {
        forks: arguments.forks.unwrap_or_else(|| config.number("DEFAULT_FORKS").unwrap_or(50) as usize),
        check: arguments.check,
        diff: arguments.diff || config.flag("DIFF_ALWAYS"),
        verbosity: verbosity(session, arguments),
        tags: config.words("TAGS_RUN"),
        skip_tags: config.words("TAGS_SKIP"),
        limit: arguments.source.limit.clone(),
        config_file: config.file.clone(),
        extra_vars: Arc::new(VarMap::from_mapping(extra_vars)),
        start_at_task: None,
        step: false,
        force_handlers: config.flag("DEFAULT_FORCE_HANDLERS"),
        passes_pauses: session.voice == Voice::Ansible,
        error_on_missing_handler: config.flag("ERROR_ON_MISSING_HANDLER"),
        show_arguments: config.flag("DISPLAY_ARGS_TO_STDOUT"),
        gathering: facts::gathering(config),
        private_role_vars: config.flag("DEFAULT_PRIVATE_ROLE_VARS"),
        batch: true,
        lock: false,
        approvals: approvals(&arguments.approve),
        plan: None,
        renewed: Approvals::default(),
        accept_changes: false,
        interrupted: 0.0,
        assumptions: Assumptions::default(),
        connection: connection(config, &arguments.connection)?,
        defaults: Defaults {
            strategy: config.text("DEFAULT_STRATEGY"),
            any_errors_fatal: config.flag("ANY_ERRORS_FATAL"),
            no_log: config.flag("DEFAULT_NO_LOG"),
            timeout: config.number("TASK_TIMEOUT"),
            facts_modules: config.words("FACTS_MODULES"),
        },
        operator_name: operator_name(),
    })
}

/// Returns what these words permit.
pub fn approvals(words: &[String]) -> Approvals {
    let (all, names) = words.iter().cloned().partition::<Vec<_>, _>(|name| name == "all");
    Approvals { all: !all.is_empty(), names }
}

/// Returns how much is told: what `-v` asks for, else the configuration.
pub fn verbosity(session: &Session, arguments: &WorkArgs) -> u8 {
    let configured = session.config.number("DEFAULT_VERBOSITY").unwrap_or(0) as u8;
    if arguments.verbose > 0 { arguments.verbose } else { configured }.min(4)
}

fn connection(config: &Config, given: &ConnectionArgs) -> Result<ConnectionDefaults, Vec<Diagnostic>> {
    let password = password(
        "SSH password: ",
        given.ask_pass || config.flag("DEFAULT_ASK_PASS"),
        given.connection_password_file.clone().or_else(|| config.path("CONNECTION_PASSWORD_FILE")),
    )?;
    let asks = given.ask_become_pass || config.flag("DEFAULT_BECOME_ASK_PASS");
    let question = match &password {
        Some(_) => "BECOME password[defaults to SSH password]: ",
        None => "BECOME password: ",
    };
    let file = given.become_password_file.clone().or_else(|| config.path("BECOME_PASSWORD_FILE"));
    let become_password = self::password(question, asks, file)?;
    let text = |given: &Option<String>, name: &str| given.clone().or_else(|| config.text(name));
    let said = |name: &str| config.text(name).filter(|_| config.says(name));
    Ok(ConnectionDefaults {
        connection: given.connection.clone().or_else(|| said("DEFAULT_TRANSPORT")),
        user: text(&given.user, "DEFAULT_REMOTE_USER"),
        private_key_file: given.private_key.clone().or_else(|| config.path("DEFAULT_PRIVATE_KEY_FILE")),
        timeout: given
            .timeout
            .or_else(|| config.number("SSH_TIMEOUT"))
            .or_else(|| config.number("DEFAULT_TIMEOUT").filter(|_| config.says("DEFAULT_TIMEOUT"))),
        ssh_common_args: joined(config.text("SSH_ARGS"), text(&given.ssh_common_args, "SSH_COMMON_ARGS")),
        ssh_extra_args: text(&given.ssh_extra_args, "SSH_EXTRA_ARGS"),
        become_password: become_password.or_else(|| password.clone().filter(|_| asks)),
        password,
        r#become: given.r#become || config.flag("DEFAULT_BECOME"),
        become_method: given.become_method.clone().or_else(|| said("DEFAULT_BECOME_METHOD")),
        become_user: given.become_user.clone().or_else(|| said("DEFAULT_BECOME_USER")),
        host_key_checking: host_key_checking(config, given.accept_new_host_keys),
    })
}

/// `ssh_args` come before the options that are for all of ssh's programs.
fn joined(first: Option<String>, second: Option<String>) -> Option<String> {
    match (first, second) {
        (Some(first), Some(second)) => Some(format!("{first} {second}")),
        (first, second) => first.or(second),
    }
}

/// `host_key_checking = False` is honoured, since people have it; `--accept-new-host-keys` is the safe way.
fn host_key_checking(config: &Config, accept_new: bool) -> Option<HostKeyChecking> {
    if accept_new {
        return Some(HostKeyChecking::AcceptNew);
    }
    (!config.flag("HOST_KEY_CHECKING")).then_some(HostKeyChecking::Off)
}

/// Returns a password of a file or of a person, when either is asked for.
fn password(question: &str, ask: bool, file: Option<PathBuf>) -> Result<Option<Secret>, Vec<Diagnostic>> {
    let password = if ask {
        prompt::secret(question).map_err(|error| error.to_string())
    } else if let Some(file) = file {
        passwords::from_file(&file.to_string_lossy(), None)
    } else {
        return Ok(None);
    };
    let password = password.map_err(|text| vec![general("options::password", text)])?;
    Ok((!password.is_empty()).then(|| Secret::from(password)))
}

/// Returns who runs this: `user@machine`.
pub fn operator_name() -> String {
    let machine = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    format!("{}@{}", user(), machine.trim())
}

/// Returns who runs this program.
pub fn user() -> String {
    let named = |name: &str| std::env::var(name).ok().filter(|user| !user.is_empty());
    let user = named("USER").or_else(|| named("LOGNAME")).or_else(user_of_this_process);
    user.unwrap_or_else(|| "unknown".to_owned())
}

fn user_of_this_process() -> Option<String> {
    let number = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    fields
        .filter(|fields| fields.get(2) == Some(&number.as_str()))
        .find_map(|fields| Some((*fields.first()?).to_owned()))
}
