//! How Python writes values: `str()` and `repr()`.

use std::fmt::Write;

use minijinja::Value;
use minijinja::value::ValueKind;

/// Returns `str(value)`.
pub fn text(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_string(),
        None => {
            let mut out = String::new();
            write_repr(&mut out, value);
            out
        }
    }
}

/// Returns `repr(value)`.
pub fn repr(value: &Value) -> String {
    let mut out = String::new();
    write_repr(&mut out, value);
    out
}

/// Appends `repr(value)`; views come out as lists, as Ansible stores them.
pub fn write_repr(out: &mut String, value: &Value) {
    match value.kind() {
        ValueKind::Bool => out.push_str(if value.is_true() { "True" } else { "False" }),
        ValueKind::None => out.push_str("None"),
        ValueKind::Number if !value.is_integer() => {
            write_float(out, f64::try_from(value.clone()).unwrap_or(f64::NAN));
        }
        ValueKind::String => write_string(out, value.as_str().unwrap_or_default()),
        ValueKind::Bytes => out.push_str(&String::from_utf8_lossy(value.as_bytes().unwrap_or_default())),
        ValueKind::Seq | ValueKind::Iterable if !is_namespace(value) => write_items(out, value),
        ValueKind::Map => write_map(out, value),
        _ => write_display(out, value),
    }
}

fn write_items(out: &mut String, value: &Value) {
    let tuple = crate::lazy::is_pair(value);
    out.push(if tuple { '(' } else { '[' });
    let mut count = 0;
    for item in value.try_iter().into_iter().flatten() {
        if count > 0 {
            out.push_str(", ");
        }
        write_repr(out, &item);
        count += 1;
    }
    out.push_str(match (tuple, count) {
        (true, 1) => ",)",
        (true, _) => ")",
        (false, _) => "]",
    });
}

fn write_display(out: &mut String, value: &Value) {
    write!(out, "{value}").expect("writing to a string cannot fail");
}

fn is_namespace(value: &Value) -> bool {
    value.kind() == ValueKind::Iterable && value.try_iter().is_err()
}

fn write_map(out: &mut String, map: &Value) {
    out.push('{');
    for (index, key) in map.try_iter().into_iter().flatten().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_repr(out, &key);
        out.push_str(": ");
        write_repr(out, &map.get_item(&key).unwrap_or_default());
    }
    out.push('}');
}

/// Appends a float as Python does: shortest digits, exponent from 1e16 and below 1e-4.
pub fn write_float(out: &mut String, number: f64) {
    if number.is_nan() {
        return out.push_str("nan");
    }
    if number.is_infinite() {
        return out.push_str(if number < 0.0 { "-inf" } else { "inf" });
    }
    let magnitude = number.abs();
    if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
        let digits = format!("{number:e}");
        let (mantissa, exponent) = digits.split_once('e').expect("Rust's {:e} has an exponent");
        let power: i32 = exponent.parse().expect("Rust's exponent is a number");
        let sign = if power < 0 { '-' } else { '+' };
        write!(out, "{mantissa}e{sign}{:02}", power.abs()).expect("writing to a string cannot fail");
        return;
    }
    write!(out, "{number:?}").expect("writing to a string cannot fail");
}

fn write_string(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {
                let code = c as u32;
                write!(out, "\\x{code:02x}").expect("writing to a string cannot fail");
            }
            c => out.push(c),
        }
    }
    out.push(quote);
}

/// Returns the name of the value's Python type, for messages and `type_debug`.
pub fn type_name(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::Undefined => "Undefined",
        ValueKind::None => "NoneType",
        ValueKind::Bool => "bool",
        ValueKind::Number if value.is_integer() => "int",
        ValueKind::Number => "float",
        ValueKind::String => "str",
        ValueKind::Bytes => "bytes",
        ValueKind::Seq if value.is_tuple() => "tuple",
        ValueKind::Seq if crate::lazy::is_pair(value) => "GroupTuple",
        ValueKind::Seq | ValueKind::Iterable => "list",
        ValueKind::Map => "dict",
        _ => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_floats_like_python() {
        for (number, expected) in
            [(1.0, "1.0"), (1e16, "1e+16"), (1.5e-7, "1.5e-07"), (1e15, "1000000000000000.0"), (0.1, "0.1")]
        {
            let mut out = String::new();
            write_float(&mut out, number);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn quotes_strings_like_python() {
        assert_eq!(repr(&Value::from("it's")), "\"it's\"");
        assert_eq!(repr(&Value::from("a\"'b")), "'a\"\\'b'");
        assert_eq!(repr(&Value::from(vec![Value::from("x"), Value::from(())])), "['x', None]");
    }
}
