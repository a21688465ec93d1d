use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The names of the plugin files that came with the program. A file of such a name stands in for it, wherever it lies.
#[derive(Debug, Default)]
pub(crate) struct Own(HashSet<OsString>);

impl Own {
    /// Reads the names in these folders; a folder that is not there holds none.
    pub(crate) fn in_folders(folders: &[PathBuf]) -> Self {
        let entries = folders.iter().filter_map(|folder| folder.read_dir().ok()).flatten().flatten();
        let plugins = entries.filter(|entry| entry.file_name().to_str().is_some_and(is_plugin_name));
        // A link is known by the name of what it leads to.
        let led_to = |path: PathBuf| path.canonicalize().ok()?.file_name().map(OsString::from);
        Self(plugins.flat_map(|entry| [Some(entry.file_name()), led_to(entry.path())]).flatten().collect())
    }

    pub(crate) fn includes(&self, file: &Path) -> bool {
        file.file_name().is_some_and(|name| self.0.contains(name))
    }

    /// Returns whether a file is from elsewhere. Where nothing came with the program there is no elsewhere.
    pub(crate) fn excludes(&self, file: &Path) -> bool {
        !self.0.is_empty() && !self.includes(file)
    }
}

/// In a build, cargo leaves the compiler plugin of our SDK beside the plugins, also with a hash after a hyphen.
pub(crate) fn is_plugin_name(name: &str) -> bool {
    let stem = name.strip_prefix("libswitchover_").and_then(|rest| rest.strip_suffix(".so"));
    stem.is_some_and(|stem| !stem.is_empty() && !stem.contains('-') && stem != "sdk_derive")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_only_files_named_as_plugins_are() {
        assert!(is_plugin_name("libswitchover_files.so"));
        for other in [
            "libswitchover_.so",
            "libswitchover_x-0a1b.so",
            "libswitchover_sdk_derive.so",
            "switchover_x.so",
            "libswitchover_x.so.1",
        ] {
            assert!(!is_plugin_name(other), "{other}");
        }
    }
}
