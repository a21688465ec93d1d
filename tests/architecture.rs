//! The shape of the tree, held: who may import whom, how long a file may be, what is not written.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Who may import whom inside the workspace. `plugins/*` import the SDK, and families a library of their own.
const IMPORTS: [(&str, &[&str]); 14] = [
    ("switchover-protocol", &[]),
    ("switchover-syntax", &[]),
    ("switchover-sdk-derive", &[]),
    ("switchover-sdk", &["switchover-protocol", "switchover-scratch", "switchover-sdk-derive"]),
    ("switchover-scratch", &["switchover-protocol"]),
    ("switchover-plugin-host", &["switchover-protocol"]),
    ("switchover-connect", &["switchover-protocol"]),
    ("switchover-journal", &["switchover-protocol"]),
    (
        "switchover-report",
        &["switchover-journal", "switchover-protocol", "switchover-syntax", "switchover-values"],
    ),
    ("switchover-values", &["switchover-syntax"]),
    ("switchover-inventory", &["switchover-syntax", "switchover-values"]),
    ("switchover-model", &["switchover-syntax", "switchover-values"]),
    (
        "switchover-engine",
        &[
            "switchover-connect",
            "switchover-inventory",
            "switchover-journal",
            "switchover-model",
            "switchover-plugin-host",
            "switchover-protocol",
            "switchover-syntax",
            "switchover-values",
        ],
    ),
    ("switchover-lab", &[]),
];

/// No file is longer; a median far below is the aim.
const LONGEST_FILE: usize = 600;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let ours = |dependency: &serde_json::Value| {
        let name = dependency["name"].as_str().unwrap().to_owned();
        (dependency["kind"].is_null() && dependency["path"].is_string()).then_some(name)
    };
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let names = package["dependencies"].as_array().unwrap().iter().filter_map(ours).collect();
            (package["name"].as_str().unwrap().to_owned(), names)
        })
        .collect()
}

#[test]
fn crates_import_only_what_the_table_allows() {
    let packages = dependencies();
    for (package, imports) in &packages {
        let Some((_, allowed)) = IMPORTS.iter().find(|(name, _)| name == package) else { continue };
        let strangers: Vec<_> = imports.iter().filter(|name| !allowed.contains(&name.as_str())).collect();
        assert!(strangers.is_empty(), "{package} must not import {strangers:?}");
    }
    assert!(
        IMPORTS.iter().all(|(name, _)| packages.contains_key(*name)),
        "the table names a crate that is gone"
    );
}

#[test]
fn plugins_import_the_sdk_and_nothing_of_the_engine() {
    let core: Vec<&str> =
        IMPORTS.iter().map(|(name, _)| *name).filter(|name| *name != "switchover-sdk").collect();
    for (package, imports) in dependencies() {
        let is_plugin = !core.contains(&package.as_str())
            && !["switchover", "switchover-sdk"].contains(&package.as_str());
        if is_plugin {
            let strangers: Vec<_> = imports.iter().filter(|name| core.contains(&name.as_str())).collect();
            assert!(strangers.is_empty(), "the plugin {package} must not import {strangers:?}");
        }
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                sources(&path, found);
            }
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    ["core", "plugins", "tests"].iter().for_each(|folder| sources(&root().join(folder), &mut found));
    found
}

#[test]
fn files_stay_short() {
    let mut lengths = Vec::new();
    for path in all_sources() {
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines", path.display());
        lengths.push(lines);
    }
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= 120, "the median file has {median} lines");
}

#[test]
fn nothing_is_left_unwritten() {
    let words = [
        concat!("to", "do!("),
        concat!("unimpl", "emented!("),
        concat!("#![al", "low("),
        concat!("#[ign", "ore"),
    ];
    for path in all_sources() {
        let text = std::fs::read_to_string(&path).unwrap();
        for word in words {
            assert!(!text.contains(word), "{} holds {word}", path.display());
        }
    }
}

#[test]
fn no_profile_aborts_on_panic() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let set = manifest.lines().any(|line| line.trim_start().starts_with("panic"));
    assert!(!set, "a plugin's panic is caught by unwinding");
}

#[test]
fn the_top_level_is_fixed() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "core",
        "plugins",
        "playbooks",
        "inventory",
        "tests",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        ".ci",
        ".git",
        ".gitignore",
        "clippy.toml",
        "rustfmt.toml",
        "deny.toml",
        "target",
    ];
    for entry in std::fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(allowed.contains(&name.as_str()), "{name} does not belong at the top level");
    }
}
