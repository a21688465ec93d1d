//! One-line arguments. The expected values were observed with ansible-core 2.19.

use proptest::prelude::*;
use switchover_model::split_key_values;

fn pairs(text: &str) -> Vec<(String, String)> {
    let taken = split_key_values(text, false).expect("the text can be split");
    taken.pairs.into_iter().map(|pair| (pair.key, pair.value)).collect()
}

#[test]
fn pairs_are_those_of_ansible() {
    let cases: [(&str, &[(&str, &str)]); 14] = [
        (r#"a=b c="d e""#, &[("a", "b"), ("c", "d e")]),
        ("a='it''s' b=x", &[("a", "it''s"), ("b", "x")]),
        (r#"a="x\ny\\z" b='\d+'  c=\x41"#, &[("a", "x\ny\\z"), ("b", "\\d+"), ("c", "A")]),
        (r#"a={{ 'p q' | default("r s") }} b=1"#, &[("a", r#"{{ 'p q' | default("r s") }}"#), ("b", "1")]),
        (r#"a="{{ {'k': 'v w'}['k'] }}""#, &[("a", "{{ {'k': 'v w'}['k'] }}")]),
        ("a=b=c d==e", &[("a", "b=c"), ("d", "=e")]),
        (r#"a= b="""#, &[("a", ""), ("b", "")]),
        (r#"a="b"c d='e'f"#, &[("a", r#""b"c"#), ("d", "'e'f")]),
        ("a=1\n  b=2\n", &[("a", "1"), ("b", "2")]),
        (r#"a="x=1 y=2""#, &[("a", "x=1 y=2")]),
        (r#"a=\"q\" b=1"#, &[("a", "q"), ("b", "1")]),
        (r#"a="q\"r""#, &[("a", "q\"r")]),
        ("a='q\"r' ", &[("a", "q\"r")]),
        ("{{ 'dyn' }}_x=5", &[("{{ 'dyn' }}_x", "5")]),
    ];
    for (text, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert_eq!(pairs(text), expected, "{text}");
    }
}

#[test]
fn words_without_a_key_are_the_rest() {
    let taken = split_key_values("a = 1", false).expect("the text can be split");
    assert_eq!((taken.pairs.len(), taken.rest.as_str()), (0, "a = 1"));
}

#[test]
fn commands_are_those_of_ansible() {
    let cases = [
        ("true  a=b \"c  d\"", "true  a=b \"c  d\""),
        ("true 'x=1  y' chdir=/tmp", "true 'x=1  y'"),
        ("true one \\\n   two", "true one   two"),
        ("true\n  a   b\ncreates=/none\n", "true\n  a   b\n"),
        (r"true foo\=bar", "true foo=bar"),
        (r#"true a\nb "a\tb""#, r#"true a\nb "a\tb""#),
        ("true chdir=\"/tmp\" x", "true x"),
        ("creates='/no ne' true   z", "true   z"),
        ("true executable=/bin/sh  \"chdir=/x\"", "true \"chdir=/x\""),
        ("true a\tb   c", "true a\tb   c"),
        (r"true it\'s   ok", r"true it\'s   ok"),
    ];
    for (text, expected) in cases {
        let taken = split_key_values(text, true).expect("the text can be split");
        assert_eq!(taken.rest, expected, "{text}");
    }
}

proptest! {
    #[test]
    fn a_quoted_value_comes_back(values in prop::collection::vec("[a-zA-Z0-9 =.,:;<>äß-]{0,12}", 1..5)) {
        let written: Vec<_> = values.iter().enumerate().map(|(i, value)| format!("k{i}=\"{value}\"")).collect();
        let expected: Vec<_> = values.iter().enumerate().map(|(i, value)| (format!("k{i}"), value.clone())).collect();
        prop_assert_eq!(pairs(&written.join("  ")), expected);
    }

    #[test]
    fn a_command_without_options_is_kept_as_it_is(words in prop::collection::vec("[a-z./-]{1,8}", 1..6)) {
        let text = words.join("  ");
        let taken = split_key_values(&text, true).expect("nothing is open");
        prop_assert_eq!(taken.rest, text);
    }

    #[test]
    fn no_text_is_too_odd(text in "\\PC{0,40}", free_form: bool) {
        let pairs = split_key_values(&text, free_form).map_or(0, |taken| taken.pairs.len());
        prop_assert!(pairs <= text.matches('=').count());
    }
}
