use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Where plugins may lie. Earlier folders win: see [`Catalog::discover`](crate::Catalog::discover).
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// `--plugin-path`, in order.
    pub explicit: Vec<PathBuf>,
    /// `SWITCHOVER_PLUGIN_PATH`: folders with colons between them.
    pub environment: Option<OsString>,
    /// The folder of the project.
    pub project: Option<PathBuf>,
    /// `XDG_DATA_HOME`, or `~/.local/share`.
    pub data_home: Option<PathBuf>,
    /// This program's file.
    pub executable: Option<PathBuf>,
}

/// Returns the folders in which this process looks for plugins, in order.
///
/// Folders that were asked for are returned even when they are missing, so that the mistake is reported;
/// of the others only those that are there.
pub fn default_folders(explicit: &[PathBuf], project: Option<&Path>) -> Vec<PathBuf> {
    Places::of_this_process(explicit, project).folders()
}

impl Places {
    /// Reads the environment of this process.
    pub fn of_this_process(explicit: &[PathBuf], project: Option<&Path>) -> Self {
        let absolute =
            |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        Self {
            explicit: explicit.to_vec(),
            environment: std::env::var_os("SWITCHOVER_PLUGIN_PATH"),
            project: project.map(Path::to_owned),
            data_home: absolute("XDG_DATA_HOME")
                .or_else(|| absolute("HOME").map(|home| home.join(".local/share"))),
            executable: std::env::current_exe().ok(),
        }
    }

    /// Returns the folders in order, each once; see [`default_folders`].
    pub fn folders(&self) -> Vec<PathBuf> {
        let mut folders = self.explicit.clone();
        if let Some(list) = &self.environment {
            folders.extend(std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()));
        }
        folders.extend(self.implicit().into_iter().filter(|path| path.is_dir()));
        let mut unique = Vec::with_capacity(folders.len());
        for folder in folders {
            if !unique.contains(&folder) {
                unique.push(folder);
            }
        }
        unique
    }

    fn implicit(&self) -> Vec<PathBuf> {
        let mut folders = Vec::new();
        if let Some(project) = &self.project {
            folders.push(project.join("plugins"));
            folders.extend(built(&project.join("plugins/target")));
            folders.extend(built(&project.join("target")));
        }
        if let Some(data_home) = &self.data_home {
            folders.push(data_home.join("switchover/plugins"));
        }
        folders.extend(self.own());
        folders
    }

    fn own(&self) -> Vec<PathBuf> {
        let program = self.executable.as_deref().and_then(Path::parent);
        let mut folders = program.map(beside).unwrap_or_default();
        folders.push(PathBuf::from("/usr/lib/switchover/plugins"));
        folders
    }
}

/// Returns the folders that hold the plugins that came with this program.
pub fn own_folders() -> Vec<PathBuf> {
    Places::of_this_process(&[], None).own()
}

/// Returns the folders of a cargo build that hold libraries, the one that was built last first.
fn built(target: &Path) -> Vec<PathBuf> {
    let mut folders = ["release", "debug"].map(|profile| target.join(profile));
    let age = |path: &PathBuf| path.metadata().and_then(|metadata| metadata.modified());
    folders.sort_by_key(|path| std::cmp::Reverse(age(path).unwrap_or(SystemTime::UNIX_EPOCH)));
    folders.to_vec()
}

/// Returns the folders around a program: installed, in a cargo build, or a test in `deps/`.
fn beside(folder: &Path) -> Vec<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    if folder.file_name().is_some_and(|name| name == "deps") {
        folders.extend(folder.parent().map(Path::to_owned));
    } else {
        folders.extend([folder.join("deps"), folder.join("plugins")]);
        folders.extend(folder.parent().map(|prefix| prefix.join("lib/switchover/plugins")));
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_comes_first_and_stays_even_when_missing() {
        let places = Places {
            explicit: vec!["/nowhere/a".into()],
            environment: Some("/nowhere/b::/nowhere/a".into()),
            project: Some("/nowhere/project".into()),
            ..Places::default()
        };
        let folders = places.folders();
        assert_eq!(folders[..2], [PathBuf::from("/nowhere/a"), PathBuf::from("/nowhere/b")]);
        assert!(!folders.contains(&"/nowhere/project/plugins".into()), "{folders:?}");
    }

    #[test]
    fn finds_the_build_output_around_a_program_and_around_a_test() {
        let root = tempfile::tempdir().unwrap();
        let debug = root.path().join("debug");
        std::fs::create_dir_all(debug.join("deps")).unwrap();
        let of = |executable: PathBuf| Places { executable: Some(executable), ..Places::default() }.folders();
        assert_eq!(of(debug.join("switchover"))[..2], [debug.clone(), debug.join("deps")]);
        assert_eq!(of(debug.join("deps/test-123"))[..2], [debug.join("deps"), debug.clone()]);
    }

    #[test]
    fn finds_the_plugins_of_a_project_and_of_the_user() {
        let root = tempfile::tempdir().unwrap();
        let project = root.path().join("project");
        let data = root.path().join("data");
        for folder in [project.join("plugins"), project.join("target/debug"), data.join("switchover/plugins")]
        {
            std::fs::create_dir_all(folder).unwrap();
        }
        let places =
            Places { project: Some(project.clone()), data_home: Some(data.clone()), ..Places::default() };
        assert_eq!(
            places.folders()[..3],
            [project.join("plugins"), project.join("target/debug"), data.join("switchover/plugins")]
        );
    }
}
