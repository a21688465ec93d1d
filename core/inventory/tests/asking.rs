//! Patterns with limits, layers of variables, and changes while a play runs.

mod common;

use std::path::Path;

use common::{load, write};
use proptest::prelude::*;
use switchover_inventory::{
    Files, HostSource, Inventory, Pattern, PatternError, PlainFiles, Selection, VarsBeside, View,
};
use switchover_values::{Layer, Stored, Value, VarMap};

const HOSTS: &str = "[web]\nweb1\nweb2\nweb3\n[db]\ndb1\ndb2\nweb2\n[dc:children]\ndb\nweb\n";

fn inventory() -> Inventory {
    load(&[("h", HOSTS)], &["h"]).expect("it is right").inventory
}

fn names(selection: &Selection) -> Vec<&str> {
    selection.hosts.iter().map(|h| &**h).collect()
}

fn ask(inventory: &Inventory, pattern: &str, limit: Option<&str>) -> Selection {
    let limit = limit.map(|text| Pattern::parse_limit(text, &PlainFiles).expect("a pattern"));
    inventory.hosts(&Pattern::parse(pattern).expect("a pattern"), limit.as_ref())
}

#[test]
fn a_limit_keeps_the_order_of_the_pattern() {
    let inventory = inventory();
    assert_eq!(names(&ask(&inventory, "web", Some("web3,web1"))), ["web1", "web3"]);
    assert_eq!(names(&ask(&inventory, "all", Some("!web"))), ["db1", "db2"]);
    assert_eq!(names(&ask(&inventory, "web", Some("db"))), ["web2"]);
    assert!(names(&ask(&inventory, "localhost", Some("web"))).is_empty());
}

#[test]
fn a_limit_file_names_a_pattern_on_each_line() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("retry", "web1\n\n db1 \n!web1\n")]);
    let inventory = inventory();
    let limit = format!("@{}", folder.path().join("retry").display());
    assert_eq!(names(&ask(&inventory, "all", Some(&limit))), ["db1"]);
    let missing = Pattern::parse_limit("@/nonexistent/file", &PlainFiles);
    assert!(matches!(missing, Err(PatternError::LimitFile { .. })));
}

#[test]
fn what_matches_nothing_is_named() {
    let inventory = inventory();
    let selection = ask(&inventory, "web1:nope:~no:&nix", Some("all:gone"));
    assert_eq!(selection.unmatched, ["nope", "~no", "nix", "gone"]);
    assert_eq!(ask(&inventory, "ungrouped", None), Selection::default());
    assert_eq!(ask(&inventory, "web[5]", None).out_of_range, ["web[5]"]);
}

#[test]
fn refuses_what_is_no_pattern() {
    assert!(matches!(Pattern::parse("~web("), Err(PatternError::Regex { .. })));
    assert!(matches!(Pattern::parse("web[0-1]"), Err(PatternError::OldRange(_))));
}

#[test]
fn localhost_needs_no_inventory() {
    let inventory = Inventory::default();
    assert_eq!(names(&ask(&inventory, "localhost", None)), ["localhost"]);
    assert!(names(&ask(&inventory, "all", None)).is_empty());
    assert!(
        inventory
            .host_json("localhost", &View::default())
            .unwrap()
            .contains("\"ansible_connection\": \"local\"")
    );
    assert_eq!(inventory.host_json("other", &View::default()), None);
}

fn value(vars: &VarMap, name: &str) -> Option<String> {
    vars.get(name).map(|stored| match stored {
        Stored::Author(node) => node.as_str().unwrap_or("?").to_owned(),
        Stored::Data(value) => value.to_string(),
    })
}

#[test]
fn layers_are_in_ansibles_order() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &[
            (
                "i/h",
                "[web]\na v=host\n[web:vars]\nv=web\n[all:vars]\nv=all\n[dc:children]\nweb\n[dc:vars]\nv=dc\n",
            ),
            ("i/group_vars/all.yml", "v: i_all\n"),
            ("i/group_vars/web.yml", "v: i_web\n"),
            ("i/group_vars/dc/x.yml", "v: i_dc\n"),
            ("i/host_vars/a.yml", "v: i_host\n"),
            ("p/group_vars/all.yml", "v: p_all\n"),
            ("p/group_vars/web.yml", "v: p_web\n"),
            ("p/host_vars/a.yml", "v: p_host\n"),
            ("p/host_vars/localhost.yml", "v: p_local\n"),
        ],
    );
    let source = folder.path().join("i/h").display().to_string();
    let inventory = Inventory::load(&[source], &PlainFiles).unwrap().inventory;
    let playbook = VarsBeside::load(&folder.path().join("p"), &inventory, &PlainFiles).unwrap().0;
    let layers = inventory.layers("a", Some(&playbook));
    let found: Vec<(Layer, String)> = layers.iter().map(|(l, v)| (*l, value(v, "v").unwrap())).collect();
    let expected = [
        (Layer::InventoryGroup, "all"),
        (Layer::InventoryGroup, "dc"),
        (Layer::InventoryGroup, "web"),
        (Layer::InventoryGroupVarsAll, "i_all"),
        (Layer::PlaybookGroupVarsAll, "p_all"),
        (Layer::InventoryGroupVars, "i_dc"),
        (Layer::InventoryGroupVars, "i_web"),
        (Layer::PlaybookGroupVars, "p_web"),
        (Layer::InventoryHost, "host"),
        (Layer::InventoryHostVars, "i_host"),
        (Layer::PlaybookHostVars, "p_host"),
    ];
    assert_eq!(found, expected.map(|(layer, value)| (layer, value.to_owned())));
    let local: Vec<_> =
        inventory.layers("localhost", Some(&playbook)).iter().map(|(_, v)| value(v, "v").unwrap()).collect();
    assert_eq!(local, ["all", "i_all", "p_all", "p_local"]);
}

#[test]
fn a_caller_may_decrypt_files() {
    struct Vault;
    impl Files for Vault {
        fn text(
            &self,
            path: &Path,
        ) -> Result<switchover_syntax::Text, Box<dyn std::error::Error + Send + Sync>> {
            let text = std::fs::read_to_string(path)?;
            Ok(text
                .strip_prefix("$ANSIBLE_VAULT;")
                .map_or(text.clone(), |secret| format!("v: {secret}"))
                .into())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("h", "a\n"), ("host_vars/a.yml", "$ANSIBLE_VAULT;opened\n")]);
    let inventory =
        Inventory::load(&[folder.path().join("h").display().to_string()], &Vault).unwrap().inventory;
    assert_eq!(value(&inventory.layers("a", None)[0].1, "v").as_deref(), Some("opened"));
}

#[test]
fn hosts_and_groups_may_come_while_a_play_runs() {
    let mut inventory = load(&[("h", "a\n")], &["h"]).unwrap().inventory;
    let mut vars = VarMap::new();
    vars.insert("x", Value::from(1));
    assert!(inventory.add_host("new", &["made", "web"], &vars));
    assert!(!inventory.add_host("new", &["made"], &vars));
    assert_eq!(inventory.group_names("new"), ["made", "web"]);
    assert!(inventory.group_by("a", "os_debian", &["os"]).unwrap());
    assert!(!inventory.group_by("a", "os_debian", &["os"]).unwrap());
    assert_eq!(inventory.group_names("a"), ["os", "os_debian"]);
    assert_eq!(inventory.group_hosts("ungrouped").len(), 0);
    assert_eq!(names(&ask(&inventory, "os", None)), ["a"]);
    assert!(inventory.group_by("a", "os", &["os_debian"]).is_err());
    assert_eq!(inventory.group("os_debian").unwrap().depth, 2);
}

#[test]
fn each_host_knows_its_source() {
    let inventory = load(&[("h", "a\n")], &["h", "b,"]).unwrap().inventory;
    let source = |name: &str| inventory.host(name).unwrap().source.clone().unwrap();
    assert!(matches!(source("a"), HostSource::File(file) if file.ends_with("h")));
    assert_eq!(source("b"), HostSource::List("b,".into()));
}

fn term() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["web", "db", "dc", "all", "web1", "web2", "*1", "~web[12]", "web[0]", "nope"])
        .prop_map(str::to_owned)
}

fn set(inventory: &Inventory, pattern: &str) -> std::collections::BTreeSet<String> {
    ask(inventory, pattern, None).hosts.iter().map(|h| h.to_string()).collect()
}

proptest! {
    #[test]
    fn patterns_are_sets(a in term(), b in term(), c in term()) {
        let inventory = inventory();
        let (x, y, z) = (set(&inventory, &a), set(&inventory, &b), set(&inventory, &c));
        prop_assert_eq!(set(&inventory, &format!("{a}:{b}")), &x | &y);
        prop_assert_eq!(set(&inventory, &format!("{a}:&{b}")), &x & &y);
        prop_assert_eq!(set(&inventory, &format!("{a}:!{b}")), &x - &y);
        prop_assert_eq!(set(&inventory, &format!("!{c}:{a}:&{b}")), &(&x & &y) - &z);
        prop_assert_eq!(set(&inventory, &format!("{a},{b},!{c}")), &(&x | &y) - &z);
    }

    #[test]
    fn no_host_is_there_twice(a in term(), b in term()) {
        let inventory = inventory();
        let found = ask(&inventory, &format!("{a}:{b}"), None);
        let set: std::collections::HashSet<_> = found.hosts.iter().collect();
        prop_assert_eq!(set.len(), found.hosts.len());
    }

    #[test]
    fn no_pattern_panics(text in "[a-z0-9:,!&~*?@\\[\\]() é-]{0,16}") {
        if let Ok(pattern) = Pattern::parse(&text) {
            let _ = inventory().hosts(&pattern, None);
        }
    }

    #[test]
    fn no_ini_panics(text in "[a-c\\[\\]:=# '\"\n0-9varschildren]{0,60}") {
        if let Ok(loaded) = load(&[("h.ini", &text)], &["h.ini"]) {
            let _ = loaded.inventory.list_json(&View::default());
        }
    }
}
