//! What ansible-core 2.19 was seen to do with a module that declares these parameters.

use serde_json::{Value, json};
use switchover_plugin_host::{Problem, check_arguments, check_arguments_static};
use switchover_protocol::ModuleSpec;

fn spec() -> ModuleSpec {
    let param = |name: &str, kind: Value| json!({"name": name, "doc": "x", "kind": kind});
    let mut params = vec![
        param("s", json!("str")),
        param("b", json!("bool")),
        param("i", json!("int")),
        param("f", json!("float")),
        param("p", json!("path")),
        param("d", json!("dict")),
        param("r", json!("raw")),
        param("l", json!({"list": "str"})),
        param("li", json!({"list": "int"})),
        param("lr", json!({"list": "raw"})),
        param("lb", json!({"list": "bool"})),
        param("ld", json!({"list": "dict"})),
        param("x1", json!("str")),
        param("x2", json!("str")),
        param("t1", json!("str")),
        param("t2", json!("str")),
    ];
    let more = json!([
        {"name": "sd", "doc": "x", "kind": "str", "default": "fallback"},
        {"name": "bd", "doc": "x", "kind": "bool", "default": true},
        {"name": "c", "doc": "x", "kind": "str", "choices": ["yes", "no", "maybe"]},
        {"name": "c2", "doc": "x", "kind": "str", "choices": ["on", "off", "yes"]},
        {"name": "ci", "doc": "x", "kind": "int", "choices": ["1", "2"]},
        {"name": "cb", "doc": "x", "kind": "bool", "choices": ["true"]},
        {"name": "lc", "doc": "x", "kind": {"list": "str"}, "choices": ["a", "b"]},
        {"name": "al", "doc": "x", "kind": "str", "aliases": ["alias1", "alias2"]},
        {"name": "token", "doc": "x", "kind": "int", "secret": true},
        {"name": "direct", "doc": "x", "kind": "bool", "default": false, "refused": "files are replaced"},
        {"name": "selevel", "doc": "x", "kind": "str", "refused": "contexts are left alone"},
    ]);
    params.extend(more.as_array().unwrap().clone());
    serde_json::from_value(json!({
        "name": "test.args", "summary": "x", "effect": "reads", "params": params,
        "mutually_exclusive": [["x1", "x2"]], "required_together": [["t1", "t2"]],
    }))
    .unwrap()
}

fn required() -> ModuleSpec {
    serde_json::from_value(json!({
        "name": "test.required", "summary": "x", "effect": "reads",
        "params": [
            {"name": "s", "doc": "x", "kind": "str", "required": true},
            {"name": "o1", "doc": "x", "kind": "str"},
            {"name": "o2", "doc": "x", "kind": "str"},
        ],
        "required_one_of": [["o1", "o2"]],
    }))
    .unwrap()
}

/// Returns the converted arguments without untouched defaults, or the messages.
fn run(spec: &ModuleSpec, args: &Value) -> Result<Value, Vec<String>> {
    let args = args.as_object().unwrap();
    let (mut params, problems) = check_arguments(spec, args);
    for name in ["sd", "bd", "direct"] {
        if !args.contains_key(name) {
            params.remove(name);
        }
    }
    let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
    if messages.is_empty() { Ok(params.into()) } else { Err(messages) }
}

fn accepts(cases: &[(Value, Value)]) {
    let spec = spec();
    for (given, expected) in cases {
        assert_eq!(run(&spec, given), Ok(expected.clone()), "{given}");
    }
}

fn refuses(spec: &ModuleSpec, cases: &[(Value, &[&str])]) {
    for (given, expected) in cases {
        let expected = expected.iter().map(ToString::to_string).collect();
        assert_eq!(run(spec, given), Err(expected), "{given}");
    }
}

#[test]
fn texts_and_paths_take_the_text_that_python_gives() {
    accepts(&[
        (json!({"s": true}), json!({"s": "True"})),
        (json!({"s": 12}), json!({"s": "12"})),
        (json!({"s": 1e20}), json!({"s": "1e+20"})),
        (json!({"s": {"a": 1, "b": "it's"}}), json!({"s": "{'a': 1, 'b': \"it's\"}"})),
        (json!({"s": null}), json!({})),
        (json!({"sd": null}), json!({"sd": ""})),
        (json!({"p": 12}), json!({"p": "12"})),
        (json!({"p": ["a"]}), json!({"p": "['a']"})),
        (json!({"p": "~/x/$HOME"}), json!({"p": "~/x/$HOME"})),
    ]);
}

#[test]
fn booleans_have_many_spellings_and_no_others() {
    for yes in
        [json!("yes"), json!("YES"), json!(" on "), json!("1"), json!(1), json!(1.0), json!("t"), json!(true)]
    {
        accepts(&[(json!({"b": yes}), json!({"b": true}))]);
    }
    for no in [json!("no"), json!("Off"), json!("n"), json!(0), json!("f")] {
        accepts(&[(json!({"b": no}), json!({"b": false}))]);
    }
    let words = "is neither true (yes, on, y, t, 1) nor false (no, off, n, f, 0)";
    for (given, kind, shown) in [
        (json!(2), "int", "2"),
        (json!(""), "str", "''"),
        (json!("maybe"), "str", "'maybe'"),
        (json!("1.0"), "str", "'1.0'"),
        (json!([true]), "list", "[True]"),
        (json!({}), "dict", "{}"),
    ] {
        let message =
            format!("argument 'b' is of type {kind} and we were unable to convert to bool: {shown} {words}");
        refuses(&spec(), &[(json!({"b": given}), &[&message])]);
    }
    refuses(
        &spec(),
        &[(
            json!({"bd": null}),
            &[&format!(
                "argument 'bd' is of type NoneType and we were unable to convert to bool: None {words}"
            )],
        )],
    );
}

#[test]
fn numbers_may_be_texts() {
    accepts(&[
        (json!({"i": " 12 "}), json!({"i": 12})),
        (json!({"i": "1e3"}), json!({"i": 1000})),
        (json!({"i": 12.0}), json!({"i": 12})),
        (json!({"f": "1.5"}), json!({"f": 1.5})),
        (json!({"f": 1}), json!({"f": 1.0})),
    ]);
    refuses(
        &spec(),
        &[
            (
                json!({"i": "12.5"}),
                &[
                    "argument 'i' is of type str and we were unable to convert to int: '12.5' cannot be converted to an int",
                ],
            ),
            (
                json!({"i": [1]}),
                &[
                    "argument 'i' is of type list and we were unable to convert to int: [1] cannot be converted to an int",
                ],
            ),
            (
                json!({"f": "abc"}),
                &[
                    "argument 'f' is of type str and we were unable to convert to float: 'abc' cannot be converted to a float",
                ],
            ),
        ],
    );
}

#[test]
fn lists_come_from_commas_and_from_single_values() {
    accepts(&[
        (json!({"l": "a,b"}), json!({"l": ["a", "b"]})),
        (json!({"l": "a, b"}), json!({"l": ["a", " b"]})),
        (json!({"l": ""}), json!({"l": [""]})),
        (json!({"l": 5}), json!({"l": ["5"]})),
        (json!({"l": true}), json!({"l": ["True"]})),
        (json!({"l": [1, true, null]}), json!({"l": ["1", "True", ""]})),
        (json!({"l": [["a"]]}), json!({"l": ["['a']"]})),
        (json!({"li": "1, 2"}), json!({"li": [1, 2]})),
        (json!({"lr": [1, "a", null]}), json!({"lr": [1, "a", null]})),
        (json!({"lb": "yes,no"}), json!({"lb": [true, false]})),
        (json!({"ld": ["a=1", {"b": 2}]}), json!({"ld": [{"a": "1"}, {"b": 2}]})),
    ]);
    refuses(
        &spec(),
        &[
            (
                json!({"l": {"a": 1}}),
                &[
                    "argument 'l' is of type dict and we were unable to convert to list: {'a': 1} cannot be converted to a list",
                ],
            ),
            (
                json!({"li": ["1", 2, "x"]}),
                &[
                    "Elements value for option 'li' is of type str and we were unable to convert to int: 'x' cannot be converted to an int",
                ],
            ),
            (
                json!({"li": [null]}),
                &[
                    "Elements value for option 'li' is of type NoneType and we were unable to convert to int: None cannot be converted to an int",
                ],
            ),
        ],
    );
}

#[test]
fn dictionaries_come_from_pairs_json_and_python() {
    accepts(&[
        (json!({"d": "a=1, b=2"}), json!({"d": {"a": "1", "b": "2"}})),
        (json!({"d": "a='x y' b=\"q,r\""}), json!({"d": {"a": "x y", "b": "q,r"}})),
        (json!({"d": "{\"a\": 1}"}), json!({"d": {"a": 1}})),
        (json!({"d": "{'a': True}"}), json!({"d": {"a": true}})),
    ]);
    let start = "argument 'd' is of type str and we were unable to convert to dict: ";
    for (given, why) in [
        ("{bad", "'{bad' begins like a dictionary and cannot be read as one"),
        ("abc", "'abc' is neither JSON nor key=value text"),
        ("", "'' is neither JSON nor key=value text"),
        ("[1]", "'[1]' is neither JSON nor key=value text"),
        (" {\"a\":1}", "' {\"a\":1}' is neither JSON nor key=value text"),
        ("a=1,b", "`b` has no `=`"),
    ] {
        refuses(&spec(), &[(json!({"d": given}), &[&format!("{start}{why}")])]);
    }
}

#[test]
fn a_boolean_stands_for_the_one_choice_that_reads_like_it() {
    accepts(&[
        (json!({"c": true}), json!({"c": "yes"})),
        (json!({"c": false}), json!({"c": "no"})),
        (json!({"c2": false}), json!({"c2": "off"})),
        (json!({"ci": "1"}), json!({"ci": 1})),
        (json!({"cb": "yes"}), json!({"cb": true})),
        (json!({"lc": "a,b"}), json!({"lc": ["a", "b"]})),
        (json!({"lc": []}), json!({"lc": []})),
    ]);
    refuses(
        &spec(),
        &[
            (
                json!({"c": "Yes"}),
                &["value of c must be one of: yes, no, maybe, got: Yes (did you mean `yes`?)"],
            ),
            (json!({"c": null}), &["value of c must be one of: yes, no, maybe, got: None"]),
            (json!({"c2": true}), &["value of c2 must be one of: on, off, yes, got: True"]),
            (json!({"ci": 3}), &["value of ci must be one of: 1, 2, got: 3"]),
            (json!({"cb": "no"}), &["value of cb must be one of: true, got: False"]),
            (json!({"lc": ["a", "c", "d"]}), &["value of lc must be one of: a, b, got: c, d"]),
        ],
    );
}

#[test]
fn names_are_made_main_names_and_unknown_ones_are_refused() {
    accepts(&[
        (json!({"alias1": "x"}), json!({"al": "x"})),
        (json!({"alias1": "x", "al": "x"}), json!({"al": "x"})),
    ]);
    refuses(
        &spec(),
        &[
            (
                json!({"alias1": "x", "alias2": "z"}),
                &["alias2 and alias1 are the same parameter and have different values"],
            ),
            (json!({"aliaz2": null}), &["unsupported parameter: aliaz2 (did you mean `alias2`?)"]),
        ],
    );
    let (_, problems) =
        check_arguments(&required(), json!({"s": "", "o1": "", "nope": 1}).as_object().unwrap());
    assert_eq!(
        problems[0].to_string(),
        "unsupported parameter: nope. Supported parameters include: s, o1, o2"
    );
}

#[test]
fn rules_between_parameters_count_a_null_as_given() {
    let exclusive = "parameters are mutually exclusive: x1|x2";
    let together = "parameters are required together: t1, t2";
    refuses(
        &spec(),
        &[
            (json!({"x1": "a", "x2": "b"}), &[exclusive]),
            (json!({"x1": null, "x2": "b"}), &[exclusive]),
            (json!({"t1": "a"}), &[together]),
            (json!({"t1": null}), &[together]),
        ],
    );
    accepts(&[(json!({"t1": "a", "t2": null}), json!({"t1": "a"}))]);
    refuses(
        &required(),
        &[
            (json!({}), &["missing required arguments: s", "one of the following is required: o1, o2"]),
            (json!({"s": "x"}), &["one of the following is required: o1, o2"]),
        ],
    );
    assert_eq!(run(&required(), &json!({"s": null, "o1": "a"})), Ok(json!({"s": "", "o1": "a"})));
    assert_eq!(run(&required(), &json!({"s": "x", "o1": null})), Ok(json!({"s": "x"})));
}

#[test]
fn defaults_are_filled_in() {
    let (params, problems) = check_arguments(&spec(), &switchover_protocol::Map::new());
    assert_eq!(
        (Value::from(params), problems),
        (json!({"sd": "fallback", "bd": true, "direct": false}), vec![])
    );
}

#[test]
fn what_is_not_supported_is_refused_with_its_reason() {
    let problems = |args: Value| {
        let problems = check_arguments_static(&spec(), args.as_object().unwrap());
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        problems(json!({"direct": "yes", "selevel": "s0"})),
        [
            "argument `direct` is not supported: files are replaced",
            "argument `selevel` is not supported: contexts are left alone",
        ]
    );
    assert_eq!(problems(json!({"direct": "no", "selevel": null})), Vec::<String>::new());
    assert_eq!(problems(json!({"direct": "{{ x }}"})), Vec::<String>::new());
}

#[test]
fn a_secret_is_not_shown() {
    let (_, problems) = check_arguments(&spec(), json!({"token": "hunter2"}).as_object().unwrap());
    assert_eq!(
        problems[0].to_string(),
        "argument 'token' is of type str and we were unable to convert to int: the value is secret and is not shown"
    );
    assert!(!format!("{problems:?}").contains("hunter2"));
}

#[test]
fn the_text_of_a_free_form_module_needs_no_declaration() {
    let mut spec = spec();
    let args = json!({"_raw_params": "ls -l"});
    assert!(matches!(
        check_arguments(&spec, args.as_object().unwrap()).1[0].problem,
        Problem::Unknown { .. }
    ));
    spec.free_form = true;
    assert_eq!(run(&spec, &args), Ok(args.clone()));
}

#[test]
fn before_rendering_only_what_is_sure_is_reported() {
    let spec = spec();
    let messages = |args: Value| -> Vec<String> {
        check_arguments_static(&spec, args.as_object().unwrap()).iter().map(ToString::to_string).collect()
    };
    let none: [&str; 0] = [];
    assert_eq!(
        messages(json!({"i": "{{ n }}", "c": "{% if x %}yes{% endif %}", "d": {"a": "{{ b }}"}})),
        none
    );
    assert_eq!(messages(json!({"x1": "{{ a | default(omit) }}", "x2": "b"})), none);
    assert_eq!(messages(json!({"t1": "{{ a | default(omit) }}"})), none);
    assert_eq!(messages(json!({"x1": "a", "x2": "b"})), ["parameters are mutually exclusive: x1|x2"]);
    assert_eq!(messages(json!({"t1": "a"})), ["parameters are required together: t1, t2"]);
    assert_eq!(
        messages(json!({"li": ["{{ n }}", "x"], "lc": ["{{ n }}", "c"]})),
        [
            "Elements value for option 'li' is of type str and we were unable to convert to int: 'x' cannot be converted to an int",
            "value of lc must be one of: a, b, got: c",
        ]
    );
    assert_eq!(messages(json!({"nope": "{{ x }}"})).len(), 1);

    let required = required();
    let check = |args: Value| check_arguments_static(&required, args.as_object().unwrap());
    assert_eq!(check(json!({"s": "{{ x }}", "o2": "{{ y }}"})), []);
    assert_eq!(check(json!({"o2": "{{ y }}"})).len(), 1);
}
