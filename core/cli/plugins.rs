use std::path::PathBuf;

use clap::Args;
use switchover_plugin_host::{Catalog, Discovery, Isolation, PluginError, default_folders};
use switchover_syntax::Diagnostic;

use crate::problems;

/// Where plugins come from, and how they run.
#[derive(Args, Clone, Debug, Default)]
pub struct PluginSource {
    /// More folders with plugins.
    #[arg(long, value_name = "FOLDER", global = true)]
    pub plugin_path: Vec<PathBuf>,
    #[command(flatten)]
    pub isolate: Isolate,
}

/// Which plugins run in processes of their own.
#[derive(Args, Clone, Debug, Default)]
pub struct Isolate {
    /// Runs plugins in processes of their own, all or those named: a crash is a failed task, not a dead run.
    #[arg(
        long,
        value_name = "PLUGIN",
        value_delimiter = ',',
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "all",
        env = "SWITCHOVER_ISOLATE",
        global = true
    )]
    isolate: Vec<String>,
}

impl Isolate {
    /// Adds what another command line says.
    pub fn extend(&mut self, other: &Self) {
        self.isolate.extend(other.isolate.clone());
    }

    fn isolation(&self) -> Isolation {
        Isolation { all: self.isolate.iter().any(|name| name == "all"), names: self.isolate.clone() }
    }
}

impl PluginSource {
    /// Finds the plugins: those that the options name, then the usual places.
    pub fn catalog(&self) -> Catalog {
        Catalog::discover(&self.discovery())
    }

    /// Returns where to look and how to run what is found.
    pub fn discovery(&self) -> Discovery {
        let here = std::env::current_dir().ok();
        Discovery {
            folders: default_folders(&self.plugin_path, here.as_deref()),
            child: Some(child_program()),
            cache: cache(),
            isolation: self.isolate.isolation(),
            project: here,
        }
    }
}

/// Returns this program, also when its file was replaced meanwhile.
pub fn child_program() -> PathBuf {
    PathBuf::from("/proc/self/exe")
}

/// Returns the folder for what can be found out again.
fn cache() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
    Some(caches.join("switchover/plugins"))
}

/// Prints why plugins are not those of a lock, and returns whether there is such a reason: then nothing runs.
pub fn refuses_lock(catalog: &Catalog) -> bool {
    let is_broken = |problem: &&PluginError| {
        matches!(problem, PluginError::LockedOtherwise { .. } | PluginError::LockLine { .. })
    };
    let broken: Vec<&PluginError> = catalog.problems().iter().filter(is_broken).collect();
    for problem in &broken {
        problems::say(
            &problem.explain(),
            Some("find out who changed the file; `switchover plugin lock` writes the lock anew"),
        );
    }
    !broken.is_empty()
}

/// Prints what is wrong with plugin files when a module is missing: any of them might hold it.
pub fn explain_missing(catalog: &Catalog, found: &[Diagnostic]) {
    if found.iter().any(|problem| problem.code == "playbook::unknown-module") {
        for problem in catalog.problems() {
            problems::say(&problem.explain(), remedy(problem).as_deref());
        }
    }
}

/// Returns what to do about a plugin that cannot be used, where the message does not say it.
pub fn remedy(problem: &PluginError) -> Option<String> {
    let file = problem.path().display();
    match problem {
        PluginError::NotLocked { .. } => Some("`switchover plugin lock` adds it, once you trust it".into()),
        PluginError::WrongAbi { .. } => {
            Some("build it with the SDK or the header that belongs to this program".into())
        }
        PluginError::WrongCpu { .. } => Some("build it on this machine, or for it".into()),
        PluginError::Truncated { .. } => Some("copy or build it once more".into()),
        PluginError::NotALibrary { .. } => Some(format!("take {file} away, or build the plugin anew")),
        PluginError::Duplicate { .. } => Some(
            "until one of the two files is taken away, or offers another name, the name means neither".into(),
        ),
        PluginError::Died { .. }
        | PluginError::Hangs { .. }
        | PluginError::Refused { .. }
        | PluginError::Open { .. }
        | PluginError::NoSymbol { .. }
        | PluginError::NoTable { .. }
        | PluginError::TableTooSmall { .. }
        | PluginError::NoFunction { .. }
        | PluginError::Describe { .. }
        | PluginError::DescribeNotReadable { .. }
        | PluginError::Spec { .. }
        | PluginError::Spoils { .. } => {
            Some(format!("this is a mistake in the plugin; `switchover plugin check {file}` tells more"))
        }
        PluginError::Unreadable { .. }
        | PluginError::Untrusted { .. }
        | PluginError::NoProcess { .. }
        | PluginError::Replaced { .. }
        | PluginError::LockLine { .. }
        | PluginError::LockedOtherwise { .. } => None,
    }
}
