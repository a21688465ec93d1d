use std::path::{Path, PathBuf};

/// Returns the places of a relative file, the first choice first: for each folder its subfolder (`files`,
/// `templates`, `vars`), then itself. Below the `tasks` of a role, the role and its `tasks` come before.
pub fn candidates(folders: &[PathBuf], subfolder: Option<&str>, path: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let mut add = |folder: &Path, beside: &Path| {
        all.extend(subfolder.map(|subfolder| folder.join(subfolder).join(path)));
        all.push(beside.join(path));
    };
    for folder in folders {
        if let Some(tasks) = folder.ancestors().skip(1).find(|above| above.ends_with("tasks")) {
            add(tasks.parent().unwrap_or(tasks), tasks);
        }
        add(folder, folder);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subfolders_come_first_and_roles_before_folders_in_their_tasks() {
        let folders = [PathBuf::from("/r"), PathBuf::from("/r/tasks/sub")];
        let found = candidates(&folders, Some("vars"), Path::new("a.yml"));
        let wanted = [
            "/r/vars/a.yml",
            "/r/a.yml",
            "/r/vars/a.yml",
            "/r/tasks/a.yml",
            "/r/tasks/sub/vars/a.yml",
            "/r/tasks/sub/a.yml",
        ];
        assert_eq!(found, wanted.map(PathBuf::from));
    }

    #[test]
    fn without_a_subfolder_there_is_one_place_a_folder() {
        let found = candidates(&[PathBuf::from("/p")], None, Path::new("a.yml"));
        assert_eq!(found, [PathBuf::from("/p/a.yml")]);
    }
}
