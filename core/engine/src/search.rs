use std::path::PathBuf;

use switchover_values::{Scope, expanded_user, search::candidates, to_json};

/// Finds a file of the controller as Ansible does: in `KIND/` of the role and of the folders around, then in
/// these folders themselves. The error tells where it was searched.
pub fn find_file(scope: &Scope, path: &str, kind: Option<&str>) -> Result<PathBuf, Vec<PathBuf>> {
    find_below(&folders(scope), path, kind)
}

/// Finds a file of the controller below these folders; see [`find_file`].
pub fn find_below(folders: &[PathBuf], path: &str, kind: Option<&str>) -> Result<PathBuf, Vec<PathBuf>> {
    let path = PathBuf::from(expanded_user(path));
    if path.is_absolute() {
        return if path.exists() { Ok(path) } else { Err(vec![path]) };
    }
    let searched = candidates(folders, kind, &path);
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
