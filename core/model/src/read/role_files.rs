use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchover_syntax::{Mapping, Span};

use super::Reader;
use super::variables::merged;
use crate::files::YAML_ENDINGS;

impl Reader<'_> {
    /// Returns `PART/main` with one of the endings, or the file that was named. A named one must be there.
    ///
    /// The outer `None` says that it is not, and was reported.
    pub(super) fn role_file(
        &self,
        role: &Path,
        part: &str,
        from: Option<&str>,
        span: &Span,
    ) -> Option<Option<PathBuf>> {
        let found = self.part_file(role, part, from.unwrap_or("main"));
        match (found, from) {
            (None, Some(name)) => {
                self.no_role_file(role, part, name, span);
                None
            }
            (found, _) => Some(found),
        }
    }

    pub(super) fn part_file(&self, role: &Path, part: &str, name: &str) -> Option<PathBuf> {
        let named =
            if name == "main" { [".yml", ".yaml", ".json", ""] } else { ["", ".yml", ".yaml", ".json"] };
        named.iter().map(|ending| role.join(part).join(format!("{name}{ending}"))).find(|path| path.is_file())
    }

    /// Reads `defaults` or `vars` of a role: a file, or all files of a folder of that name, later ones winning.
    pub(super) fn role_variables(
        &self,
        role: &Path,
        part: &str,
        from: Option<&str>,
        span: &Span,
    ) -> Option<Arc<Mapping>> {
        let folder = role.join(part).join(from.unwrap_or("main"));
        let files = match self.part_file(role, part, from.unwrap_or("main")) {
            Some(file) => vec![file],
            None if folder.is_dir() => files_below(&folder),
            None => self.role_file(role, part, from, span)?.into_iter().collect(),
        };
        let mut all = Mapping::default();
        for file in files {
            let vars = self.variables_named(&file, Some(span))?;
            self.look_at_templates(&vars);
            all = merged(&all, &vars);
        }
        Some(Arc::new(all))
    }
}

/// Returns the variable files below a folder in the order of their names, as Ansible takes them.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths.into_iter().filter(|path| !is_ignored(path)).flat_map(|path| expanded(&path)).collect()
}

fn expanded(path: &Path) -> Vec<PathBuf> {
    let ending = path.extension().map(|e| format!(".{}", e.to_string_lossy()));
    let readable = ending.as_deref().is_none_or(|ending| YAML_ENDINGS.contains(&ending));
    match (path.is_dir(), readable) {
        (true, true) => files_below(path),
        (false, true) => vec![path.to_owned()],
        _ => Vec::new(),
    }
}

fn is_ignored(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.starts_with('.') || name.ends_with('~')
}
