//! Values as Python prints them.

use super::shown::Shown;

/// Returns a number as Python's `repr` does: the shortest digits, with an exponent below 1e-4 and from 1e16.
pub(super) fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// Returns a value as Python's `str` does: text as it is.
pub(super) fn str(value: &Shown) -> String {
    match value {
        Shown::Text(text) | Shown::Unsafe(text) => text.clone(),
        other => repr(other),
    }
}

/// Returns a value as Python's `repr` does: text in quotes.
fn repr(value: &Shown) -> String {
    let join = |items: Vec<String>| items.join(", ");
    match value {
        Shown::Null => "None".to_owned(),
        Shown::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
        Shown::Int(value) => value.to_string(),
        Shown::Float(value) => float(*value),
        Shown::Text(text) | Shown::Unsafe(text) => quoted(text),
        Shown::List(items) => format!("[{}]", join(items.iter().map(repr).collect())),
        Shown::Map(entries) => {
            format!(
                "{{{}}}",
                join(entries.iter().map(|(k, v)| format!("{}: {}", repr(k), repr(v))).collect())
            )
        }
    }
}

fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_numbers_as_python_does() {
        for (value, text) in [
            (1.0, "1.0"),
            (1000.0, "1000.0"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e-7, "1e-07"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (-0.0, "-0.0"),
            (123456789.123, "123456789.123"),
        ] {
            assert_eq!(float(value), text);
        }
    }

    #[test]
    fn quotes_text_as_python_does() {
        for (text, expected) in [
            ("a", "'a'"),
            ("it's", "\"it's\""),
            ("both '\"", "'both \\'\"'"),
            ("a\nb\u{7}é", "'a\\nb\\x07é'"),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }
}
