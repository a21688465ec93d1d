//! Inventories: the first byte chooses the kind (INI, YAML, TOML, the JSON of a script), the rest is the file.
#![no_main]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use switchover_inventory::{Inventory, PlainFiles};

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

fuzz_target!(|input: &[u8]| {
    let Some((kind, text)) = input.split_first() else { return };
    let name = ["hosts", "hosts.yml", "hosts.toml", "hosts.sh"][usize::from(kind % 4)];
    let path = FOLDER.path().join(name);
    if name.ends_with(".sh") {
        std::fs::write(FOLDER.path().join("answer.json"), text).unwrap();
        script(&path);
    } else {
        std::fs::write(&path, text).unwrap();
    }
    match Inventory::load(&[path.to_str().unwrap()], &PlainFiles) {
        Ok(loaded) => assert!(loaded.inventory.all_groups().len() >= 2, "all and ungrouped are always there"),
        Err(mistakes) => assert!(mistakes.iter().all(|mistake| !mistake.render(false).is_empty())),
    }
});

fn script(path: &Path) {
    if !path.exists() {
        std::fs::write(path, "#!/bin/sh\ncat \"${0%/*}/answer.json\"\n").unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
}
