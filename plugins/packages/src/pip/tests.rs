use switchover_sdk::testing::{FakeHost, examples};

use super::*;

const LOOK: &str = "@environment\n@pip\n/v/bin/pip3\n@list\npip==23.2\nSix==1.16.0\n";

fn host(look: &str, run: &str) -> FakeHost {
    let said = |text: &str| ExecOutput { stdout: text.into(), ..ExecOutput::default() };
    FakeHost::new().script("list --format=freeze", said(look)).script("umask \"$1\"", said(run))
}

#[test]
fn finds_a_package_that_is_there() {
    let host = host(LOOK, "");
    let args = json!({ "name": "six>=1.0,<2", "virtualenv": "/v" });
    let Delta::None { result } = host.check::<Pip>(args).unwrap() else { panic!("something to do") };
    assert_eq!(result["cmd"], json!(["/v/bin/pip3", "install", "six>=1.0,<2"]));
    assert_eq!(result["name"], json!(["six>=1.0,<2"]));
    examples::<Pip>();
}

#[test]
fn installs_another_version() {
    let host = host(LOOK, "Successfully installed six-1.17.0\n");
    let outcome = host.run::<Pip>(json!({ "name": "six", "version": "1.17.0", "virtualenv": "/v" })).unwrap();
    assert!(outcome.changed);
    assert_eq!(outcome.result["cmd"], json!(["/v/bin/pip3", "install", "six==1.17.0"]));
    assert_eq!(host.round_trips(), 2);
}

#[test]
fn makes_a_virtual_environment_first() {
    let host = host("", "Successfully installed six-1.17.0\n");
    let args = json!({ "name": "six", "virtualenv": "/w", "virtualenv_command": "python3 -m venv" });
    host.run::<Pip>(args).unwrap();
    assert!(host.programs()[1].ends_with("python3 -m venv /w"));
    assert!(host.programs()[2].ends_with("/w/bin/pip3 install six"));
}

#[test]
fn removes_only_what_is_there() {
    let host = host(LOOK, "");
    let args = json!({ "name": ["idna"], "virtualenv": "/v", "state": "absent" });
    assert!(matches!(host.check::<Pip>(args).unwrap(), Delta::None { .. }));
    let args = json!({ "name": ["six", "idna"], "virtualenv": "/v", "state": "absent" });
    assert!(matches!(host.check::<Pip>(args).unwrap(), Delta::Some { .. }));
}

#[test]
fn only_pip_knows_what_is_newest() {
    let host = host(LOOK, "Requirement already satisfied\n");
    let outcome = host.run::<Pip>(json!({ "name": "six", "state": "latest", "virtualenv": "/v" })).unwrap();
    assert!(!outcome.changed);
    assert_eq!(outcome.result["cmd"], json!(["/v/bin/pip3", "install", "-U", "six"]));
}

#[test]
fn refuses_what_makes_no_sense_and_names_a_missing_tool() {
    let msg = |args: Value| host("", "").run::<Pip>(args).unwrap_err().msg;
    assert!(
        msg(json!({ "name": ["a", "b"], "version": "1" })).starts_with("'version' argument is ambiguous")
    );
    assert_eq!(msg(json!({ "name": "six" })), "Failed to find required executable \"pip3\"");
    assert_eq!(msg(json!({ "name": "six", "umask": "9" })), "umask must be an octal integer");
}

#[test]
fn reads_a_file_of_requirements() {
    let look = |lines: &str| format!("{LOOK}@requirements\n{lines}");
    let args = json!({ "requirements": "/r.txt", "virtualenv": "/v" });
    let there = host(&look("# mine\nsix>=1  # old\n\n"), "");
    assert!(matches!(there.check::<Pip>(args.clone()).unwrap(), Delta::None { .. }));
    let missing = host(&look("six\nidna\n"), "");
    let Delta::Some { changes, .. } = missing.check::<Pip>(args.clone()).unwrap() else {
        panic!("nothing to do")
    };
    assert_eq!((changes.len(), &*changes[0].what), (1, "idna"));
    let unsure = host(&look("-r other.txt\nsix\n"), "");
    assert!(matches!(unsure.check::<Pip>(args).unwrap(), Delta::Unknown { .. }));
}

#[test]
fn the_python_of_the_playbook_has_its_own_pip() {
    let host = host(LOOK, "").about("python", json!("/srv/app/bin/python3"));
    host.run::<Pip>(json!({ "name": "six" })).unwrap();
    assert!(host.programs()[0].ends_with(" /srv/app/bin/python3"), "{:?}", host.programs());
}
