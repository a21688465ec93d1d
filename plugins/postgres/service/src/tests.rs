use switchover_sdk::ExecOutput;
use switchover_sdk::testing::FakeHost;

use super::*;

fn seen(signals: &str, state: &str, answer: &str) -> ExecOutput {
    let text = format!(
        "\n@@installed\npostgres (PostgreSQL) 15.18\n\n@@data\n15\n\n@@signals\n{signals}\n@@control\nDatabase system identifier: 77\n\
         Database cluster state: {state}\nLatest checkpoint location: 0/3\nLatest checkpoint's TimeLineID: 1\n\n@@answer\n{answer}\n"
    );
    ExecOutput { stdout: text.into(), ..ExecOutput::default() }
}

const STANDBY: &str = r#"{"in_recovery": true, "version": "15.18", "timeline": 1, "lsn": "0/4"}"#;

#[test]
fn a_server_that_is_as_wanted_is_left_alone() {
    let host = FakeHost::new().script("@@installed", seen("", "in archive recovery", STANDBY));
    let outcome = host.run::<Service>(json!({ "data": "/pg", "state": "started" })).unwrap();
    assert!(!outcome.changed);
    assert_eq!(host.round_trips(), 1);
}

#[test]
fn systemd_is_asked_when_it_keeps_the_server() {
    let host = FakeHost::new()
        .script_once("@@installed", seen("", "in archive recovery", STANDBY))
        .script_once("@@installed", seen("", "in archive recovery", STANDBY))
        .script("sudo -n systemctl stop \"$UNIT\"", ExecOutput::default())
        .script("@@installed", seen("standby.signal\n", "shut down in recovery", "down"));
    let arguments = json!({ "data": "/pg", "state": "stopped", "only_as": "standby", "control": "systemd" });
    assert_eq!(host.run::<Service>(arguments).unwrap().result["role"], "stopped");
}

#[test]
fn the_wrong_server_is_not_stopped() {
    let host = FakeHost::new().script("@@installed", seen("", "in archive recovery", STANDBY));
    let failure =
        host.run::<Service>(json!({ "data": "/pg", "state": "stopped", "only_as": "primary" })).unwrap_err();
    assert_eq!(
        failure.msg,
        "refused: `stopped` is for a server that is primary, and this one is standby; nothing was changed"
    );
}

#[test]
fn half_rewound_data_are_not_started() {
    let host = FakeHost::new().script("@@installed", seen("rewinding\n", "shut down", "down"));
    let failure = host.run::<Service>(json!({ "data": "/pg", "state": "started" })).unwrap_err();
    assert!(failure.msg.contains("a rewind broke off"), "{}", failure.msg);
    assert_eq!(host.round_trips(), 1);
}

#[test]
fn a_server_that_ended_in_disorder_is_told() {
    let host = FakeHost::new()
        .script_once("@@installed", seen("", "in archive recovery", STANDBY))
        .script_once("@@installed", seen("", "in archive recovery", STANDBY))
        .script("pg_ctl stop", ExecOutput::default())
        .script("@@installed", seen("", "in archive recovery", "down"));
    let failure = host.run::<Service>(json!({ "data": "/pg", "state": "stopped" })).unwrap_err();
    assert!(failure.msg.contains("not in order"), "{}", failure.msg);
}

#[test]
fn examples_are_tasks_of_the_module() {
    switchover_sdk::testing::examples::<Service>();
}
