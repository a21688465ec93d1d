//! Hosts and groups that are computed, held against what ansible-inventory of ansible-core 2.19 prints for them.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::PathBuf;

use switchover_inventory::{Inventory, Loaded, PlainFiles, View};

fn load(files: &[(&str, &str)]) -> Inventory {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = files
        .iter()
        .map(|(name, text)| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        })
        .collect();
    let paths: Vec<&str> = paths.iter().map(|path| path.to_str().unwrap()).collect();
    let Loaded { inventory, .. } = Inventory::load(&paths, &PlainFiles).unwrap();
    inventory
}

fn groups(inventory: &Inventory, host: &str) -> String {
    inventory.group_names(host).join(" ")
}

#[test]
fn constructed_names_groups_after_variables() {
    let inventory = load(&[
        (
            "a.yml",
            "all: {hosts: {w1: {role: web, os: Deb ian, l: [x, y], d: {k: v}, n: 5}, d1: {role: db, e: ''}}}\n",
        ),
        (
            "b.yml",
            "plugin: constructed\ncompose: {sum: n + 1}\ngroups: {webs: role == 'web', bad: nope == 1}\nkeyed_groups:\n\
             - {key: role, parent_group: roles}\n- {key: os, prefix: ''}\n- {key: l, prefix: tag, separator: '-'}\n\
             - {key: d, prefix: d}\n- {key: e, prefix: e, default_value: none}\n",
        ),
    ]);
    assert_eq!(groups(&inventory, "w1"), "_Deb_ian _web d_k_v roles tag_x tag_y webs");
    assert_eq!(groups(&inventory, "d1"), "_db e_none roles");
    assert!(inventory.host_json("w1", &View::default()).unwrap().contains("\"sum\": 6"));
}

#[test]
fn generator_makes_a_host_a_combination() {
    let inventory = load(&[(
        "g.yml",
        "plugin: generator\nhosts:\n  name: '{{ op }}_{{ env }}'\n  parents:\n  - name: '{{ op }}'\n    parents: \
         [{name: ops, vars: {o: '{{ op }}'}}]\n  - name: '{{ env }}'\nlayers: {op: [build, run], env: [dev, prod]}\n",
    )]);
    let names: Vec<&str> = inventory.all_hosts().map(|host| &*host.name).collect();
    assert_eq!(names, ["build_dev", "build_prod", "run_dev", "run_prod"]);
    assert_eq!(groups(&inventory, "run_dev"), "dev ops run");
}

#[test]
fn toml_is_a_tree_of_tables() {
    let inventory =
        load(&[("t.toml", "[web]\nchildren = [\"sub\"]\n[web.hosts.w2]\nport = 3\n[sub.hosts]\ns1 = {}\n")]);
    assert_eq!(groups(&inventory, "s1"), "sub web");
    assert!(inventory.host_json("w2", &View::default()).unwrap().contains("\"port\": 3"));
}

#[test]
fn an_option_that_a_plugin_does_not_have_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.yml");
    std::fs::write(&path, "plugin: constructed\ncompos: {}\n").unwrap();
    let errors = Inventory::load(&[path.to_str().unwrap()], &PlainFiles).unwrap_err();
    assert_eq!(errors[0].message, "the plugin has no option `compos`");
}
