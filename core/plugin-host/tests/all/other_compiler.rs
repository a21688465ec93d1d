//! Plugins that another compiler built: nothing of Rust crosses the boundary.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{FakeHost, Folder, chmod};
use serde_json::json;
use switchover_protocol::{Delta, Operation, Reply};

/// Returns the compilers that are here, each with its version: the one of this build, and the distribution's.
fn compilers() -> Vec<(PathBuf, String)> {
    let found: Vec<_> = ["rustc", "/usr/bin/rustc"]
        .iter()
        .filter_map(|program| {
            let output = Command::new(program).arg("--version").output().ok()?;
            let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            output.status.success().then(|| (PathBuf::from(program), version))
        })
        .collect();
    if found.len() < 2 {
        println!("skipped in part: there is no /usr/bin/rustc (Debian's package is `rustc`)");
    }
    found
}

#[test]
fn a_plugin_of_any_compiler_is_loaded_and_asked() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/by_hand.rs");
    for (compiler, version) in compilers() {
        let folder = Folder::new();
        let file = folder.path.join("libswitchover_by_hand.so");
        let output = Command::new(&compiler)
            .args(["--edition", "2018", "--crate-type", "cdylib", "--crate-name", "by_hand", "-o"])
            .arg(&file)
            .arg(&source)
            .output()
            .unwrap();
        assert!(output.status.success(), "{version}: {}", String::from_utf8_lossy(&output.stderr));
        chmod(&file, 0o755);

        let catalog = folder.catalog();
        assert!(catalog.problems().is_empty(), "{version}: {:?}", catalog.problems());
        let module = catalog.resolve("by_hand.greet").unwrap();
        let mut host = FakeHost::default();
        host.files.insert("/etc/motd".into(), b"Goodbye".to_vec());
        let Reply::Delta(delta) = host.invoke(module, Operation::Check, json!({})) else {
            panic!("{version}")
        };
        assert!(matches!(delta, Delta::Some { .. }), "{version}: {delta:?}");
        let reply = host.invoke(module, Operation::Apply { delta }, json!({}));
        assert!(matches!(&reply, Reply::Outcome(outcome) if outcome.changed), "{version}: {reply:?}");
        assert_eq!(host.files["/etc/motd"], b"Hello", "{version}");
        let reply = host.invoke(module, Operation::Check, json!({}));
        assert!(matches!(reply, Reply::Delta(Delta::None { .. })), "{version}: {reply:?}");
    }
}
