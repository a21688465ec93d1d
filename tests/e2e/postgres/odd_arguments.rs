//! Every argument of every module gets words that a shell, SQL, libpq or a file would obey: nothing obeys, nothing crashes.

use std::collections::HashSet;

use serde_json::Value;

use super::pair::{A, B, Pair};
use crate::scenario::Scenario;

const ODD: [&str; 6] = [
    "'; touch PWNED; '",
    "$(touch PWNED)`touch PWNED`",
    "x\ntouch PWNED\n",
    "\\'; CREATE TABLE pwned (); --\" host=elsewhere",
    "",
    "\u{202e}é\t../../../PWNED",
];

/// Those that may really act here: they change what can be put back, or nothing.
const HARMLESS: [&str; 6] = [
    "postgres.role",
    "postgres.peer",
    "postgres.version",
    "postgres.replication",
    "postgres.conf",
    "postgres.slot",
];

/// Returns the declarations of all modules of the family.
fn modules() -> Vec<Value> {
    let list = Scenario::new().args(["plugin", "list", "--format", "json"]).run();
    let list: Vec<Value> = serde_json::from_str(&list.stdout).unwrap();
    let names =
        list.iter().filter_map(|module| module["name"].as_str()).filter(|name| name.starts_with("postgres."));
    let doc = |name: &str| {
        let doc = Scenario::new().args(["plugin", "doc", "--format", "json", name]).run();
        serde_json::from_str::<Value>(&doc.stdout).unwrap_or_else(|_| panic!("{doc:?}"))
    };
    let mut found: Vec<Value> = names.map(doc).collect();
    found.sort_by_key(|module| !HARMLESS.contains(&module["name"].as_str().unwrap()));
    found
}

/// Returns a task for each parameter that is not known yet, and odd word, beside arguments that are sound.
fn tasks(pair: &Pair, module: &Value, known: &mut HashSet<String>) -> Vec<Value> {
    let name = module["name"].as_str().unwrap();
    let sound = |param: &str| match param {
        "data" => Value::from(pair.at(B, "data")),
        "bin" => Value::from(pair.at(B, "bin")),
        "source_host" => "127.0.0.1".into(),
        "state" => "started".into(),
        "name" => "slot_x".into(),
        "replayed_past" => "0/1".into(),
        "peer_role" => "stopped".into(),
        "read" => serde_json::json!(["work_mem"]),
        _ => Value::Null,
    };
    let params = module["params"].as_array().unwrap();
    let mut tasks = Vec::new();
    // What modules share is asked of one of them.
    for odd in params.iter().filter(|param| known.insert(format!("{}{}", param["name"], param["doc"]))) {
        for index in 0..ODD.len() {
            let mut arguments = serde_json::Map::new();
            for param in params.iter().filter_map(|param| param["name"].as_str()) {
                // By a template: what is wrong as it stands would be refused before a host is asked.
                let value = if odd["name"] == param {
                    Value::from(format!("{{{{ odd[{index}] }}}}"))
                } else {
                    sound(param)
                };
                if !value.is_null() {
                    arguments.insert(param.to_owned(), value);
                }
            }
            tasks.push(serde_json::json!({ name: arguments, "ignore_errors": true }));
        }
    }
    tasks
}

#[test]
fn odd_words_in_arguments_are_data_and_nothing_else() {
    let Some(pair) = Pair::start() else { return };
    let before = pair.state();
    let (modules, mut known) = (modules(), HashSet::new());
    assert_eq!(modules.len(), 12, "{modules:?}");
    for module in &modules {
        let name = module["name"].as_str().unwrap();
        let modes: &[&[&str]] = if HARMLESS.contains(&name) { &[&["--check"], &[]] } else { &[&["--check"]] };
        let tasks = tasks(&pair, module, &mut known);
        for mode in modes {
            let outcome = run(
                &pair,
                &serde_json::json!([{
                    "hosts": "db-b", "gather_facts": false, "vars": { "odd": ODD }, "tasks": tasks,
                }]),
                mode,
            );
            assert_eq!(outcome.code, 0, "{name}: {outcome:?}");
            for word in ["panicked", "gave no reply"] {
                assert!(
                    !outcome.stdout.contains(word) && !outcome.stderr.contains(word),
                    "{name}: {outcome:?}"
                );
            }
        }
    }
    assert_eq!(pair.sql(A, "SELECT count(*) FROM pg_class WHERE relname = 'pwned'"), "0");
    assert_eq!(pair.state(), before);
    let found =
        std::process::Command::new("find").arg(pair.path("")).args(["-name", "*PWNED*"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout), "");
}

fn run(pair: &Pair, play: &Value, mode: &[&str]) -> crate::scenario::Outcome {
    let inventories = [pair.path("lab/inventory.yml"), pair.path("pair.yml")];
    let scenario = Scenario::new().playbook(&play.to_string()).args(mode.iter().copied());
    let scenario =
        inventories.iter().fold(scenario, |scenario, path| scenario.args(["-i", path.to_str().unwrap()]));
    scenario.run()
}
