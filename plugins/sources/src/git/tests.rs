use switchover_sdk::prelude::*;

use super::Git;
use crate::local::{Local, has};

const IDENTITY: &str = "git config user.email a@example.com; git config user.name a; ";

/// A repository with the branches `main` and `dev` and the tag `v1`.
fn repository() -> Option<Local> {
    if !has("git") {
        return None;
    }
    let local = Local::new();
    local.sh("mkdir src; cd src; git init -q; git checkout -q -b main");
    local.sh(&format!("cd src; {IDENTITY} echo 1 >f; git add f; git commit -qm 1; git tag -a -m v1 v1"));
    local.sh("cd src; git checkout -q -b dev; echo 2 >f; git commit -qam 2; git checkout -q main");
    Some(local)
}

fn task(local: &Local, more: Value) -> Value {
    let mut arguments = json!({ "repo": local.path("src"), "dest": local.path("d") });
    arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    arguments
}

fn commit(local: &Local, folder: &str, name: &str) -> String {
    local.sh(&format!("git -C {folder} rev-parse '{name}^{{commit}}'")).trim().to_owned()
}

#[test]
fn clones_then_follows_branches_and_tags() {
    let Some(local) = repository() else { return };
    let main = commit(&local, "src", "main");
    let outcome = local.run::<Git>(task(&local, json!({}))).unwrap();
    assert!(outcome.changed);
    assert_eq!(outcome.result["before"], Value::Null);
    assert_eq!(outcome.result["after"], json!(main));
    assert_eq!(local.sh("git -C d symbolic-ref --short HEAD"), "main\n");
    assert!(!local.run::<Git>(task(&local, json!({}))).unwrap().changed);

    let dev = task(&local, json!({ "version": "dev" }));
    let outcome = local.run::<Git>(dev.clone()).unwrap();
    assert_eq!(outcome.result["before"], json!(main));
    assert_eq!(outcome.result["after"], json!(commit(&local, "src", "dev")));
    assert_eq!(local.sh("cat d/f; git -C d symbolic-ref --short HEAD"), "2\ndev\n");
    assert!(!local.run::<Git>(dev.clone()).unwrap().changed);

    local.sh("cd src; git checkout -q dev; echo 3 >f; git commit -qam 3; git checkout -q main");
    assert!(local.run::<Git>(dev).unwrap().changed);
    assert_eq!(local.sh("cat d/f"), "3\n");

    let tag = task(&local, json!({ "version": "v1" }));
    assert_eq!(local.run::<Git>(tag.clone()).unwrap().result["after"], json!(main));
    assert!(!local.run::<Git>(tag).unwrap().changed);
    let short = task(&local, json!({ "version": &commit(&local, "src", "dev")[..9] }));
    assert!(local.run::<Git>(short.clone()).unwrap().changed);
    assert!(!local.run::<Git>(short).unwrap().changed);
}

#[test]
fn keeps_local_changes_unless_forced() {
    let Some(local) = repository() else { return };
    local.run::<Git>(task(&local, json!({}))).unwrap();
    local.sh("echo mine >>d/f");
    let failure = local.run::<Git>(task(&local, json!({}))).unwrap_err();
    assert_eq!(
        failure.msg,
        format!("Local modifications exist in the destination: {} (force=no).", local.path("d"))
    );
    let outcome = local.run::<Git>(task(&local, json!({ "force": true }))).unwrap();
    assert!(outcome.changed);
    assert_eq!(local.sh("cat d/f"), "1\n");
}

#[test]
fn a_check_writes_nothing() {
    let Some(mut local) = repository() else { return };
    local.check_mode = true;
    let outcome = local.run::<Git>(task(&local, json!({ "version": "dev" }))).unwrap();
    assert!(outcome.changed);
    assert_eq!(outcome.result["after"], json!(commit(&local, "src", "dev")));
    assert!(!local.folder.path().join("d").exists());
}

#[test]
fn a_shallow_clone_moves_to_other_versions() {
    let Some(local) = repository() else { return };
    let at = |version: &str| task(&local, json!({ "version": version, "depth": 1 }));
    local.run::<Git>(at("dev")).unwrap();
    assert_eq!(local.sh("git -C d rev-list --count HEAD; cat d/f"), "1\n2\n");
    local.run::<Git>(at("v1")).unwrap();
    assert_eq!(local.sh("cat d/f"), "1\n");
    local.run::<Git>(at("main")).unwrap();
    assert_eq!(local.sh("git -C d symbolic-ref --short HEAD"), "main\n");
    assert!(!local.run::<Git>(at("main")).unwrap().changed);
}

#[test]
fn a_bare_clone_follows_too() {
    let Some(local) = repository() else { return };
    let bare = task(&local, json!({ "bare": true }));
    local.run::<Git>(bare.clone()).unwrap();
    assert!(!local.run::<Git>(bare.clone()).unwrap().changed);
    local.sh("cd src; echo 9 >f; git commit -qam 9");
    assert!(local.run::<Git>(bare.clone()).unwrap().changed);
    assert_eq!(commit(&local, "d", "main"), commit(&local, "src", "main"));
    assert!(!local.run::<Git>(bare).unwrap().changed);
}

#[test]
fn another_source_is_a_change() {
    let Some(local) = repository() else { return };
    local.run::<Git>(task(&local, json!({}))).unwrap();
    local.sh("cp -a src other");
    let outcome = local.run::<Git>(task(&local, json!({ "repo": local.path("other") }))).unwrap();
    assert_eq!(outcome.result["remote_url_changed"], true);
    assert!(local.sh("git -C d config remote.origin.url").ends_with("/other\n"));
}

#[test]
fn submodules_come_along() {
    let Some(local) = repository() else { return };
    local.sh(&format!("mkdir sup; cd sup; git init -q; git checkout -q -b main; {IDENTITY} git -c protocol.file.allow=always submodule --quiet add ../src sub; git commit -qm s"));
    local.sh("git config --global protocol.file.allow always");
    let arguments = task(&local, json!({ "repo": local.path("sup") }));
    local.run::<Git>(arguments.clone()).unwrap();
    assert_eq!(local.sh("cat d/sub/f"), "1\n");
    assert!(!local.run::<Git>(arguments.clone()).unwrap().changed);
    local.sh("git -C d/sub checkout -q origin/dev");
    assert!(
        local.run::<Git>(task(&local, json!({ "repo": local.path("sup"), "force": true }))).unwrap().changed
    );
    assert_eq!(local.sh("cat d/sub/f"), "1\n");
}

#[test]
fn says_what_is_wrong_with_a_version_a_source_and_a_place() {
    let Some(local) = repository() else { return };
    let msg = |more: Value| local.run::<Git>(task(&local, more)).unwrap_err().msg;
    assert_eq!(msg(json!({ "version": "nosuch" })), "Could not determine remote revision for nosuch");
    let missing = msg(json!({ "repo": local.path("none") }));
    assert!(missing.contains("does not appear to be a git repository"), "{missing}");
    assert!(msg(json!({ "dest": local.path("src/..") })).contains("is not an empty directory"));
    assert_eq!(msg(json!({ "version": "--upload-pack=x" })), "`--upload-pack=x` would be an option of git");
    assert_eq!(
        msg(json!({ "executable": "no-such-git" })),
        "Failed to find required executable \"no-such-git\" on the host"
    );
}

#[test]
fn has_examples_that_it_takes() {
    switchover_sdk::testing::examples::<Git>();
}
