//! The mistakes that people make, the place that is named, and the remedy.

use switchover_syntax::{Diagnostic, Source, parse};

fn errors(text: &str) -> Vec<Diagnostic> {
    parse(&Source::new("play.yml", text)).expect_err(text)
}

/// Text, place and code of the first error, and a part of its help.
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    ("a: b: c\n", "1:5", "yaml::colon", "\"b: c\""),
    ("- hosts: all\n  tasks:\n  - shell: echo a: b\n", "3:18", "yaml::colon", "\"echo a: b\""),
    ("- debug: msg=\"a: b\"\n", "1:16", "yaml::colon", "'msg=\"a: b\"'"),
    ("a:1\nb: 2\n", "1:2", "yaml::space", "`a: 1`"),
    ("x: 1\na:1\n", "2:2", "yaml::space", "`a: 1`"),
    ("\"a\":1\n", "1:4", "yaml::space", "`\"a\": 1`"),
    ("- a\n-b\n", "2:1", "yaml::space", "`- b`"),
    ("a: 1\n b: 2\n", "2:2", "yaml::indentation", "column 1"),
    ("- name: foo\n   hosts: all\n", "2:4", "yaml::indentation", "column 3"),
    ("a:\n  b: 1\n c: 2\n", "3:2", "yaml::indentation", "column 3"),
    ("a:\n  - b: 1\n   - c: 2\n", "3:4", "yaml::indentation", "nearest one above begins in column 3"),
    ("- a\nb: 1\n", "2:1", "yaml::indentation", "side by side"),
    ("a: - b\n", "1:4", "yaml::list", "line of its own"),
    ("a: 'x' y\n", "1:7", "yaml::quotes", "whole value"),
    ("path: \"{{ dir }}\"/file\n", "1:18", "yaml::quotes", "whole value"),
    ("a: \"x\n", "1:4", "yaml::unclosed", "close it"),
    ("a: [1\nb: 2\n", "1:4", "yaml::unclosed", "close it"),
    ("a: {b: 1\n", "1:4", "yaml::unclosed", "close it"),
    ("a: @x\n", "1:4", "yaml::character", "\"@x\""),
    ("a: `ls`\n", "1:4", "yaml::character", "\"`ls`\""),
    ("a: x\u{7}y\n", "1:5", "yaml::character", "remove it"),
    ("a: \"C:\\dir\"\n", "1:7", "yaml::escape", "single quotes"),
    ("a: {{ x }}\n", "1:4", "yaml::unquoted-template", "\"{{ x }}\""),
    ("a: {{ x }}/y # c\n", "1:4", "yaml::unquoted-template", "\"{{ x }}/y\","),
    ("- when: {{ a }} == \"b\"\n", "1:9", "yaml::unquoted-template", "'{{ a }} == \"b\"'"),
    ("a: [b, {{ c }}]\n", "1:8", "yaml::unquoted-template", "\"{{ c }}\""),
    ("{% if x %}\n- a\n{% endif %}\n", "1:1", "yaml::template-block", "`when`"),
    ("a\nb: 1\n", "1:1", "yaml::syntax", "add the `: `"),
    ("a: 1\nb\n", "2:1", "yaml::syntax", "add the `: `"),
    ("a:\n\t- 1\n", "2:1", "yaml::tab", "spaces"),
    ("a:\n  b: 1\n\tc: 2\n", "3:1", "yaml::tab", "spaces"),
    ("\ta: 1\n", "1:1", "yaml::tab", "spaces"),
    ("a: *nope\n", "1:4", "yaml::unknown-anchor", "&nope"),
    ("a: !foo x\n", "1:4", "yaml::tag", "!vault"),
    ("a: !!binary aGk=\n", "1:4", "yaml::tag", "b64decode"),
    ("[a]: b\n", "1:1", "yaml::complex-key", "quote the key"),
    ("x:\n  <<: 1\n", "2:7", "yaml::merge", "alias of a mapping"),
    ("a: 0x_\n", "1:4", "yaml::number", "quotes"),
    ("\u{feff}a: b: c\n", "1:5", "yaml::colon", "\"b: c\""),
    ("a: 1\r\nb: c: d\r\n", "2:5", "yaml::colon", "\"c: d\""),
];

#[test]
fn each_mistake_is_named_at_its_place_with_its_remedy() {
    for (text, place, code, help) in MISTAKES {
        let first = errors(text).remove(0);
        let at = first.labels[0].span.position();
        assert_eq!((format!("{}:{}", at.line, at.column).as_str(), first.code), (*place, *code), "{text:?}");
        let found = first.help.unwrap_or_default();
        assert!(found.contains(help), "{text:?}: {found}");
    }
}

#[test]
fn several_mistakes_of_meaning_are_told_at_once() {
    let codes: Vec<_> = errors("a: !foo 1\nb: *c\nd: {{ e }}\n").iter().map(|e| e.code).collect();
    assert_eq!(codes, ["yaml::tag", "yaml::unknown-anchor", "yaml::unquoted-template"]);
}

#[test]
fn a_duplicate_key_warns_and_the_last_one_wins() {
    let parsed = parse(&Source::new("play.yml", "a: 1\nb: 2\na: 3\n")).unwrap();
    assert_eq!(
        parsed.warnings[0].render(false),
        "\
warning[yaml::duplicate-key]: Found duplicate mapping key 'a': the last one wins
 --> play.yml:3:1
  |
1 | a: 1
  | - the value here is lost
...
3 | a: 3
  | ^
  |
  = help: remove one of the two
"
    );
}

#[test]
fn a_key_that_overrides_a_merged_one_does_not_warn() {
    let parsed = parse(&Source::new("play.yml", "x: &x {a: 1}\ny:\n  <<: *x\n  a: 2\n")).unwrap();
    assert!(parsed.warnings.is_empty(), "{:?}", parsed.warnings);
}

#[test]
fn a_number_beyond_64_bits_warns_and_stays_text() {
    let parsed = parse(&Source::new("play.yml", "a: 18446744073709551616\n")).unwrap();
    let value = parsed.documents[0].as_mapping().unwrap().get("a").unwrap();
    assert_eq!(value.as_str(), Some("18446744073709551616"));
    assert_eq!(parsed.warnings[0].code, "yaml::large-number");
}
