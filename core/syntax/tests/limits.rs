//! What hostile or broken texts cannot do, and whether places are right.

use proptest::prelude::*;
use switchover_syntax::{Node, NodeKind, Source, Tag, parse, parse_one};

fn code(text: &str) -> &'static str {
    parse(&Source::new("x", text)).expect_err("refused").remove(0).code
}

#[test]
fn refuses_aliases_that_unfold_without_end() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..10 {
        let before = format!("*a{}", i - 1);
        text += &format!("a{i}: &a{i} [{}]\n", vec![before; 10].join(", "));
    }
    assert_eq!(code(&text), "yaml::alias-bomb");
}

#[test]
fn refuses_depth_however_it_is_made() {
    assert_eq!(code(&"[".repeat(100_000)), "yaml::too-deep");
    assert_eq!(code(&"- ".repeat(100_000)), "yaml::too-deep");
    let chain: String = (1..300).map(|i| format!("a{i}: &a{i} [*a{}]\n", i - 1)).collect();
    assert_eq!(code(&format!("a0: &a0 x\n{chain}")), "yaml::too-deep");
}

#[test]
fn an_anchor_within_itself_is_refused() {
    assert_eq!(code("a: &a [*a]\n"), "yaml::recursive-alias");
}

#[test]
fn a_text_has_one_document_where_one_is_expected() {
    assert!(parse_one(&Source::new("x", "")).unwrap().0.is_null());
    let errors = parse_one(&Source::new("x", "a: 1\n---\nb: 2\n")).unwrap_err();
    assert_eq!((errors[0].code, errors[0].labels[0].span.position().line), ("yaml::several-documents", 3));
}

#[test]
fn spans_are_the_text_that_was_written() {
    let text = "a: 1\nb:\n  - \"x y\"\n  - {c: [d]}\ne: &f g\nh: *f\n";
    let root = parse_one(&Source::new("x", text)).unwrap().0;
    let written = |node: &Node| text[node.span.start as usize..node.span.end as usize].to_owned();
    let root = root.as_mapping().unwrap();
    let list = root.get("b").unwrap();
    assert_eq!(written(list), "- \"x y\"\n  - {c: [d]}");
    assert_eq!(written(&list.as_sequence().unwrap()[0]), "\"x y\"");
    assert_eq!(written(&list.as_sequence().unwrap()[1]), "{c: [d]}");
    assert_eq!(written(root.get("h").unwrap()), "g");
    assert_eq!(written(&root.entry("e").unwrap().key), "e");
}

#[test]
fn unsafe_reaches_every_text_below() {
    let root = parse_one(&Source::new("x", "a: !unsafe {b: [c, {d: e}]}\n")).unwrap().0;
    fn texts(node: &Node, out: &mut Vec<(String, Tag)>) {
        match &node.kind {
            NodeKind::String { text, .. } => out.push((text.to_string(), node.tag)),
            NodeKind::Sequence(items) => items.iter().for_each(|i| texts(i, out)),
            NodeKind::Mapping(m) => m.entries.iter().for_each(|e| texts(&e.value, out)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    texts(&root, &mut found);
    assert_eq!(found, [("c".to_owned(), Tag::Unsafe), ("e".to_owned(), Tag::Unsafe)]);
}

/// Draws every diagnostic, and checks that all places lie within the text.
fn walk(text: &str) {
    let source = Source::new("x", text);
    match parse(&source) {
        Ok(parsed) => {
            parsed.documents.iter().for_each(|node| within(node, text));
            parsed.warnings.iter().for_each(|w| drop(w.render(true)));
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            errors.iter().for_each(|e| drop(e.render(false)));
        }
    }
}

fn within(node: &Node, text: &str) {
    assert!(
        text.get(node.span.start as usize..node.span.end as usize).is_some(),
        "{:?} in {text:?}",
        node.span
    );
    match &node.kind {
        NodeKind::Sequence(items) => items.iter().for_each(|i| within(i, text)),
        NodeKind::Mapping(m) => m.entries.iter().for_each(|e| {
            within(&e.key, text);
            within(&e.value, text);
        }),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn no_text_panics(text in "\\PC{0,60}|[-a:{}\\[\\]'\" \n\t#&*!|>%@?,~\\\\é日\r]{0,60}") {
        walk(&text);
    }

    #[test]
    fn no_cut_of_a_playbook_panics(at in 0usize..400, with in "[-:{\\['\" \n\t]{0,3}") {
        const PLAY: &str = "- hosts: web\n  vars: &v {a: \"{{ b }}\", c: [1, 2]}\n  tasks:\n    - name: 'é日' # c\n      \
            shell: |\n        echo x: y\n      when: a == \"b\" and c is defined\n    - copy: {src: a, dest: /b}\n      \
            <<: *v\n      mode: 0644\n";
        let mut cut = at.min(PLAY.len());
        while !PLAY.is_char_boundary(cut) { cut -= 1; }
        walk(&format!("{}{with}{}", &PLAY[..cut], &PLAY[cut..]));
        walk(&format!("{}{with}", &PLAY[..cut]));
    }
}
