use switchover_sdk::testing::{FakeHost, examples};

use super::*;

fn said(text: &str) -> ExecOutput {
    ExecOutput { stdout: text.into(), ..ExecOutput::default() }
}

fn look(installed: &str, simulated: &str) -> String {
    format!("@stamp\n1000\n2000\n@installed\n{installed}{simulated}")
}

const HELLO: &str = "installed hello 2.10-3 hello\ninstalled hello:amd64 2.10-3 hello\n";
const INST: &str = "@simulated\nReading...\nInst hello (2.10-3 Debian:12 [amd64])\nConf hello (2.10-3 Debian:12 [amd64])\n@rc 0\n";

fn host(look: &str) -> FakeHost {
    FakeHost::new().script("apt-get -s", said(look)).script("policy=", said("done\n"))
}

fn run(host: &FakeHost) -> String {
    host.programs().pop().unwrap().rsplit("apt-get \"$@\" sh ").next().unwrap().to_owned()
}

#[test]
fn installs_in_two_round_trips() {
    let host = host(&look("", INST));
    let outcome = host.run::<Apt>(json!({ "name": "hello" })).unwrap();
    assert!(outcome.changed);
    assert_eq!(
        Value::Object(outcome.result),
        json!({ "cache_updated": false, "cache_update_time": 1000, "stdout": "done\n", "stderr": "" })
    );
    assert_eq!(
        run(&host),
        " -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=60 install hello"
    );
    assert_eq!(host.round_trips(), 2);
    examples::<Apt>();
}

#[test]
fn what_is_there_is_not_brought_up_to_date_with_what_is_missing() {
    let host = host(&look(HELLO, INST));
    let args = json!({ "name": ["hello", "new", "exact=1.0"] });
    assert!(host.run::<Apt>(args).unwrap().changed);
    assert!(run(&host).ends_with(" install exact=1.0 new"), "{}", run(&host));
}

#[test]
fn finds_what_is_there() {
    let host = host(&look(HELLO, ""));
    let delta = host.check::<Apt>(json!({ "name": ["hello"] })).unwrap();
    assert_eq!(delta, Delta::none_with(json!({ "cache_updated": false, "cache_update_time": 1000 })));
}

#[test]
fn shows_the_versions_of_what_would_change() {
    let host = host(&look("", INST));
    let Delta::Some { changes, .. } = host.check::<Apt>(json!({ "name": "hello" })).unwrap() else {
        panic!()
    };
    assert_eq!((changes.len(), &changes[0].before, &changes[0].after), (1, &Value::Null, &json!("2.10-3")));
}

#[test]
fn fails_in_ansibles_words() {
    let failing = |stderr: &str| {
        let stdout = look("", "@simulated\n@rc 100\n").as_str().into();
        let output = ExecOutput { stdout, stderr: stderr.into(), ..ExecOutput::default() };
        let host = FakeHost::new().script("apt-get -s", output);
        host.run::<Apt>(json!({ "name": "x" })).unwrap_err().msg
    };
    assert_eq!(failing("E: Unable to locate package x\n"), "No package matching 'x' is available");
    assert_eq!(
        failing("E: Version '9.9' for 'hello' was not found\n"),
        "no available installation candidate for hello=9.9"
    );
    assert!(failing("E: broken\n").ends_with("install x' failed: E: broken\n"));
}

#[test]
fn removes_what_is_there() {
    let gone = "@simulated\nRemv hello [2.10-3]\n@rc 0\n";
    let host = host(&look(HELLO, gone));
    let outcome = host.run::<Apt>(json!({ "name": "hello", "state": "absent", "autoremove": true })).unwrap();
    assert_eq!(Value::Object(outcome.result), json!({ "stdout": "done\n", "stderr": "" }));
    assert!(run(&host).ends_with("--auto-remove remove hello"));
    let host = self::host(&look("", ""));
    let delta = host.check::<Apt>(json!({ "name": "hello", "state": "absent" })).unwrap();
    assert_eq!(delta, Delta::none());
}

#[test]
fn reads_the_lists_first_when_they_are_old() {
    let host = FakeHost::new()
        .script_once("apt-get -s", said(&look("", "@simulated\n@rc 100\n")))
        .script("apt-get -s", said(&look("", INST)))
        .script("any update", said("1000\n2000\n"))
        .script("policy=", said("done\n"));
    let args = json!({ "name": "hello", "update_cache": true, "cache_valid_time": 500 });
    let outcome = host.run::<Apt>(args).unwrap();
    assert!(outcome.changed);
    assert_eq!(outcome.result["cache_updated"], true);
    assert_eq!(outcome.result["cache_update_time"], 2000);
    assert_eq!(host.round_trips(), 4);
}

#[test]
fn leaves_lists_that_are_new_enough() {
    let host = host(&look("", ""));
    let args = json!({ "update_cache": true, "cache_valid_time": 3600 });
    assert!(matches!(host.check::<Apt>(args).unwrap(), Delta::None { .. }));
    assert!(matches!(host.check::<Apt>(json!({ "update_cache": true })).unwrap(), Delta::Unknown { .. }));
}

#[test]
fn a_smallest_version_is_looked_for_only_when_it_is_not_there() {
    let there = host(&look(HELLO, ""));
    assert!(matches!(there.check::<Apt>(json!({ "name": "hello>=2.9" })).unwrap(), Delta::None { .. }));
    let missing = || {
        FakeHost::new()
            .script_once("apt-get -s", said(&look("", "")))
            .script("apt-get -s", said(&look("", INST)))
    };
    assert!(matches!(missing().check::<Apt>(json!({ "name": "hello>=2.9" })).unwrap(), Delta::Some { .. }));
    let failure = missing().check::<Apt>(json!({ "name": "hello>=3" })).unwrap_err();
    assert_eq!(failure.msg, "no available installation candidate for hello>=3");
}

#[test]
fn names_a_missing_tool() {
    let failure = host("@none\n").run::<Apt>(json!({ "name": "hello" })).unwrap_err();
    assert_eq!(failure.msg, "Failed to find required executable \"apt-get\"");
}
