//! Values in INI inventories: what Python's `ast.literal_eval` takes is that value, everything else is text.

mod number;
mod reader;
mod string;

use switchover_syntax::{Node, NodeKind, Span, Style, Tag};

use reader::Reader;

/// Returns the value of a text: `[1, 'a']` is a list, `True` a boolean, `true` and `0644` are text.
///
/// Differences from Python: tuples and sets are lists, and bytes, complex numbers, and numbers beyond 64 bits are text.
pub(super) fn literal(text: &str, span: &Span) -> Node {
    let kind = Reader::new(text, span).whole();
    let kind = kind.unwrap_or_else(|| NodeKind::String { text: text.into(), style: Style::Plain });
    Node { span: span.clone(), tag: Tag::None, kind }
}

#[cfg(test)]
mod tests {
    use switchover_syntax::{Source, to_value};

    use super::*;

    fn read(text: &str) -> String {
        let source = Source::new("x", text);
        let node = literal(text, &Span::new(&source, 0, text.len() as u32));
        serde_json::to_string(&to_value(&node)).unwrap()
    }

    #[test]
    fn reads_what_python_reads() {
        for (text, json) in [
            ("80", "80"),
            ("-1", "-1"),
            ("+1", "1"),
            ("- 1", "-1"),
            ("1_000", "1000"),
            ("0x1F", "31"),
            ("0o17", "15"),
            ("0b11", "3"),
            ("00", "0"),
            ("1.50", "1.5"),
            (".5", "0.5"),
            ("5.", "5.0"),
            ("1e3", "1000.0"),
            ("1.e5", "100000.0"),
            (" 5", "5"),
            ("5 ", "5"),
            ("80 # c", "80"),
            ("True", "true"),
            ("None", "null"),
            ("'q'", "\"q\""),
            ("\"a\" 'b'", "\"ab\""),
            ("'''a'''", "\"a\""),
            ("r'\\n'", "\"\\\\n\""),
            ("u'x'", "\"x\""),
            ("'\\x41\\u00e9\\101\\q\\n'", "\"AéA\\\\q\\n\""),
            ("[1, 'a', [True], ]", "[1,\"a\",[true]]"),
            ("(1,)", "[1]"),
            ("(1)", "1"),
            ("1,2", "[1,2]"),
            ("()", "[]"),
            ("{}", "{}"),
            ("set()", "[]"),
            ("{1, 2}", "[1,2]"),
            ("{'b': 1, 'a': (2, 3)}", "{\"b\":1,\"a\":[2,3]}"),
            ("{'a': 1, 'a': 2}", "{\"a\":2}"),
        ] {
            assert_eq!(read(text), json, "{text}");
        }
    }

    #[test]
    fn leaves_the_rest_as_text() {
        for text in [
            "true",
            "null",
            "yes",
            "0644",
            "0_1",
            "1__0",
            "1_",
            "--1",
            "1 + 1",
            "1+2j",
            "1j",
            "abc",
            "a b",
            "[1,2",
            "{{ x }}",
            "{{1}}",
            "{[1]: 2}",
            "f'x'",
            "b'x'",
            "'a",
            "'a' b",
            "...",
            "__debug__",
            "inf",
            "",
            "(",
            "[,]",
            "1.2.3",
            "10.0.0.1",
            "'\\N{DASH}'",
            "'\\ud800'",
            "9223372036854775808",
            "#x",
            "=x",
            "\"unbalanced",
            "{'a' 1}",
            "{'a': 1, 2}",
            "True1",
        ] {
            assert_eq!(read(text), serde_json::to_string(text).unwrap(), "{text}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let text = "[".repeat(100_000);
        assert_eq!(read(&text), format!("\"{text}\""));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[\\[\\](){}'\"\\\\,:0-9a-fxobuTrue_.+\\- é#]{0,24}") {
            let _ = read(&text);
        }
    }
}
