use std::io;
use std::path::{Component, Path, PathBuf};

use switchover_syntax::Text;

/// Reads a file of the controller as text; the caller may decrypt it on the way.
pub type ReadFile = Box<dyn Fn(&Path) -> io::Result<Text> + Send + Sync>;

/// Endings that Ansible tries, in its order.
pub(crate) const YAML_ENDINGS: [&str; 3] = [".yml", ".yaml", ".json"];

/// Returns an absolute path without `.` and `..`, with `~` as the user's home folder.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let path = expand_home(path);
    // Nothing is the folder in which the program runs, which `std` does not take.
    let path = if path.as_os_str().is_empty() { PathBuf::from(".") } else { path };
    let whole = std::path::absolute(&path).unwrap_or(path);
    let mut clean = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            part => clean.push(part),
        }
    }
    clean
}

/// Returns a path as the user would write it: below the current folder without that folder.
pub(crate) fn shown(path: &Path) -> PathBuf {
    match std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned)) {
        Some(below) if !below.as_os_str().is_empty() => below,
        _ => path.to_owned(),
    }
}

/// Returns the folder of a file.
pub(crate) fn folder(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

fn expand_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::var_os("HOME")) {
        (Ok(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_paths_have_no_dots() {
        assert_eq!(absolute(Path::new("/a/b/../c/./d")), Path::new("/a/c/d"));
    }
}
