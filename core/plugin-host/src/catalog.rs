use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchover_protocol::RefusedModules;

use crate::trust::Operator;
use crate::{Discovery, Module, Plugin, PluginError};

const BUILTIN: &str = "ansible.builtin.";
const LEGACY: &str = "ansible.legacy.";

/// All modules that were found, by name, and what was wrong with the files that are not used.
#[derive(Debug, Default)]
pub struct Catalog {
    plugins: Vec<Arc<Plugin>>,
    modules: Vec<Module>,
    names: HashMap<String, usize>,
    problems: Vec<PluginError>,
    shadowed: Vec<Shadowed>,
}

/// A plugin file that is not used because an earlier folder holds one of the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadowed {
    pub file: PathBuf,
    pub by: PathBuf,
}

impl Catalog {
    /// Loads every `libswitchover_*.so` that lies directly in one of the folders.
    ///
    /// A file that cannot be used makes no other unusable: it is one of the [`problems`](Self::problems). Of
    /// files with the same name the one in the earliest folder counts. A name that two plugins offer means
    /// neither of them. The same file reached twice is one file.
    pub fn discover(discovery: &Discovery) -> Self {
        let mut catalog = Self::default();
        let you = Operator::of_this_process();
        let files = catalog.files(&discovery.folders, &you);
        for loaded in discovery.load(&files, &you) {
            match loaded {
                Ok(plugin) => catalog.plugins.push(Arc::new(plugin)),
                Err(problem) => catalog.problems.push(problem),
            }
        }
        catalog.index();
        catalog
    }

    /// Returns the module of this name: a full name, an alias, or `ansible.legacy.x` for `ansible.builtin.x`.
    pub fn resolve(&self, name: &str) -> Option<&Module> {
        if let Some(found) = self.names.get(name) {
            return self.modules.get(*found);
        }
        let short = name.strip_prefix(LEGACY)?;
        self.names.get(&format!("{BUILTIN}{short}")).and_then(|found| self.modules.get(*found))
    }

    /// Returns what plugins know of modules that are not there.
    pub fn refused(&self) -> impl Iterator<Item = &RefusedModules> {
        self.plugins.iter().flat_map(|plugin| &plugin.refused)
    }

    /// Returns all names that [`resolve`](Self::resolve) knows, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.names.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// Returns the known name that is most like this one, when one is.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        crate::nearest(name, self.names())
    }

    /// Returns all modules, in the order in which they were found.
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// Returns the plugins in use, in the order in which they were found.
    pub fn plugins(&self) -> &[Arc<Plugin>] {
        &self.plugins
    }

    /// Returns what was wrong with folders, files and names.
    pub fn problems(&self) -> &[PluginError] {
        &self.problems
    }

    /// Returns the problems that may be why a name is unknown: two plugins that offer it, else every file
    /// that could not be used, since any of them might hold it.
    pub fn problems_with(&self, name: &str) -> Vec<&PluginError> {
        let is_same = |other: &str| other == name || Some(other) == legacy_to_builtin(name).as_deref();
        let duplicate =
            |problem: &&PluginError| matches!(problem, PluginError::Duplicate { name, .. } if is_same(name));
        let duplicates: Vec<_> = self.problems.iter().filter(duplicate).collect();
        if !duplicates.is_empty() {
            return duplicates;
        }
        self.problems.iter().filter(|problem| !matches!(problem, PluginError::Duplicate { .. })).collect()
    }

    /// Returns the files that are not used because an earlier folder has one of the same name.
    pub fn shadowed(&self) -> &[Shadowed] {
        &self.shadowed
    }

    fn files(&mut self, folders: &[PathBuf], you: &Operator) -> Vec<PathBuf> {
        let (mut files, mut seen) = (Vec::new(), Seen::default());
        for folder in folders {
            let listed = list(folder, you).unwrap_or_else(|problem| {
                self.problems.push(problem);
                Vec::new()
            });
            for file in listed {
                match self.consider(&file, &mut seen) {
                    Ok(file) => files.extend(file),
                    Err(problem) => self.problems.push(problem),
                }
            }
        }
        files
    }

    /// Returns the file that a name leads to, when it is new and its name is not taken.
    fn consider(&mut self, listed: &Path, seen: &mut Seen) -> Result<Option<PathBuf>, PluginError> {
        let unreadable = |source| PluginError::Unreadable { path: listed.to_owned(), source };
        let file = listed.canonicalize().map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if !seen.files.insert((metadata.dev(), metadata.ino())) {
            return Ok(None);
        }
        let name = listed.file_name().map(OsString::from).unwrap_or_default();
        if let Some(by) = seen.names.get(&name) {
            self.shadowed.push(Shadowed { file, by: by.clone() });
            return Ok(None);
        }
        seen.names.insert(name, file.clone());
        Ok(Some(file))
    }

    fn index(&mut self) {
        let mut taken_twice = HashSet::new();
        for plugin in &self.plugins {
            for spec in &plugin.modules {
                let index = self.modules.len();
                self.modules.push(Module { spec: spec.clone(), plugin: plugin.clone() });
                for name in std::iter::once(&spec.name).chain(&spec.aliases) {
                    let Some(other) = self.names.insert(name.clone(), index) else { continue };
                    taken_twice.insert(name.clone());
                    self.problems.push(PluginError::Duplicate {
                        name: name.clone(),
                        first: self.modules[other].plugin.file.clone(),
                        second: plugin.file.clone(),
                    });
                }
            }
        }
        self.names.retain(|name, _| !taken_twice.contains(name));
    }
}

#[derive(Default)]
struct Seen {
    files: HashSet<(u64, u64)>,
    names: HashMap<OsString, PathBuf>,
}

fn list(folder: &Path, you: &Operator) -> Result<Vec<PathBuf>, PluginError> {
    let unreadable = |source| PluginError::Unreadable { path: folder.to_owned(), source };
    let folder = folder.canonicalize().map_err(unreadable)?;
    let mut files = Vec::new();
    for entry in folder.read_dir().map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.file_name().to_str().is_some_and(is_plugin_name) {
            files.push(entry.path());
        }
    }
    if !files.is_empty() {
        // A folder without plugins may belong to anyone: a program may be installed anywhere.
        you.judge_folder(&folder)?;
    }
    files.sort();
    Ok(files)
}

/// In a build, cargo leaves the compiler plugin of our SDK beside the plugins, also with a hash after a hyphen.
fn is_plugin_name(name: &str) -> bool {
    let stem = name.strip_prefix("libswitchover_").and_then(|rest| rest.strip_suffix(".so"));
    stem.is_some_and(|stem| !stem.is_empty() && !stem.contains('-') && stem != "sdk_derive")
}

fn legacy_to_builtin(name: &str) -> Option<String> {
    name.strip_prefix(LEGACY).map(|short| format!("{BUILTIN}{short}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_only_files_named_as_plugins_are() {
        assert!(is_plugin_name("libswitchover_files.so"));
        for other in [
            "libswitchover_.so",
            "libswitchover_x-0a1b.so",
            "libswitchover_sdk_derive.so",
            "switchover_x.so",
            "libswitchover_x.so.1",
        ] {
            assert!(!is_plugin_name(other), "{other}");
        }
    }

    #[test]
    fn reports_a_folder_that_is_not_there() {
        let catalog = Catalog::discover(&Discovery::in_process(&["/nowhere/at/all".into()]));
        let [problem] = catalog.problems() else { panic!("{:?}", catalog.problems()) };
        assert_eq!(problem.explain(), "cannot read /nowhere/at/all: No such file or directory (os error 2)");
        assert!(catalog.names().is_empty());
    }
}
