//! The text that Python gives a value: modules get it where Ansible's modules do (`mode: 420`, `line: true`).

use serde_json::{Number, Value};

/// Returns `str(value)`.
pub(super) fn python_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => python_repr(other),
    }
}

/// Returns `repr(value)`.
pub(super) fn python_repr(value: &Value) -> String {
    match value {
        Value::Null => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Number(number) => number_text(number),
        Value::String(text) => quoted(text),
        Value::Array(elements) => {
            let elements: Vec<_> = elements.iter().map(python_repr).collect();
            format!("[{}]", elements.join(", "))
        }
        Value::Object(map) => {
            let pairs: Vec<_> =
                map.iter().map(|(key, value)| format!("{}: {}", quoted(key), python_repr(value))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => float_text(float),
        _ => number.to_string(),
    }
}

/// Python writes an exponent from 1e16 on and below 1e-4, and always a point or an exponent.
fn float_text(float: f64) -> String {
    let scientific = format!("{float:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if float != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let plain = format!("{float}");
    if plain.contains('.') { plain } else { format!("{plain}.0") }
}

fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut quoted = String::from(quote);
    for letter in text.chars() {
        match letter {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\\' => quoted.push_str("\\\\"),
            _ if letter == quote => quoted.extend(['\\', quote]),
            _ if is_printable(letter) => quoted.push(letter),
            _ => quoted.push_str(&escape(letter as u32)),
        }
    }
    quoted.push(quote);
    quoted
}

fn is_printable(letter: char) -> bool {
    let is_invisible = matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{feff}');
    !letter.is_control() && (letter == ' ' || !letter.is_whitespace()) && !is_invisible
}

fn escape(code: u32) -> String {
    match code {
        0..=0xff => format!("\\x{code:02x}"),
        0x100..=0xffff => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn writes_values_as_python_does() {
        for (value, expected) in [
            (json!(true), "True"),
            (json!(12), "12"),
            (json!(1.5), "1.5"),
            (json!(1e20), "1e+20"),
            (json!(1e16), "1e+16"),
            (json!(1e15), "1000000000000000.0"),
            (json!(123_456_789_012_345_678.0), "1.2345678901234568e+17"),
            (json!(0.0001), "0.0001"),
            (json!(0.00001), "1e-05"),
            (json!(-0.0), "-0.0"),
            (json!(100.0), "100.0"),
            (json!(5e-324), "5e-324"),
            (json!([1, "a", null, true]), "[1, 'a', None, True]"),
            (json!({"a": 1, "b": "it's"}), "{'a': 1, 'b': \"it's\"}"),
            (json!({"a": "é\n", "b": "q\"'x"}), "{'a': 'é\\n', 'b': 'q\"\\'x'}"),
            (json!(["\u{0}\u{1b}\u{a0}\u{200b}😀\\"]), "['\\x00\\x1b\\xa0\\u200b😀\\\\']"),
            (json!("as it is\n"), "as it is\n"),
        ] {
            assert_eq!(python_text(&value), expected, "{value}");
        }
    }
}
