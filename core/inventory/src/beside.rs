use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchover_syntax::{Diagnostic, Severity, Source, parse_data};
use switchover_values::VarMap;

use crate::load::general;
use crate::source::unreadable;
use crate::{Files, Inventory};

/// In this order a name is looked for; the first that is there counts.
const ENDINGS: [&str; 4] = ["", ".yml", ".yaml", ".json"];

type Found<T> = Result<(T, Vec<Diagnostic>), Vec<Diagnostic>>;

/// The variables in `group_vars` and `host_vars` of one folder: beside an inventory, or beside a playbook.
#[derive(Clone, Debug, Default)]
pub struct VarsBeside {
    folder: PathBuf,
    groups: HashMap<Arc<str>, Arc<VarMap>>,
    hosts: HashMap<Arc<str>, Arc<VarMap>>,
}

impl VarsBeside {
    /// Reads the files for the groups and hosts of an inventory, and for `localhost`, with warnings; a folder without
    /// such files has none.
    ///
    /// The variables of `web` are in `web`, `web.yml`, `web.yaml` or `web.json`, or in the files of the folder `web`,
    /// merged in the order of their names.
    pub fn load(folder: &Path, inventory: &Inventory, files: &dyn Files) -> Found<Self> {
        let mut reader = Reader { files, errors: Vec::new(), warnings: Vec::new() };
        let groups = reader.folder(&folder.join("group_vars"), inventory.groups.keys());
        let localhost: Arc<str> = "localhost".into();
        let extra = (!inventory.hosts.contains_key(&localhost)).then_some(&localhost);
        let hosts = reader.folder(&folder.join("host_vars"), inventory.hosts.keys().chain(extra));
        if reader.errors.is_empty() {
            Ok((Self { folder: folder.to_owned(), groups, hosts }, reader.warnings))
        } else {
            Err(reader.errors)
        }
    }

    /// Reads the files for groups and a host that came into being while plays ran; what is known already is not read
    /// again. Returns what is wrong or odd.
    pub fn learn(&mut self, groups: &[&str], host: &str, files: &dyn Files) -> Vec<Diagnostic> {
        if self.folder.as_os_str().is_empty() {
            return Vec::new();
        }
        let mut reader = Reader { files, errors: Vec::new(), warnings: Vec::new() };
        let groups: Vec<Arc<str>> = groups
            .iter()
            .filter(|name| !self.groups.contains_key(**name))
            .map(|name| (*name).into())
            .collect();
        if !groups.is_empty() {
            self.groups.extend(reader.folder(&self.folder.join("group_vars"), groups.iter()));
        }
        if !self.hosts.contains_key(host) {
            self.hosts.extend(reader.folder(&self.folder.join("host_vars"), std::iter::once(&host.into())));
        }
        reader.errors.into_iter().chain(reader.warnings).collect()
    }

    /// Returns the variables for a group.
    pub fn group(&self, name: &str) -> Option<&Arc<VarMap>> {
        self.groups.get(name)
    }

    /// Returns the variables for a host.
    pub fn host(&self, name: &str) -> Option<&Arc<VarMap>> {
        self.hosts.get(name)
    }
}

struct Reader<'a> {
    files: &'a dyn Files,
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn folder<'n>(
        &mut self,
        folder: &Path,
        names: impl Iterator<Item = &'n Arc<str>>,
    ) -> HashMap<Arc<str>, Arc<VarMap>> {
        let mut found = HashMap::new();
        let present = match entries(folder) {
            Ok(present) => present,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return found,
            Err(error) => {
                self.errors.push(unreadable(folder, &error));
                return found;
            }
        };
        for name in names {
            let mut candidates = ENDINGS
                .iter()
                .map(|end| format!("{name}{end}"))
                .filter(|file| present.contains(file.as_str()));
            let Some(first) = candidates.next() else { continue };
            for other in candidates {
                self.passed_over(folder, &first, &other);
            }
            let mut vars = VarMap::new();
            self.path(&folder.join(first), &mut vars);
            found.insert(Arc::clone(name), Arc::new(vars));
        }
        found
    }

    fn passed_over(&mut self, folder: &Path, first: &str, other: &str) {
        let text = format!("{} is not read, since there is `{first}`", folder.join(other).display());
        let warning =
            general("inventory::shadowed-file", text).help("merge the two, or move both into a folder");
        self.warnings.push(Diagnostic { severity: Severity::Warning, ..warning });
    }

    fn path(&mut self, path: &Path, vars: &mut VarMap) {
        if !path.is_dir() {
            return self.file(path, vars);
        }
        match entries(path) {
            Ok(names) => {
                for name in names.iter().filter(|name| is_vars_file(&path.join(name))) {
                    self.path(&path.join(name), vars);
                }
            }
            Err(error) => self.errors.push(unreadable(path, &error)),
        }
    }

    fn file(&mut self, path: &Path, vars: &mut VarMap) {
        let text = match self.files.text(path) {
            Ok(text) => text,
            Err(error) => return self.errors.push(unreadable(path, error.as_ref())),
        };
        match parse_data(&Source::new(path, text)) {
            Ok((root, warnings)) => {
                self.warnings.extend(warnings);
                if let Some(mapping) = root.as_mapping() {
                    vars.extend(&VarMap::from_mapping(mapping));
                } else if !root.is_null() {
                    let text = format!("a file of variables is a mapping, not {}", root.describe());
                    self.errors.push(Diagnostic::error("inventory::shape", text, &root.span));
                }
            }
            Err(errors) => self.errors.extend(errors),
        }
    }
}

fn entries(folder: &Path) -> std::io::Result<BTreeSet<String>> {
    std::fs::read_dir(folder)?
        .filter_map(|entry| entry.map(|e| e.file_name().into_string().ok()).transpose())
        .collect()
}

/// Folders count, and files with an ending of variables or with none, but nothing that is hidden.
fn is_vars_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map(|e| format!(".{}", e.to_string_lossy())).unwrap_or_default();
    !name.starts_with('.') && !name.ends_with('~') && (path.is_dir() || ENDINGS.contains(&ending.as_str()))
}
