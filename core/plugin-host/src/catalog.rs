use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchover_protocol::RefusedModules;

use crate::own::{Own, is_plugin_name};
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
    own: Own,
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
    /// neither of them, unless one of them came with the program: its names are nobody else's. The same file reached twice is one file.
    pub fn discover(discovery: &Discovery) -> Self {
        let mut catalog = Self { own: Own::in_folders(&discovery.own), ..Self::default() };
        let you = Operator::of_this_process();
        let files = catalog.files(&discovery.folders, &you);
        for loaded in discovery.load(&files, &you, &catalog.own) {
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
        let duplicate = |problem: &&PluginError| matches!(problem, PluginError::Duplicate { name, .. } | PluginError::Reserved { name, .. } if is_same(name));
        let duplicates: Vec<_> = self.problems.iter().filter(duplicate).collect();
        if !duplicates.is_empty() {
            return duplicates;
        }
        self.problems
            .iter()
            .filter(|problem| {
                !matches!(problem, PluginError::Duplicate { .. } | PluginError::Reserved { .. })
            })
            .collect()
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

    /// Says whose a name is that a plugin in this file may not offer: of a module that came with the program, or
    /// Ansible's. A file of the same name as one that came with the program stands in for it, and may.
    pub fn reserved(&self, name: &str, file: &Path) -> Option<String> {
        if !self.own.excludes(file) {
            return None;
        }
        let owner =
            self.resolve(name).map(|module| &module.plugin.file).filter(|owner| self.own.includes(owner));
        let of_owner = owner.map(|owner| format!("a name of {}", owner.display()));
        of_owner.or_else(|| is_ansibles(name).then(|| "a name in Ansible's own namespace".to_owned()))
    }

    /// Gives every module its names, first those that came with the program.
    fn index(&mut self) {
        let (ours, others): (Vec<_>, Vec<_>) =
            self.plugins.iter().cloned().partition(|plugin| self.own.includes(&plugin.file));
        for plugin in ours.iter().chain(&others) {
            self.add(plugin);
        }
        self.withdraw_what_was_taken_twice();
    }

    /// Adds the modules of a plugin, by all names that are not somebody else's. A module whose first name is, is not
    /// there.
    fn add(&mut self, plugin: &Arc<Plugin>) {
        for spec in &plugin.modules {
            let all = std::iter::once(&spec.name).chain(&spec.aliases);
            let (free, taken): (Vec<_>, Vec<_>) =
                all.map(|name| (name, self.reserved(name, &plugin.file))).partition(|(_, of)| of.is_none());
            let is_there = taken.iter().all(|(name, _)| *name != &spec.name);
            self.problems.extend(taken.into_iter().map(|(name, of)| PluginError::Reserved {
                file: plugin.file.clone(),
                name: name.clone(),
                of: of.unwrap_or_default(),
            }));
            if !is_there {
                continue;
            }
            for (name, _) in free {
                if let Some(other) = self.names.insert(name.clone(), self.modules.len()) {
                    self.problems.push(PluginError::Duplicate {
                        name: name.clone(),
                        first: self.modules[other].plugin.file.clone(),
                        second: plugin.file.clone(),
                    });
                }
            }
            self.modules.push(Module { spec: spec.clone(), plugin: plugin.clone() });
        }
    }

    fn withdraw_what_was_taken_twice(&mut self) {
        for problem in &self.problems {
            if let PluginError::Duplicate { name, .. } = problem {
                self.names.remove(name);
            }
        }
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

fn is_ansibles(name: &str) -> bool {
    name.starts_with(BUILTIN) || name.starts_with(LEGACY)
}

fn legacy_to_builtin(name: &str) -> Option<String> {
    name.strip_prefix(LEGACY).map(|short| format!("{BUILTIN}{short}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_a_folder_that_is_not_there() {
        let catalog = Catalog::discover(&Discovery::in_process(&["/nowhere/at/all".into()]));
        let [problem] = catalog.problems() else { panic!("{:?}", catalog.problems()) };
        assert_eq!(problem.explain(), "cannot read /nowhere/at/all: No such file or directory (os error 2)");
        assert!(catalog.names().is_empty());
    }
}
