use switchover_sdk::ExecOutput;
use switchover_sdk::testing::FakeHost;

use super::*;

fn said(text: &str) -> ExecOutput {
    ExecOutput { stdout: text.into(), ..ExecOutput::default() }
}

/// A host that keeps this record.
fn host(record: Value) -> FakeHost {
    let record = if record.is_null() { String::new() } else { record.to_string() };
    FakeHost::new()
        .script("if [ -e \"$HOME/.switchover/records/shop.json\" ]", said(&record))
        .command("date +%s", 0, "7\n")
        .script("mv -f", said(""))
}

fn begun() -> Value {
    json!({ "procedure": "update to 2", "role": "primary", "facts": { "from": 1 }, "begun": 5, "finished": null })
}

fn arguments(state: &str) -> Value {
    json!({ "name": "shop", "state": state, "procedure": "update to 2", "role": "primary", "facts": { "from": 1 } })
}

#[test]
fn begins_with_what_was_before() {
    let outcome = host(Value::Null).run::<ClusterRecord>(arguments("begun")).unwrap();
    assert_eq!(outcome.result["record"]["begun"], 7);
    assert_eq!(outcome.result["record"]["facts"], json!({ "from": 1 }));
}

#[test]
fn the_same_procedure_is_left_alone_and_another_is_refused() {
    let host = host(begun());
    let mut later = arguments("begun");
    later["facts"] = json!({ "from": 2 });
    let outcome = host.run::<ClusterRecord>(later).unwrap();
    assert!(!outcome.changed);
    assert_eq!(outcome.result["record"]["facts"], json!({ "from": 1 }));
    let mut other = arguments("begun");
    other["procedure"] = json!("update to 3");
    let failure = host.run::<ClusterRecord>(other).unwrap_err();
    assert_eq!(
        failure.msg,
        "refused: `update to 3` cannot begin while `update to 2` is not finished on this host; nothing was changed"
    );
}

#[test]
fn swapped_roles_are_told() {
    let mut swapped = arguments("begun");
    swapped["role"] = json!("standby");
    let failure = host(begun()).run::<ClusterRecord>(swapped).unwrap_err();
    assert!(failure.remedy.unwrap().contains("swapped"));
}

#[test]
fn facts_are_added_and_the_end_is_noted_once() {
    let mut noted = arguments("noted");
    noted["facts"] = json!({ "ended_at": "0/3" });
    let outcome = host(begun()).run::<ClusterRecord>(noted).unwrap();
    assert_eq!(outcome.result["record"]["facts"], json!({ "from": 1, "ended_at": "0/3" }));
    assert_eq!(
        host(begun()).run::<ClusterRecord>(arguments("finished")).unwrap().result["record"]["finished"],
        7
    );
    let mut finished = begun();
    finished["finished"] = json!(9);
    assert!(!host(finished).run::<ClusterRecord>(arguments("finished")).unwrap().changed);
}

#[test]
fn a_name_cannot_lead_elsewhere() {
    let failure = FakeHost::new().run::<ClusterRecord>(json!({ "name": "../x" })).unwrap_err();
    assert!(failure.msg.contains("not `../x`"), "{}", failure.msg);
}

#[test]
fn examples_are_tasks_of_the_module() {
    switchover_sdk::testing::examples::<ClusterRecord>();
}
