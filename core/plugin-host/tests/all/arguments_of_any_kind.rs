//! Properties of the check of arguments that hold for whatever a playbook may hold.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use switchover_plugin_host::{check_arguments, check_arguments_static};
use switchover_protocol::ModuleSpec;

const KINDS: [&str; 7] = ["str", "bool", "int", "float", "path", "dict", "raw"];

fn spec() -> ModuleSpec {
    let param = |name: String, kind: Value| json!({"name": name, "doc": "x", "kind": kind});
    let mut params: Vec<Value> = KINDS.map(|kind| param(kind.to_owned(), json!(kind))).to_vec();
    params.extend(KINDS.map(|kind| param(format!("list_{kind}"), json!({"list": kind}))));
    params.push(json!({"name": "choice", "doc": "x", "kind": "str", "choices": ["yes", "no"]}));
    serde_json::from_value(json!({"name": "a.b", "summary": "x", "effect": "reads", "params": params}))
        .expect("it is a proper description")
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}",
        "[-+0-9._eE ]{0,12}",
        "[ab=,'\"\\\\ ]{0,12}",
        "\\{[{}\\[\\](),:'\"a1.\\\\ ]{0,16}\\}?",
        prop::sample::select(vec![
            "yes",
            "No",
            "{'a': True}",
            "{\"a\": 1}",
            "a=1,b=2",
            "inf",
            "1e999999999999"
        ])
        .prop_map(str::to_owned),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn arguments() -> impl Strategy<Value = Map<String, Value>> {
    let names: Vec<String> = spec().params.into_iter().map(|param| param.name).collect();
    prop::collection::vec((prop::sample::select(names), value()), 0..6)
        .prop_map(|pairs| pairs.into_iter().collect())
}

proptest! {
    #[test]
    fn what_was_converted_once_stays_as_it_is(args in arguments()) {
        let spec = spec();
        let (params, _) = check_arguments(&spec, &args);
        let (again, problems) = check_arguments(&spec, &params);
        prop_assert_eq!(problems, []);
        prop_assert_eq!(again, params);
    }

    #[test]
    fn what_is_refused_before_rendering_is_refused_after_it(args in arguments()) {
        let spec = spec();
        let (_, after) = check_arguments(&spec, &args);
        for problem in check_arguments_static(&spec, &args) {
            prop_assert!(after.iter().any(|other| other.param == problem.param), "{}", problem);
        }
    }

    #[test]
    fn an_argument_is_either_converted_or_complained_about(args in arguments()) {
        let spec = spec();
        let (params, problems) = check_arguments(&spec, &args);
        for (name, value) in &args {
            let complained = problems.iter().any(|problem| problem.param == *name);
            prop_assert_eq!(params.contains_key(name), !complained && !value.is_null(), "{}", name);
        }
    }
}
