//! Template files: options, the header line, and templates that use others.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use switchover_syntax::Source;
use switchover_values::{Layer, Scope, Settings, TextOptions, Value, VarMap, from_json, run_lookup};

fn scope(vars: serde_json::Value) -> Scope {
    let source = Source::new("vars", vars.to_string());
    let (node, _) = switchover_syntax::parse_json(&source).expect("the test's variables are JSON");
    let mut scope = Scope::new();
    scope.push(
        Layer::PlayVars,
        Arc::new(VarMap::from_mapping(node.as_mapping().expect("they are a mapping"))),
    );
    scope
}

fn options(folder: &Path) -> TextOptions {
    TextOptions {
        name: folder.join("main.j2"),
        search_paths: vec![folder.to_path_buf()],
        ..TextOptions::default()
    }
}

#[test]
fn blocks_take_their_line_break() {
    let scope = scope(json!({"list": [1, 2]}));
    let text = "{% for x in list %}\n- {{ x }}\n{% endfor %}\nend\n";
    let options = TextOptions::default();
    assert_eq!(scope.render_text(text, &options).unwrap(), "- 1\n- 2\nend\n");
    let kept = TextOptions { trim_blocks: false, ..TextOptions::default() };
    assert_eq!(scope.render_text(text, &kept).unwrap(), "\n- 1\n\n- 2\n\nend\n");
    let ends = "{% for x in list %}\n- {{ x }}\n{% endfor %}\n";
    assert_eq!(scope.render_text(ends, &kept).unwrap(), "\n- 1\n\n- 2\n");
    let windows = TextOptions { newline_sequence: "\r\n".into(), ..TextOptions::default() };
    assert_eq!(scope.render_text("a\nb\n", &windows).unwrap(), "a\r\nb\r\n");
    let cut = TextOptions { keep_trailing_newline: false, ..TextOptions::default() };
    assert_eq!(scope.render_text("a\n", &cut).unwrap(), "a");
}

#[test]
fn a_value_that_ends_its_line_gets_no_second_line_break() {
    let scope = scope(json!({"own": "b\n", "more": "b\n\n\n", "none": ""}));
    // Taken down from ansible-core 2.19.
    for (template, result) in [
        ("{{ own }}\n", "b\n"),
        ("{{ own }}\n\n", "b\n\n"),
        ("{{ more }}\n", "b\n\n\n"),
        ("{{ own }}", "b\n"),
        ("a\n{{ none }}\n", "a\n"),
        ("a {# c #}\n", "a \n"),
        ("{{ none }}\n", "\n"),
        ("\n\n", "\n\n"),
        ("\n", "\n"),
        ("{% if false %}\nx\n{% endif %}\n", ""),
        ("{% if false %}{{ own }}{% endif %}\n", ""),
        ("{# c #}\n", ""),
        ("{% set a = 1 %}\n\n", ""),
        ("{% for i in [] %}{{ i }}{% endfor %}\n", ""),
        ("{% if false %}x{% endif %}\n\n\n", "\n\n\n"),
        (" {% set a = 1 %}\n", " \n"),
        ("#jinja2: trim_blocks: False\n{% set a = 1 %}\n", ""),
    ] {
        assert_eq!(scope.render_text(template, &TextOptions::default()).unwrap(), result, "{template:?}");
    }
}

#[test]
fn the_first_line_sets_options() {
    let scope = scope(json!({"x": 1}));
    let text =
        "#jinja2: variable_start_string:'[%', variable_end_string:'%]', trim_blocks:False\n[% x %] {{ x }}\n";
    assert_eq!(scope.render_text(text, &TextOptions::default()).unwrap(), "1 {{ x }}\n");
    let error = scope.render_text("#jinja2: nonsense: 1\nx", &TextOptions::default()).unwrap_err();
    assert!(error.to_string().contains("nonsense"), "{error}");
}

#[test]
fn values_come_out_as_text() {
    let scope = scope(json!({"b": true, "n": null, "f": 1.5, "l": [1, "a"], "d": {"k": "{{ b }}"}}));
    let text = "{{ b }} {{ n }}| {{ f }} {{ l }} {{ d }} {{ '\\d\\n' }}.";
    assert_eq!(
        scope.render_text(text, &TextOptions::default()).unwrap(),
        "True | 1.5 [1, 'a'] {'k': True} \\d\n."
    );
}

#[test]
fn errors_name_file_and_line() {
    let scope = scope(json!({"cfg": {}}));
    let options = TextOptions { name: "web.conf.j2".into(), ..TextOptions::default() };
    let error = scope.render_text("one\ntwo {{ cfg.port }}\n", &options).unwrap_err();
    assert_eq!(error.span.unwrap().to_string(), "web.conf.j2:2:8");
    let error = scope.render_text("one\n{% if x %}\n", &options).unwrap_err();
    assert!(error.span.unwrap().to_string().starts_with("web.conf.j2:"));
    let error = scope.render_text("a\nb {{ cfg | nofilter }}\n", &options).unwrap_err();
    assert_eq!(error.span.unwrap().position().line, 2);
}

#[test]
fn templates_use_other_templates() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("part.j2", "<{{ item.name | default('none') }} {{ a.b.c | default('deep') }} {{ '%02d' % n }}>\n");
    write("macros.j2", "{% macro twice(x, sep=', ') %}{{ x }}{{ sep }}{{ x }}{% endmacro %}");
    write("base.j2", "[{% block body %}base{% endblock %}] {{ 'a\"b' }}\n");
    let scope = scope(json!({"items": [{"name": "x"}, {}], "n": 7}));
    let render = |text: &str| scope.render_text(text, &options(folder.path()));
    let text = "{% for item in items %}\n{% include 'part.j2' %}\n{% endfor %}\n";
    assert_eq!(render(text).unwrap(), "<x deep 07>\n<none deep 07>\n");
    assert_eq!(render("{% import 'macros.j2' as m %}{{ m.twice(n) }}").unwrap(), "7, 7");
    assert_eq!(render("{% from 'macros.j2' import twice as t %}{{ t(n, sep='-') }}").unwrap(), "7-7");
    let text = "{% extends 'base.j2' %}{% block body %}{{ super() }}+{{ n }}{% endblock %}";
    assert_eq!(render(text).unwrap(), "[base+7] a\"b\n");
    assert_eq!(render("{% include 'gone.j2' ignore missing %}x").unwrap(), "x");
    assert!(render("{% include 'gone.j2' %}").unwrap_err().to_string().contains("gone.j2"));
    write("part.j2", "changed\n");
    assert_eq!(render("{% include 'part.j2' %}").unwrap(), "changed\n");
}

#[test]
fn mistakes_in_included_templates_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad.j2"), "{{ 1 | nofilter }}").unwrap();
    std::fs::write(folder.path().join("undefined.j2"), "{{ nowhere.x }}").unwrap();
    let scope = scope(json!({}));
    let render = |text: &str| scope.render_text(text, &options(folder.path()));
    assert!(render("{% include 'bad.j2' %}").unwrap_err().to_string().contains("nofilter"));
    assert!(
        render("{% include 'undefined.j2' %}").unwrap_err().to_string().contains("'nowhere' is undefined")
    );
}

#[test]
fn python_in_templates_works() {
    let scope = scope(json!({"users": [{"n": "a", "g": ["x"]}, {"n": "b"}]}));
    let text = "\
{% set names = [] %}{% set by = {} %}
{% for u in users %}
{% set _ = names.append(u.n) %}
{% set _ = by.update({u.n: u.g | default([]) | length}) %}
{% endfor %}
{{ names | join(',') }} {{ by }} {{ '%s=%d' % ('a', by.a) }} {{ '{}-{:>3}'.format(1, 2) }}
{% set ns = namespace(total=0) %}
{% for k, v in by.items() %}{% set ns.total = ns.total + v %}{% endfor %}
{{ ns.total }} {{ loop is defined }}
{% macro field(name, value='') %}{{ name }}={{ value }};{% endmacro %}
{{ field('a') }}{{ field('b', value=[1]) }}
{% call(x) wrap() %}{{ x }}{% endcall %}";
    let text = format!("{{% macro wrap() %}}<{{{{ caller(5) }}}}>{{% endmacro %}}{text}");
    assert_eq!(
        scope.render_text(&text, &TextOptions::default()).unwrap(),
        "a,b {'a': 1, 'b': 0} a=1 1-  2\n1 False\na=;b=[1];\n<5>"
    );
}

#[test]
fn lookups_find_files_of_the_role_first() {
    let folder = tempfile::tempdir().unwrap();
    let role = folder.path().join("role");
    for (path, text) in [
        ("role/files/a.txt", "role file\n"),
        ("files/a.txt", "play file\n"),
        ("templates/t.j2", "{{ x }}{{ y }}\n"),
        ("files/c.csv", "k,v1,v2\nz,\"q,r\",3\n"),
        ("files/c.ini", "[one]\na = 1\n[two]\na=2\nb: x\n"),
    ] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let scope = scope(json!({"role_path": role, "playbook_dir": folder.path(), "x": 1}));
    let one = |name: &str, term: &str, named: &[(&str, serde_json::Value)]| {
        let named = named.iter().map(|(key, value)| (key.to_string(), from_json(value.clone()))).collect();
        let found = run_lookup(name, vec![Value::from(term)], named, &scope);
        found.map(|found| found.iter().map(ToString::to_string).collect::<Vec<_>>().join("|"))
    };
    assert_eq!(one("file", "a.txt", &[]).unwrap(), "role file");
    assert_eq!(one("template", "t.j2", &[("template_vars", json!({"y": 2}))]).unwrap(), "12\n");
    assert_eq!(one("csvfile", "z file=c.csv delimiter=, col=1", &[]).unwrap(), "q,r");
    assert_eq!(one("ini", "a section=two file=c.ini", &[]).unwrap(), "2");
    assert_eq!(one("ini", "b", &[("section", json!("two")), ("file", json!("c.ini"))]).unwrap(), "x");
    assert!(one("first_found", "gone,a.txt", &[]).is_err());
    assert!(one("file", "gone", &[]).unwrap_err().to_string().contains("Unable to access the file 'gone'"));
    assert!(one("file", "a.txt", &[("nonsense", json!(1))]).unwrap_err().to_string().contains("nonsense"));
    assert_eq!(
        one("fileglob", "*.ini", &[]).unwrap(),
        folder.path().join("files/c.ini").display().to_string()
    );
}

#[test]
fn passwords_are_kept_in_their_file() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { base: folder.path().to_path_buf(), ..Settings::default() };
    let scope = Scope::with_settings(Arc::new(settings));
    let make = || run_lookup("password", vec![Value::from("p/w length=12 chars=digits")], Vec::new(), &scope);
    let first = make().unwrap()[0].to_string();
    assert!(first.len() == 12 && first.chars().all(|c| c.is_ascii_digit()), "{first}");
    assert_eq!(make().unwrap()[0].to_string(), first);
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(folder.path().join("p/w")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
