use std::path::{Path, PathBuf};

use switchover_values::{Scope, to_json};

/// Finds a file of the controller as Ansible does: in `KIND/` of the role and of the folders around, then in
/// these folders themselves. The error tells where it was searched.
pub fn find_file(scope: &Scope, path: &str, kind: Option<&str>) -> Result<PathBuf, Vec<PathBuf>> {
    let path = expand_home(path);
    if path.is_absolute() {
        return if path.exists() { Ok(path) } else { Err(vec![path]) };
    }
    let searched = candidates(&folders(scope), &path, kind);
    searched.iter().find(|candidate| candidate.exists()).cloned().ok_or(searched)
}

/// Returns the folders where a task's relative files are searched, nearest first.
pub fn folders(scope: &Scope) -> Vec<PathBuf> {
    let value = scope.get("ansible_search_path").ok().flatten();
    match value.map(|value| to_json(&value)) {
        Some(serde_json::Value::Array(items)) => {
            items.iter().filter_map(|item| item.as_str().map(PathBuf::from)).collect()
        }
        _ => Vec::new(),
    }
}

fn candidates(folders: &[PathBuf], path: &Path, kind: Option<&str>) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for folder in folders {
        if let Some(kind) = kind {
            all.push(folder.join(kind).join(path));
        }
        if folder.join("tasks").is_dir() {
            all.push(folder.join("tasks").join(path));
        }
        all.push(folder.join(path));
    }
    all
}

fn expand_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}
