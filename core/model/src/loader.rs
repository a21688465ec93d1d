use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use switchover_syntax::{Diagnostic, Mapping, Span};
use switchover_values::{Layer, VarMap};

use crate::files::ReadFile;
use crate::modules::Modules;
use crate::read::Reader;
use crate::yaml_file::Cached;
use crate::{Block, Context, Item, Playbook, Role};

/// What a [`Loader`] needs to know from outside.
pub struct Settings {
    /// Where roles are looked for after the playbook's own `roles` folder.
    pub roles_path: Vec<PathBuf>,
    /// Folders that hold `ansible_collections`.
    pub collections_path: Vec<PathBuf>,
    /// Messages name every folder that was searched, in full, as Ansible's do: playbooks look at them.
    pub full_paths: bool,
    /// Groups of actions that a collection describes wrongly are told.
    pub judges_groups: bool,
    pub modules: Box<dyn Modules>,
    pub read: ReadFile,
    /// Variables that are known before the run beside those of playbooks and roles, such as `-e`: names of imported
    /// files and roles may use them.
    pub known: Vec<(Layer, Arc<VarMap>)>,
}

/// Which files of a role are used in place of `main`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleFrom {
    pub tasks_from: Option<String>,
    pub vars_from: Option<String>,
    pub defaults_from: Option<String>,
    pub handlers_from: Option<String>,
    /// Its arguments are not held against what it declares (`rolespec_validate: false`).
    pub unchecked: bool,
}

/// Reads playbooks, roles and files of tasks and variables into the model. Nothing is run, no host is touched.
///
/// Each function reports all problems that it finds. Parsed files are kept for as long as they do not change.
pub struct Loader {
    pub(crate) settings: Settings,
    pub(crate) parsed: Mutex<HashMap<PathBuf, Cached>>,
    warnings: Mutex<Vec<Diagnostic>>,
    imported: Mutex<Vec<PathBuf>>,
}

impl Loader {
    /// Returns a loader that has read nothing yet.
    pub fn new(settings: Settings) -> Self {
        Self { settings, parsed: Mutex::default(), warnings: Mutex::default(), imported: Mutex::default() }
    }

    /// Reads a playbook with everything that it imports.
    pub fn playbook(&self, path: &Path) -> Result<Playbook, Vec<Diagnostic>> {
        self.reading(|reader| reader.playbook(path))
    }

    /// Reads a file of tasks that is included while the play runs; `parent` is the include's own level.
    pub fn tasks_file(
        &self,
        path: &Path,
        parent: &Arc<Context>,
        as_handlers: bool,
    ) -> Result<Vec<Item>, Vec<Diagnostic>> {
        self.reading(|reader| reader.included_tasks(path, parent, as_handlers))
    }

    /// Reads a role that is included while the play runs; its name stands at `span`. `search` begins with the play's folder.
    ///
    /// The block holds the blocks of the role's dependencies and then the one of the role.
    pub fn role(
        &self,
        (name, span): (&str, &Span),
        from: &RoleFrom,
        parent: &Arc<Context>,
        search: &[PathBuf],
    ) -> Result<(Arc<Role>, Block), Vec<Diagnostic>> {
        self.reading(|reader| reader.included_role((name, span), from, parent, search))
    }

    /// Reads a file of variables; an empty file has none.
    pub fn vars_file(&self, path: &Path) -> Result<Arc<Mapping>, Vec<Diagnostic>> {
        self.reading(|reader| reader.variables(path))
    }

    /// Returns a level for keywords that are given as data, such as `apply:` of an include.
    pub fn level(&self, keywords: &Mapping, parent: &Arc<Context>) -> Result<Arc<Context>, Vec<Diagnostic>> {
        self.reading(|reader| Some(Arc::new(reader.applied(keywords, parent))))
    }

    /// Returns why a module is not there and what to write instead, when that is known.
    pub fn refused_module(&self, name: &str) -> Option<(String, String)> {
        self.settings.modules.refused(name)
    }

    /// Returns the files of tasks that were imported, in their order, and forgets them.
    pub fn imported(&self) -> Vec<PathBuf> {
        std::mem::take(&mut *self.imported.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }

    /// Notes that a file of tasks was imported.
    pub(crate) fn note_import(&self, path: &Path) {
        self.imported.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(path.to_owned());
    }

    /// Returns the warnings of everything that was read, and forgets them.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut *self.warnings.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }

    fn reading<T>(&self, read: impl FnOnce(&Reader<'_>) -> Option<T>) -> Result<T, Vec<Diagnostic>> {
        let reader = Reader::new(self);
        let result = read(&reader);
        let (errors, warnings) = reader.into_findings();
        self.warnings.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).extend(warnings);
        match result {
            Some(result) if errors.is_empty() => Ok(result),
            _ => Err(errors),
        }
    }
}
