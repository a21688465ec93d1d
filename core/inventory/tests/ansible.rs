//! Whether inventories mean here what they mean to Ansible, from answers that `record.py` wrote down.

use std::path::Path;
use std::sync::Mutex;

use indexmap::IndexMap;
use switchover_inventory::{Inventory, Loaded, Pattern, PlainFiles, Rules, View};

/// Sources are relative to a case's folder, and tests of one binary may share a process.
static FOLDER: Mutex<()> = Mutex::new(());

fn load(name: &str) -> (Inventory, std::path::PathBuf) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
    let sources = std::fs::read_to_string(folder.join("sources")).expect("a case names its sources");
    let sources: Vec<&str> = sources.lines().collect();
    let guard = FOLDER.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let before = std::env::current_dir().expect("there is a working folder");
    std::env::set_current_dir(&folder).expect("a case is a folder");
    let rules = Rules { tolerant: true, ..Rules::default() };
    let loaded = Inventory::load_by(&rules, &sources, &PlainFiles);
    std::env::set_current_dir(before).expect("the folder was there");
    drop(guard);
    match loaded {
        Ok(Loaded { inventory, .. }) => (inventory, folder),
        Err(errors) => panic!("{}", errors.iter().map(|e| e.render(false)).collect::<String>()),
    }
}

fn recorded(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).expect("the answer is recorded")
}

fn shows_the_same(name: &str) {
    let (inventory, folder) = load(name);
    assert_eq!(
        inventory.list_json(&View::default()) + "\n",
        recorded(&folder, "list.json"),
        "{name}: --list"
    );
    assert_eq!(
        inventory.list_json(&View { export: true, ..View::default() }) + "\n",
        recorded(&folder, "export.json"),
        "{name}: --export"
    );
    let graph = inventory.graph("all", true, &View::default()).expect("there is `all`");
    assert_eq!(graph, recorded(&folder, "graph.txt"), "{name}: --graph");
}

fn selects_the_same(name: &str) {
    let (inventory, folder) = load(name);
    let answers: IndexMap<String, Vec<String>> =
        serde_json::from_str(&recorded(&folder, "patterns.json")).expect("the answers are JSON");
    let mut wrong = Vec::new();
    for (text, expected) in &answers {
        let hosts = Pattern::parse(text).map(|pattern| inventory.hosts(&pattern, None).hosts);
        let hosts: Option<Vec<String>> = hosts.ok().map(|h| h.iter().map(|name| name.to_string()).collect());
        if hosts.as_ref() != Some(expected) {
            wrong.push(format!("{text:?}\n  here    {hosts:?}\n  Ansible {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), answers.len(), wrong.join("\n"));
}

macro_rules! cases {
    ($check:ident: $($name:ident)*) => {
        mod $check {
            $(#[test] fn $name() { super::$check(stringify!($name)); })*
        }
    };
}

cases!(shows_the_same:
    host_list ini_groups ini_values nested_groups patterns scripted scripted_hosts scripted_old several vars_files yaml_precedence yaml_tree
);

cases!(selects_the_same: ini_groups nested_groups patterns);
