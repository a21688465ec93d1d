use switchover_sdk::prelude::*;

use super::Unarchive;
use crate::local::{Local, has};

/// A folder with `a` and `sub/b`, packed in several ways, and an empty folder `d`.
fn packed() -> Option<Local> {
    if !has("tar") {
        return None;
    }
    let local = Local::new();
    local.sh("mkdir -p s/sub d; echo a >s/a; echo b >s/sub/b; chmod 750 s/sub");
    local.sh("tar -cf t.tar -C s a sub; tar -czf t.tgz -C s .");
    Some(local)
}

fn task(local: &Local, src: &str, more: Value) -> Value {
    let mut arguments = json!({ "src": local.path(src), "dest": local.path("d"), "remote_src": true });
    arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    arguments
}

#[test]
fn unpacks_once_and_again_what_was_changed() {
    let Some(local) = packed() else { return };
    let arguments = task(&local, "t.tgz", json!({}));
    let outcome = local.run::<Unarchive>(arguments.clone()).unwrap();
    assert!(outcome.changed);
    assert_eq!(outcome.result["handler"], "TgzArchive");
    assert_eq!(outcome.result["extract_results"]["rc"], 0);
    assert_eq!(outcome.result["state"], "directory");
    assert_eq!(local.sh("cat d/a d/sub/b; stat -c %a d/sub"), "a\nb\n750\n");
    let outcome = local.run::<Unarchive>(arguments.clone()).unwrap();
    assert!(!outcome.changed);
    assert_eq!(outcome.result.get("extract_results"), None);
    local.sh("echo other >d/sub/b");
    assert!(local.run::<Unarchive>(arguments).unwrap().changed);
    assert_eq!(local.sh("cat d/sub/b"), "b\n");
}

#[test]
fn brings_an_archive_of_the_controller() {
    let Some(local) = packed() else { return };
    let outcome = local.run::<Unarchive>(task(&local, "t.tar", json!({ "remote_src": false }))).unwrap();
    assert!(outcome.changed);
    let src = outcome.result["src"].as_str().unwrap();
    assert!(!std::path::Path::new(src).exists(), "{src} stayed");
    assert_eq!(local.sh("cat d/a"), "a\n");
}

#[test]
fn gives_all_that_was_unpacked_its_mode() {
    let Some(local) = packed() else { return };
    let arguments = task(&local, "t.tar", json!({ "mode": "0700", "list_files": true }));
    let outcome = local.run::<Unarchive>(arguments.clone()).unwrap();
    assert_eq!(outcome.result["files"], json!(["a", "sub/", "sub/b"]));
    assert_eq!(local.sh("stat -c %a d/a d/sub d/sub/b"), "700\n700\n700\n");
    assert!(!local.run::<Unarchive>(arguments.clone()).unwrap().changed);
    local.sh("chmod 600 d/a");
    assert!(local.run::<Unarchive>(arguments).unwrap().changed);
    assert_eq!(local.sh("stat -c %a d/a"), "700\n");
}

#[test]
fn takes_only_what_is_asked_for() {
    let Some(local) = packed() else { return };
    local.run::<Unarchive>(task(&local, "t.tar", json!({ "include": ["sub"] }))).unwrap();
    assert_eq!(local.sh("ls d"), "sub\n");
    local.sh("rm -r d; mkdir d");
    local.run::<Unarchive>(task(&local, "t.tar", json!({ "exclude": ["sub"] }))).unwrap();
    assert_eq!(local.sh("ls d"), "a\n");
    local.sh("rm -r d; mkdir d");
    let deeper = task(&local, "t.tar", json!({ "extra_opts": ["--strip-components=1"] }));
    local.run::<Unarchive>(deeper.clone()).unwrap();
    assert_eq!(local.sh("ls d"), "b\n");
    assert!(!local.run::<Unarchive>(deeper).unwrap().changed);
}

#[test]
fn a_check_looks_without_writing() {
    let Some(mut local) = packed() else { return };
    local.check_mode = true;
    let arguments = task(&local, "t.tar", json!({}));
    assert!(local.run::<Unarchive>(arguments.clone()).unwrap().changed);
    assert_eq!(local.sh("ls d"), "");
    local.sh("tar -xf t.tar -C d");
    assert!(!local.run::<Unarchive>(arguments).unwrap().changed);
    assert!(local.run::<Unarchive>(task(&local, "t.tar", json!({ "mode": "0711" }))).unwrap().changed);
}

#[test]
fn a_mode_reaches_nothing_outside_of_the_folder() {
    let Some(local) = packed() else { return };
    local.sh(
        "mkdir out; echo x >out/f; echo x >f; chmod 600 f out/f; ln -s ../out s/link; ln -s ../f s/other",
    );
    local.sh(
        "tar -cPf t.tar -C s link other sub/../../f; tar -rf t.tar --transform 's,sub/b,link/f,' -C s sub/b",
    );
    let _ = local.run::<Unarchive>(task(&local, "t.tar", json!({ "mode": "0777" })));
    assert_eq!(local.sh("stat -c %a f out/f"), "600\n600\n");
}

#[test]
fn unpacks_zip_archives_and_knows_them_again() {
    let Some(local) = packed() else { return };
    if !has("python3") || !has("unzip") {
        return;
    }
    local.sh("cd s; python3 -m zipfile -c ../t.zip a sub");
    let arguments = task(&local, "t.zip", json!({ "exclude": ["a"], "list_files": true }));
    let outcome = local.run::<Unarchive>(arguments.clone()).unwrap();
    assert!(outcome.changed);
    assert_eq!(outcome.result["handler"], "ZipArchive");
    assert_eq!(outcome.result["files"], json!(["sub/", "sub/b"]));
    assert_eq!(local.sh("cd d; find . -type f"), "./sub/b\n");
    assert!(!local.run::<Unarchive>(arguments.clone()).unwrap().changed);
    local.sh("echo other >d/sub/b");
    assert!(local.run::<Unarchive>(arguments).unwrap().changed);
}

#[test]
fn says_what_is_missing_and_what_is_no_archive() {
    let Some(local) = packed() else { return };
    let msg = |src: &str, more: Value| local.run::<Unarchive>(task(&local, src, more)).unwrap_err().msg;
    assert_eq!(msg("none.tgz", json!({})), format!("Source '{}' does not exist", local.path("none.tgz")));
    let dest = local.path("no");
    assert_eq!(msg("t.tar", json!({ "dest": dest })), format!("dest '{dest}' must be an existing dir"));
    let found = msg("s/a", json!({}));
    assert!(found.starts_with(&format!("Failed to find handler for \"{}\"", local.path("s/a"))), "{found}");
    let outcome =
        local.run::<Unarchive>(task(&local, "t.tar", json!({ "creates": local.path("s") }))).unwrap();
    assert_eq!(outcome.result["skipped"], true);
    assert_eq!(local.sh("ls d"), "");
}

#[test]
fn has_examples_that_it_takes() {
    switchover_sdk::testing::examples::<Unarchive>();
}
