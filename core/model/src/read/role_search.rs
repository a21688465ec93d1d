use std::path::{Path, PathBuf};

use switchover_syntax::{Diagnostic, nearest};

use super::Reader;
use super::role::Wanted;
use crate::files::{absolute, shown};

impl Reader<'_> {
    /// Returns the folder of a role, looked for as Ansible does, and its name: the full one where a collection has it.
    pub(super) fn find_role(&self, wanted: &Wanted) -> Option<(PathBuf, String)> {
        let name = wanted.name.trim();
        let bases = bases(wanted);
        let collected = self.in_collections(name, wanted, &bases);
        let folders = self.role_folders(wanted, &bases);
        let plain = folders.iter().map(|folder| folder.join(name)).chain([PathBuf::from(name)]);
        let plain = plain.map(|path| (path, wanted.name.clone()));
        let mut tried = collected.into_iter().chain(plain).map(|(path, name)| (absolute(&path), name));
        if let Some(found) = tried.find(|(path, _)| path.is_dir()) {
            return Some(found);
        }
        self.no_such_role(name, wanted, &folders);
        None
    }

    /// Returns the folders of roles, in the order in which Ansible looks.
    fn role_folders(&self, wanted: &Wanted, bases: &[PathBuf]) -> Vec<PathBuf> {
        let mut folders: Vec<_> = bases.iter().map(|base| base.join("roles")).collect();
        folders.extend(self.loader.settings.roles_path.iter().cloned());
        folders.extend(wanted.search.iter().cloned());
        folders.extend(bases.iter().filter_map(|base| Some(collection_of(base)?.join("roles"))));
        folders.extend(bases.iter().cloned());
        let mut seen = std::collections::HashSet::new();
        folders.into_iter().map(|folder| absolute(&folder)).filter(|f| seen.insert(f.clone())).collect()
    }

    /// Returns where the role would be as `namespace.collection.role`, or by short name in the collection of the role
    /// that asks and in `collections:`. What a role depends on is not looked for in the latter.
    fn in_collections(&self, name: &str, wanted: &Wanted, bases: &[PathBuf]) -> Vec<(PathBuf, String)> {
        let listed = wanted.level.keyword(|keywords| keywords.collections.as_ref());
        let listed = listed.filter(|_| wanted.parents.is_empty());
        let mut names: Vec<(String, &str)> = Vec::new();
        let parts: Vec<_> = name.splitn(3, '.').collect();
        if let [namespace, collection, role] = parts.as_slice() {
            names.push((format!("{namespace}.{collection}"), role));
        }
        let own = wanted.level.role().and_then(|role| role.collection());
        names.extend(own.map(|collection| (collection.to_owned(), name)));
        let short = listed.and_then(|node| node.as_sequence()).unwrap_or_default();
        names.extend(short.iter().filter_map(|node| Some((node.as_str()?.to_owned(), name))));
        let roots = self.collection_roots(bases.iter().map(PathBuf::as_path));
        names
            .iter()
            .flat_map(|(collection, role)| {
                let at =
                    move |root: &PathBuf| (role_in(root, collection, role), format!("{collection}.{role}"));
                roots.iter().map(at)
            })
            .collect()
    }

    /// Returns the folders that may hold `ansible_collections`: beside these, and where the settings say.
    pub(super) fn collection_roots<'p>(&self, bases: impl Iterator<Item = &'p Path>) -> Vec<PathBuf> {
        let beside = bases.map(|base| base.join("collections"));
        beside.chain(self.loader.settings.collections_path.iter().cloned()).collect()
    }

    fn no_such_role(&self, name: &str, wanted: &Wanted, folders: &[PathBuf]) {
        let places: Vec<_> = folders.iter().map(|folder| shown(folder).display().to_string()).collect();
        let mut text = format!("the role '{name}' was not found");
        if self.loader.settings.full_paths {
            let all: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
            text += &format!(" in {}", all.join(":"));
        }
        let error = Diagnostic::error("role::not-found", text, &wanted.span);
        let there = folders.iter().flat_map(|folder| names_in(folder)).collect::<Vec<_>>();
        let error = match nearest(name, there.iter().map(String::as_str)) {
            Some(near) => error.label(format!("did you mean `{near}`?")),
            None => error,
        };
        let collections: Vec<_> = self
            .loader
            .settings
            .collections_path
            .iter()
            .map(|path| shown(path).display().to_string())
            .collect();
        if self.loader.settings.full_paths {
            return self.report(error);
        }
        self.report(if name.split('.').count() >= 3 {
            error.help(format!("looked for the collection in {}", collections.join(", ")))
        } else {
            error.help(format!("looked in {}", places.join(", ")))
        });
    }
}

/// Returns the folders that the play's own roles hang on: the play's, and those given by the caller.
fn bases(wanted: &Wanted) -> Vec<PathBuf> {
    let play = wanted.level.folder().map(Path::to_owned);
    play.into_iter().chain(wanted.search.iter().cloned()).collect()
}

/// Returns the collection in which a folder lies: a playbook of a collection finds its roles by their short names.
fn collection_of(folder: &Path) -> Option<PathBuf> {
    let folder = absolute(folder);
    let is_root = |path: &&Path| {
        path.parent()
            .and_then(Path::parent)
            .and_then(Path::file_name)
            .is_some_and(|n| n == "ansible_collections")
    };
    folder.ancestors().find(is_root).map(Path::to_owned)
}

fn role_in(root: &Path, collection: &str, role: &str) -> PathBuf {
    let (namespace, name) = collection.split_once('.').unwrap_or((collection, ""));
    let roles = root.join("ansible_collections").join(namespace).join(name).join("roles");
    role.split('.').fold(roles, |path, part| path.join(part))
}

fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let folders = entries.filter_map(Result::ok).filter(|entry| entry.path().is_dir());
    folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
