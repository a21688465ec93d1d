//! Rules between parameters, ranges, and names of the past.

use serde_json::{Value, json};
use switchover_plugin_host::{check_arguments, check_arguments_static};
use switchover_protocol::ModuleSpec;

fn spec() -> ModuleSpec {
    serde_json::from_value(json!({
        "name": "test.rules", "summary": "x", "effect": "reads",
        "params": [
            {"name": "state", "doc": "x", "kind": "str", "default": "present", "choices": ["present", "absent"]},
            {"name": "content", "doc": "x", "kind": "str"},
            {"name": "source", "doc": "x", "kind": "str", "aliases": ["src"], "old_names": ["src"]},
            {"name": "group", "doc": "x", "kind": "str"},
            {"name": "force", "doc": "x", "kind": "bool"},
            {"name": "port", "doc": "x", "kind": "int", "min": 1, "max": 65535},
            {"name": "weights", "doc": "x", "kind": {"list": "float"}, "min": 0},
            {"name": "thirsty", "doc": "x", "kind": "str", "deprecated": "use `state`"},
        ],
        "requires": [
            {"param": "state", "is": "present", "params": ["content"]},
            {"param": "force", "is": "true", "params": ["source", "group"]},
            {"param": "group", "params": ["source"]},
        ],
    }))
    .unwrap()
}

fn problems(args: Value) -> Vec<String> {
    check_arguments(&spec(), args.as_object().unwrap()).1.iter().map(ToString::to_string).collect()
}

fn before_a_run(args: Value) -> Vec<String> {
    check_arguments_static(&spec(), args.as_object().unwrap()).iter().map(ToString::to_string).collect()
}

#[test]
fn a_value_makes_other_parameters_necessary_also_when_it_is_the_default() {
    assert_eq!(problems(json!({"state": "absent"})), [""; 0]);
    let missing = "state is present but all of the following are missing: content";
    assert_eq!(problems(json!({})), [missing]);
    assert_eq!(problems(json!({"state": "present"})), [missing]);
    assert_eq!(
        problems(json!({"state": "absent", "force": true})),
        ["force is true but all of the following are missing: source, group"]
    );
    assert_eq!(problems(json!({"state": "absent", "force": false})), [""; 0]);
    assert_eq!(before_a_run(json!({"state": "{{ s }}"})), [""; 0]);
    assert_eq!(before_a_run(json!({"content": "{{ c }}"})), [""; 0]);
}

#[test]
fn a_parameter_makes_others_necessary() {
    let args = json!({"state": "absent", "group": "wheel"});
    assert_eq!(problems(args), ["missing parameter(s) required by 'group': source"]);
    assert_eq!(problems(json!({"state": "absent", "group": "wheel", "source": "x"})), [""; 0]);
}

#[test]
fn numbers_stay_within_their_range_also_in_lists() {
    let given = |port: Value| problems(json!({"state": "absent", "port": port}));
    assert_eq!(given(json!("65535")), [""; 0]);
    assert_eq!(given(json!(0)), ["value of port must be 1 to 65535, got: 0"]);
    assert_eq!(given(json!("70000")), ["value of port must be 1 to 65535, got: 70000"]);
    let weights = problems(json!({"state": "absent", "weights": [0.5, -1]}));
    assert_eq!(weights, ["value of weights must be at least 0, got: -1.0"]);
}

#[test]
fn what_is_of_the_past_works_and_is_told_before_a_run() {
    let args = json!({"state": "absent", "src": "x", "thirsty": "y"});
    assert_eq!(problems(args.clone()), [""; 0]);
    assert_eq!(
        before_a_run(args),
        ["`src` is deprecated: it is called `source` now", "`thirsty` is deprecated: use `state`"]
    );
}
