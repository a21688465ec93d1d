//! What the tests share: an inventory from texts.

use std::path::Path;

use switchover_inventory::{Inventory, Loaded, PlainFiles};
use switchover_syntax::Diagnostic;

/// Writes files into a new folder and loads the sources, which are relative to it.
pub fn load(files: &[(&str, &str)], sources: &[&str]) -> Result<Loaded, Vec<Diagnostic>> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    write(folder.path(), files);
    let sources: Vec<String> = sources
        .iter()
        .map(|s| if s.contains(',') { (*s).to_owned() } else { folder.path().join(s).display().to_string() })
        .collect();
    Inventory::load(&sources, &PlainFiles)
}

/// Writes files below a folder.
pub fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    }
}
