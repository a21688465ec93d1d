//! Templates with the answers that ansible-core 2.19 gave (`record.py` writes them).
//!
//! A case is `{template, kind?, expect}` or `{template, kind?, error}`: an error is a piece of our message. `differs`
//! says why our answer is another one on purpose; then `expect` and `error` are ours.

use std::sync::Arc;

use serde::Deserialize;
use switchover_syntax::{Node, NodeKind, Source, Span, Style, Tag};
use switchover_values::{Layer, Scope, TemplateError, VarMap, to_json};

#[derive(Deserialize)]
struct Corpus {
    vars: serde_json::Value,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    template: String,
    kind: Option<String>,
    /// `null` is an answer as well, so that leaving it away is another thing.
    #[serde(default, deserialize_with = "some")]
    expect: Option<serde_json::Value>,
    error: Option<String>,
    #[expect(dead_code, reason = "words for readers")]
    differs: Option<String>,
}

fn some<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<serde_json::Value>, D::Error> {
    serde_json::Value::deserialize(from).map(Some)
}

fn node(text: &str) -> Node {
    let source = Source::new("case", text);
    let span = Span::new(&source, 0, text.len() as u32);
    Node { span, tag: Tag::None, kind: NodeKind::String { text: text.into(), style: Style::Quoted } }
}

fn scope(vars: &serde_json::Value) -> Scope {
    let source = Source::new("vars", vars.to_string());
    let (node, _) = switchover_syntax::parse_json(&source).expect("the corpus is JSON");
    let mut scope = Scope::new();
    scope.push(
        Layer::PlayVars,
        Arc::new(VarMap::from_mapping(node.as_mapping().expect("vars are a mapping"))),
    );
    scope
}

fn answer(scope: &Scope, case: &Case) -> Result<serde_json::Value, TemplateError> {
    match case.kind.as_deref() {
        Some("condition") => scope.condition(&node(&case.template)).map(serde_json::Value::Bool),
        Some(other) => panic!("there is no kind '{other}'"),
        None => scope.render(&node(&case.template)).map(|value| to_json(&value)),
    }
}

fn problem(scope: &Scope, case: &Case) -> Option<String> {
    match (answer(scope, case), &case.expect, &case.error) {
        (Ok(answer), Some(expect), _) if answer == *expect => None,
        (Err(error), None, Some(piece)) if error.to_string().contains(piece) => None,
        (answer, expect, error) => {
            let wanted = match (expect, error) {
                (Some(expect), _) => expect.to_string(),
                (None, piece) => format!("error {piece:?}"),
            };
            let got = answer
                .map_or_else(|error| format!("error {:?}", error.to_string()), |value| value.to_string());
            Some(format!("{}\n    wanted {wanted}\n    got    {got}", case.template))
        }
    }
}

#[test]
fn answers_are_those_of_ansible() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
    let mut problems = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let corpus: Corpus = serde_json::from_str(&std::fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let scope = scope(&corpus.vars);
        count += corpus.cases.len();
        problems.extend(corpus.cases.iter().filter_map(|case| problem(&scope, case)));
    }
    assert!(count > 300, "only {count} cases were found");
    assert!(problems.is_empty(), "{} of {count} cases differ:\n{}", problems.len(), problems.join("\n"));
}
