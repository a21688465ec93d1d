//! Whether texts mean here what they mean to PyYAML, from answers that `record.py` wrote down.

use serde_json::{Value, json};
use switchover_syntax::{Node, NodeKind, Source, parse};

/// Texts that PyYAML takes and this refuses, and the other way round, each for a reason.
const DIFFERENT: &[(&str, &str)] = &[
    (
        "a: |
  	x
",
        "a tab after the indentation is text, in libyaml only when something stands before it",
    ),
    (
        "a: &x 1
b: &x 2
c: *x
",
        "YAML 1.2 lets an anchor be defined again",
    ),
    (
        "a: !
",
        "nothing is null, whatever tag it has not",
    ),
    (
        "- 	1
",
        "a tab after `- ` is a blank, not indentation",
    ),
    (
        "a: !!set {x}
",
        "sets are not supported",
    ),
    (
        "a: !!omap [x: 1]
",
        "lists of pairs are not supported",
    ),
    (
        "a: x
...
b: y
",
        "YAML 1.2 needs no `---` after `...`",
    ),
];

fn form(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Null => Value::Null,
        NodeKind::Bool(value) => json!(value),
        NodeKind::Int(value) => json!(value),
        NodeKind::Float(value) if value.is_nan() => json!({ "$float": "nan" }),
        NodeKind::Float(value) if value.is_infinite() => {
            json!({ "$float": if *value > 0.0 { "inf" } else { "-inf" } })
        }
        NodeKind::Float(value) => json!(value),
        NodeKind::String { text, .. } => json!(text.as_ref()),
        NodeKind::Sequence(items) => items.iter().map(form).collect(),
        NodeKind::Mapping(mapping) if mapping.entries.iter().all(|e| e.key.as_str().is_some()) => {
            let pairs = mapping.entries.iter();
            Value::Object(
                pairs.map(|e| (e.key.as_str().unwrap_or_default().to_owned(), form(&e.value))).collect(),
            )
        }
        NodeKind::Mapping(mapping) => {
            json!({ "$pairs": mapping.entries.iter().map(|e| json!([form(&e.key), form(&e.value)])).collect::<Vec<_>>() })
        }
    }
}

fn answer(text: &str) -> Value {
    match parse(&Source::new("case.yml", text)) {
        Ok(parsed) => parsed.documents.iter().map(form).collect(),
        Err(_) => json!({ "$error": true }),
    }
}

fn compare(cases: &str) -> usize {
    let cases: Vec<Value> = serde_json::from_str(cases).expect("the cases are JSON");
    let mut wrong = Vec::new();
    for case in &cases {
        let text = case["yaml"].as_str().expect("a case has a text");
        let (got, expected) = (answer(text).to_string(), case["expect"].to_string());
        // Compared as text, since the order of keys counts.
        let known = DIFFERENT.iter().any(|(t, _)| *t == text);
        let same = got == expected;
        if same == known {
            wrong.push(format!("{text:?}\n  here   {got}\n  PyYAML {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    cases.len()
}

#[test]
fn scalars_mean_what_they_mean_to_pyyaml() {
    assert!(compare(include_str!("cases/scalars.json")) > 200);
}

#[test]
fn structures_mean_what_they_mean_to_pyyaml() {
    assert!(compare(include_str!("cases/structures.json")) > 150);
}
