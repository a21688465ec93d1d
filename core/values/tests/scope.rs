//! Variables: precedence, laziness, places, and what is never a template.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;
use switchover_syntax::{Node, Source};
use switchover_values::{
    Fault, Layer, Scope, Settings, Stored, TemplateError, Value, VarMap, check_condition, check_template,
    from_json, is_omit, known_filter, known_lookup, run_lookup, strip_omit, to_json,
};

fn yaml(text: &str) -> Node {
    let (node, _) =
        switchover_syntax::parse_one(&Source::new("vars.yml", text)).expect("the test's YAML is right");
    node
}

fn vars(text: &str) -> Arc<VarMap> {
    Arc::new(VarMap::from_mapping(yaml(text).as_mapping().expect("the test's variables are a mapping")))
}

fn scope(text: &str) -> Scope {
    let mut scope = Scope::new();
    scope.push(Layer::PlayVars, vars(text));
    scope
}

fn data(name: &str, value: serde_json::Value) -> Arc<VarMap> {
    let mut map = VarMap::new();
    map.insert(name, from_json(value));
    Arc::new(map)
}

fn render(scope: &Scope, text: &str) -> Result<serde_json::Value, TemplateError> {
    scope.render(&yaml(text)).map(|value| to_json(&value))
}

#[test]
fn strong_layers_hide_weak_ones_in_any_order_of_pushes() {
    let mut scope = Scope::new();
    scope.push(Layer::ExtraVars, vars("a: extra"));
    scope.push(Layer::RoleDefaults, vars("a: default\nb: default"));
    scope.push(Layer::SetFacts, vars("b: fact"));
    assert_eq!(to_json(&scope.get("a").unwrap().unwrap()), json!("extra"));
    assert_eq!(to_json(&scope.get("b").unwrap().unwrap()), json!("fact"));
    let origin: Vec<Layer> = scope.origin("a").into_iter().map(|(layer, _)| layer).collect();
    assert_eq!(origin, [Layer::ExtraVars, Layer::RoleDefaults]);
    assert_eq!(scope.origin("b")[0].1.as_ref().unwrap().to_string(), "vars.yml:1:4");
}

#[test]
fn overlays_hide_extra_vars() {
    let mut scope = scope("item: play");
    scope.push(Layer::ExtraVars, vars("item: extra"));
    scope.overlay(data("item", json!("loop")));
    assert_eq!(render(&scope, "'{{ item }}'").unwrap(), json!("loop"));
}

#[test]
fn a_clone_does_not_see_later_pushes() {
    let first = scope("a: 1\nb: '{{ a }}'");
    assert_eq!(render(&first, "'{{ b }}'").unwrap(), json!(1));
    let mut second = first.clone();
    second.push(Layer::ExtraVars, vars("a: 2"));
    assert_eq!(render(&second, "'{{ b }}'").unwrap(), json!(2));
    assert_eq!(render(&first, "'{{ b }}'").unwrap(), json!(1));
}

#[test]
fn variables_are_rendered_when_they_are_used() {
    let scope =
        scope("a: '{{ b }}'\nb: '{{ c.d }}'\nc: {d: 5, broken: '{{ nowhere }}'}\nlist: ['{{ a }}', x]");
    assert_eq!(render(&scope, "'{{ a }}'").unwrap(), json!(5));
    assert_eq!(render(&scope, "'{{ list }}'").unwrap(), json!([5, "x"]));
    assert_eq!(render(&scope, "{x: ['{{ a }}'], y: text}").unwrap(), json!({"x": [5], "y": "text"}));
    assert_eq!(render(&scope, "'{{ c | length }}'").unwrap(), json!(2));
}

#[test]
fn what_a_host_answered_is_never_a_template() {
    let mut scope = scope("copy: '{{ answer.stdout }}'\nlist: ['{{ answer.lines }}']");
    let evil = "{{ lookup('pipe', 'touch /tmp/never') }}";
    scope.push(Layer::SetFacts, data("answer", json!({"stdout": evil, "lines": [evil, {"deep": evil}]})));
    assert_eq!(render(&scope, "'{{ answer.stdout }}'").unwrap(), json!(evil));
    assert_eq!(render(&scope, "'{{ copy }}'").unwrap(), json!(evil));
    assert_eq!(render(&scope, "'{{ copy | upper | lower }}'").unwrap(), json!(evil.to_lowercase()));
    assert_eq!(render(&scope, "'{{ list }}'").unwrap(), json!([[evil, {"deep": evil}]]));
    assert_eq!(render(&scope, "'[{{ answer.lines[1].deep }}]'").unwrap(), json!(format!("[{evil}]")));
    assert_eq!(render(&scope, "'{% set x = answer.stdout %}{{ x }}'").unwrap(), json!(evil));
    assert!(scope.condition(&yaml("answer.stdout == copy")).unwrap());
    let error = scope.condition(&yaml("'{{ answer.stdout }}'")).unwrap_err();
    assert!(error.to_string().contains("derived from value of type 'str'"), "{error}");
}

#[test]
fn unsafe_text_is_never_a_template() {
    let scope = scope("a: !unsafe '{{ b }}'\nb: 1");
    assert_eq!(render(&scope, "'{{ a }}'").unwrap(), json!("{{ b }}"));
    assert_eq!(render(&scope, "!unsafe '{{ b }}'").unwrap(), json!("{{ b }}"));
}

#[test]
fn circles_are_named() {
    let scope = scope("a: 'x{{ b }}'\nb: '{{ c }}'\nc: '{{ a }}'");
    let error = render(&scope, "'{{ a }}'").unwrap_err();
    assert_eq!(error.fault, Fault::Cycle);
    assert!(error.message.contains("a -> b -> c -> a"), "{error}");
}

#[test]
fn a_variable_may_extend_the_one_it_hides() {
    // As in Ansible this is a circle, not the value of the weaker layer.
    let mut scope = scope("path: /bin");
    scope.push(Layer::TaskVars, vars("path: '{{ path }}:/x'"));
    assert_eq!(render(&scope, "'{{ path }}'").unwrap_err().fault, Fault::Cycle);
}

#[test]
fn deep_chains_work_and_endless_ones_end() {
    let mut text = String::from("v0: end\n");
    for number in 1..200 {
        text.push_str(&format!("v{number}: '{{{{ v{} }}}}'\n", number - 1));
    }
    let scope = scope(&text);
    assert_eq!(render(&scope, "'{{ v60 }}'").unwrap(), json!("end"));
    assert_eq!(render(&scope, "'{{ v199 }}'").unwrap_err().fault, Fault::Cycle);
}

#[test]
fn errors_tell_name_place_and_way() {
    let scope = scope("a: '{{ b }}'\nb: 'port {{ cfg.port }}'\ncfg: {host: x}");
    let error = render(&scope, "'see {{ a }}'").unwrap_err();
    assert_eq!(error.undefined.as_deref(), Some("cfg.port"));
    assert_eq!(error.chain, ["a", "b"]);
    assert_eq!(error.span.as_ref().unwrap().to_string(), "vars.yml:2:13");
    let shown = error.to_diagnostic(&yaml("x").span);
    assert_eq!(shown.code, "template::undefined");
    assert!(shown.message.contains("object of type 'dict' has no attribute 'port'"), "{}", shown.message);
}

#[test]
fn mistakes_are_found_without_running() {
    let node =
        yaml("\"a {{ x | uper }} {{ y is deffined }} {{ lookup('fil', 'x') }} {{ z | map('lowr') }}\"");
    let found = check_template(node.as_str().unwrap(), &node.span);
    let help: Vec<&str> = found.iter().map(|problem| problem.help.as_deref().unwrap_or_default()).collect();
    assert_eq!(
        help,
        ["did you mean 'upper'?", "did you mean 'defined'?", "did you mean 'file'?", "did you mean 'lower'?"]
    );
    assert_eq!(found[0].labels[0].span.to_string(), "vars.yml:1:11");
    assert_eq!(check_template("{{ a | ansible.builtin.to_json }}", &node.span).len(), 0);
    assert_eq!(check_template("{{ a +  }}", &node.span)[0].code, "template::syntax");
    assert_eq!(check_condition("a is defned", &node.span).len(), 1);
    assert_eq!(check_condition("{{ a }}", &node.span)[0].code, "template::wrapped-condition");
    assert!(known_filter("ansible.builtin.combine") && !known_filter("combin"));
    assert!(known_lookup("community.general.random_string") && known_lookup("items"));
}

#[test]
fn conditions_give_booleans() {
    let scope = scope("yes_text: 'yes'\nlist: []\ntest: n > 3\nn: 5\nnested: '{{ n == 5 }}'");
    let holds = |text: &str| scope.condition(&yaml(text));
    assert!(holds("true").unwrap());
    assert!(holds("n == 5 and not list").unwrap());
    assert!(holds("nested").unwrap());
    assert!(holds("\"n == '{{ n }}'\"").unwrap());
    assert!(holds("\"n == {{ n }}\"").unwrap_err().to_string().contains("syntax error"));
    assert!(holds("\"{{ test }}\"").unwrap());
    for text in ["yes_text", "list", "n", "''", "missing"] {
        assert!(holds(text).is_err(), "{text}");
    }
    let settings = Settings { allow_broken_conditionals: true, ..Settings::default() };
    let mut old = Scope::with_settings(Arc::new(settings));
    old.push(Layer::PlayVars, vars("yes_text: 'yes'\nlist: []\nno_text: 'no'"));
    assert!(old.condition(&yaml("yes_text")).unwrap());
    assert!(!old.condition(&yaml("list")).unwrap());
    assert!(!old.condition(&yaml("no_text")).unwrap());
}

#[test]
fn omit_is_a_value_until_it_is_stripped() {
    let scope = scope("a: '{{ b | default(omit) }}'");
    assert!(is_omit(&scope.get("a").unwrap().unwrap()));
    let args =
        scope.render(&yaml("{mode: '{{ m | default(omit) }}', src: x, list: ['{{ omit }}', 1]}")).unwrap();
    assert_eq!(to_json(&strip_omit(&args)), json!({"src": "x", "list": [1]}));
    assert!(render(&scope, "'x{{ omit }}'").is_err());
}

#[test]
fn changes_in_a_template_end_with_it() {
    let scope = scope("list: [1]\nmap: {a: {b: []}}");
    let text = "\"{% set _ = list.append(2) %}{% set _ = map.a.b.append('x') %}{{ list }} {{ map }}\"";
    assert_eq!(render(&scope, text).unwrap(), json!("[1, 2] {'a': {'b': ['x']}}"));
    assert_eq!(render(&scope, "'{{ list }} {{ map }}'").unwrap(), json!("[1] {'a': {'b': []}}"));
    let error = render(&scope, "\"{{ (list | sort).append(1) }}\"").unwrap_err();
    assert!(error.help.unwrap().contains("list + [item]"));
}

#[test]
fn a_view_renders_one_variable_at_a_time() {
    let other = scope("good: '{{ 1 + 1 }}'\nbad: '{{ nowhere }}'");
    let mut hosts = VarMap::new();
    hosts.insert("hostvars", Stored::Data(Value::from_pairs([("web1", other.as_value())])));
    let mut scope = Scope::new();
    scope.overlay(Arc::new(hosts));
    assert_eq!(render(&scope, "\"{{ hostvars['web1'].good }}\"").unwrap(), json!(2));
    assert_eq!(render(&scope, "\"{{ hostvars['web1'].bad | default('d') }}\"").unwrap(), json!("d"));
    assert_eq!(
        render(&scope, "\"{{ ['web1'] | map('extract', hostvars, 'good') | list }}\"").unwrap(),
        json!([2])
    );
    assert_eq!(
        render(&scope, "\"{{ 'web2' in hostvars }} {{ hostvars.web2.x | default(3) }}\"").unwrap(),
        json!("False 3")
    );
    let error = render(&scope, "\"{{ hostvars.web1.bad }}\"").unwrap_err();
    assert_eq!(error.undefined.as_deref(), Some("nowhere"));
}

#[test]
fn lookups_serve_loops() {
    let scope = scope("a: 1");
    let pairs =
        run_lookup("nested", vec![from_json(json!([1, 2])), from_json(json!(["a"]))], Vec::new(), &scope);
    assert_eq!(to_json(&Value::from(pairs.unwrap())), json!([[1, "a"], [2, "a"]]));
    let numbers = run_lookup("sequence", vec![Value::from("2-6/2:n%02d")], Vec::new(), &scope);
    assert_eq!(to_json(&Value::from(numbers.unwrap())), json!(["n02", "n04", "n06"]));
    let error = run_lookup("nestd", Vec::new(), Vec::new(), &scope).unwrap_err();
    assert_eq!(error.help.as_deref(), Some("did you mean 'nested'?"));
}

proptest! {
    #[test]
    fn the_strongest_layer_wins(mut layers in proptest::sample::subsequence(Layer::ALL.to_vec(), 1..=22), seed in any::<u64>()) {
        let strongest = *layers.iter().max().unwrap();
        let turn = (seed as usize) % layers.len();
        layers.rotate_left(turn);
        let mut scope = Scope::new();
        for layer in &layers {
            scope.push(*layer, data("x", json!(*layer as u8)));
        }
        prop_assert_eq!(to_json(&scope.get("x").unwrap().unwrap()), json!(strongest as u8));
        prop_assert_eq!(scope.origin("x").len(), layers.len());
    }

    #[test]
    fn the_later_push_of_a_layer_wins(count in 1usize..6, index in 0usize..22) {
        let mut scope = Scope::new();
        for number in 0..count {
            scope.push(Layer::ALL[index], data("x", json!(number)));
        }
        prop_assert_eq!(to_json(&scope.get("x").unwrap().unwrap()), json!(count - 1));
    }

    #[test]
    fn data_comes_out_as_it_went_in(text in "[ -~\n]{0,40}") {
        let mut scope = Scope::new();
        scope.push(Layer::SetFacts, data("x", json!({"k": [text]})));
        prop_assert_eq!(render(&scope, "'{{ x.k[0] }}'").unwrap(), json!(text));
        prop_assert_eq!(render(&scope, "'{{ x }}'").unwrap(), json!({"k": [text]}));
    }
}
