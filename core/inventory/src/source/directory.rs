use std::path::{Path, PathBuf};

use crate::load::{Loading, general};

/// Reads the files of a folder and of the folders below it, sorted by name.
pub(super) fn read(loading: &mut Loading<'_>, folder: &Path) {
    let mut entries: Vec<PathBuf> = match std::fs::read_dir(folder) {
        Ok(entries) => entries.filter_map(Result::ok).map(|e| e.path()).collect(),
        Err(error) => return loading.errors.push(super::unreadable(folder, &error)),
    };
    entries.sort();
    for path in entries {
        let Some(name) = path.file_name().and_then(|n| n.to_str()) else {
            let text = format!("the name of {} is not UTF-8", path.display());
            loading.errors.push(general("inventory::unreadable", text));
            continue;
        };
        if loading.rules.ignores(name) {
            continue;
        }
        if !path.is_dir() {
            super::file(loading, &path);
        } else if !matches!(name, "group_vars" | "host_vars" | "vars_plugins") {
            read(loading, &path);
        }
    }
}
