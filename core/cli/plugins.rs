use std::path::PathBuf;

use clap::Args;
use switchover_plugin_host::{Catalog, Discovery, Isolation, PluginError, default_folders, own_folders};
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
    /// Runs plugins in processes of their own, all or those named: a crash is a failed task, not a dead run. Plugins
    /// that did not come with this program run so anyway, unless `none` is named.
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
        let is_said = |word: &str| self.isolate.iter().any(|name| name == word);
        Isolation { all: is_said("all"), none: is_said("none"), names: self.isolate.clone() }
    }
}

impl PluginSource {
    /// Finds the plugins: those that the options name, then the usual places.
    pub fn catalog(&self) -> Catalog {
        Catalog::discover(&self.discovery())
    }

    /// Returns where to look and how to run what is found.
    pub fn discovery(&self) -> Discovery {
        self.discovery_in(std::env::current_dir().ok())
    }

    /// The same for another project's folder.
    pub fn discovery_in(&self, project: Option<PathBuf>) -> Discovery {
        Discovery {
            folders: default_folders(&self.plugin_path, project.as_deref()),
            own: own_folders(),
            child: Some(child_program()),
            cache: cache(),
            isolation: self.isolate.isolation(),
            project,
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
        problems::say(&problem.explain(), problem.remedy().as_deref());
    }
    !broken.is_empty()
}

/// Says what is wrong with plugin files: all of it when a module is missing, since any of them might hold it, else what
/// would surprise in a run that needs none of them.
pub fn explain(catalog: &Catalog, found: &[Diagnostic]) {
    let is_missing = found.iter().any(|problem| problem.code == "playbook::unknown-module");
    for problem in catalog.problems() {
        let help = problem.remedy();
        if is_missing {
            problems::say(&problem.explain(), help.as_deref());
        } else if matches!(problem, PluginError::Reserved { .. } | PluginError::Hangs { .. }) {
            let help = help.map(|help| format!("; {help}")).unwrap_or_default();
            problems::warn(&format!("{}{help}", problem.explain()));
        }
    }
}
