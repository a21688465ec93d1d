//! The module in C that is shipped with the header.

use crate::common::{FakeHost, Folder, has_compiler};
use serde_json::{Value, json};
use switchover_plugin_host::{Module, check_arguments};
use switchover_protocol::{Delta, FailureKind, HostError, Operation, Reply};

const LINE: &str = "Grüße \"alle\" \\ \u{1f600}";

fn motd(folder: &Folder) -> Module {
    folder.example();
    let catalog = folder.catalog();
    assert!(catalog.problems().is_empty(), "{:?}", catalog.problems());
    catalog.resolve("example.motd").unwrap().clone()
}

fn params(module: &Module, args: Value) -> Value {
    let (params, problems) = check_arguments(&module.spec, args.as_object().unwrap());
    assert_eq!(problems, []);
    params.into()
}

fn apply(host: &mut FakeHost, module: &Module, delta: Delta, params: &Value) -> bool {
    match host.invoke(module, Operation::Apply { delta }, params.clone()) {
        Reply::Outcome(outcome) => outcome.changed,
        other => panic!("{other:?}"),
    }
}

#[test]
fn adds_a_line_once_and_keeps_the_rest() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    let module = motd(&folder);
    let params = params(&module, json!({"line": LINE, "dest": "/etc/motd"}));
    for (before, after) in [
        (None, format!("{LINE}\n")),
        (Some("Hello\tall\n"), format!("Hello\tall\n{LINE}\n")),
        (Some("no end of line"), format!("no end of line\n{LINE}\n")),
    ] {
        let mut host = FakeHost::default();
        host.files.extend(before.map(|text| ("/etc/motd".to_owned(), text.into())));
        let untouched = host.files.clone();

        let Reply::Delta(delta) = host.invoke(&module, Operation::Check, params.clone()) else { panic!() };
        let Delta::Some { changes, result, .. } = &delta else { panic!("{delta:?}") };
        assert_eq!(host.files, untouched);
        assert_eq!((&changes[0].before, &changes[0].after), (&json!(before.unwrap_or("")), &json!(after)));
        assert_eq!(result["path"], "/etc/motd");

        assert!(apply(&mut host, &module, delta, &params));
        assert_eq!(host.files["/etc/motd"], after.as_bytes());

        let reply = host.invoke(&module, Operation::Check, params.clone());
        assert!(matches!(reply, Reply::Delta(Delta::None { .. })), "{reply:?}");
    }
}

#[test]
fn apply_changes_nothing_when_someone_else_was_faster() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    let module = motd(&folder);
    let params = params(&module, json!({"line": "Hello"}));
    let mut host = FakeHost::default();
    let Reply::Delta(delta) = host.invoke(&module, Operation::Check, params.clone()) else { panic!() };
    host.files.insert("/etc/motd".into(), "Hello\n".into());
    assert!(!apply(&mut host, &module, delta, &params));
}

#[test]
fn passes_on_what_the_host_says() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    let module = motd(&folder);
    let params = params(&module, json!({"line": "Hello"}));
    for (error, kind, msg) in [
        (
            HostError::Failed { what: "stat".into(), rc: 1, stderr: "Permission \"denied\"".into() },
            FailureKind::Failed,
            "cannot look at the file: Permission \"denied\"",
        ),
        (
            HostError::Lost { what: "stat".into(), reason: "reset".into() },
            FailureKind::Unknown,
            "cannot look at the file: reset",
        ),
        (HostError::Cancelled, FailureKind::Cancelled, "cannot look at the file: cancelled"),
    ] {
        let mut host = FakeHost { error: Some(error), ..FakeHost::default() };
        let Reply::Failure(failure) = host.invoke(&module, Operation::Check, params.clone()) else {
            panic!()
        };
        assert_eq!((failure.kind, failure.msg.as_str()), (kind, msg));
    }
}

#[test]
fn refuses_a_file_that_is_not_text_and_a_line_that_is_two() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    let module = motd(&folder);
    let mut host = FakeHost::default();
    host.files.insert("/etc/motd".into(), vec![0xff, 0xfe]);
    for (line, kind) in [("Hello", FailureKind::Failed), ("two\nlines", FailureKind::Arguments)] {
        let params = params(&module, json!({"line": line}));
        let Reply::Failure(failure) = host.invoke(&module, Operation::Check, params) else { panic!() };
        assert_eq!(failure.kind, kind);
    }
}
