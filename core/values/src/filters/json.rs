use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use crate::call::{Call, fail, items, pairs};
use crate::convert::from_json;
use crate::names_table::{Entry, filter};
use crate::template::python;

/// Filters for JSON, written as Python's `json` writes it.
pub const TABLE: &[Entry] = &[
    filter("to_json", |call| write(call, None)),
    filter("to_nice_json", |call| write(call, Some(4))),
    filter("tojson", tojson),
    filter("from_json", read),
];

/// How JSON is laid out.
struct Layout {
    indent: Option<usize>,
    sort_keys: bool,
    ascii: bool,
    item_separator: String,
    key_separator: String,
}

fn write(call: &mut Call<'_, '_, '_>, nice: Option<usize>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let indent = match call.named("indent").filter(|indent| !indent.is_none()) {
        Some(indent) => Some(indent.as_usize().ok_or_else(|| fail("'indent' is a number"))?),
        None => nice,
    };
    let (item, key) = match call.named("separators").map(|separators| items(&separators)).transpose()? {
        Some(separators) if separators.len() == 2 => (separators[0].to_string(), separators[1].to_string()),
        Some(_) => return Err(fail("'separators' is a pair of texts")),
        None if indent.is_some() => (",".into(), ": ".into()),
        None => (", ".into(), ": ".into()),
    };
    for accepted in
        ["vault_to_text", "preprocess_unsafe", "profile", "skipkeys", "allow_nan", "check_circular"]
    {
        call.named(accepted);
    }
    let layout = Layout {
        indent,
        sort_keys: call.named_flag("sort_keys", nice.is_some()),
        ascii: call.named_flag("ensure_ascii", true),
        item_separator: item,
        key_separator: key,
    };
    let mut out = String::new();
    layout.value(&mut out, &value, 0)?;
    Ok(Value::from(out))
}

/// Jinja's own filter: keys sorted, safe inside HTML.
fn tojson(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let indent = call.maybe_int("indent")?.map(|indent| indent.max(0) as usize);
    let layout = Layout {
        indent,
        sort_keys: true,
        ascii: true,
        item_separator: if indent.is_some() { ",".into() } else { ", ".into() },
        key_separator: ": ".into(),
    };
    let mut out = String::new();
    layout.value(&mut out, &value, 0)?;
    let out =
        out.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026").replace('\'', "\\u0027");
    Ok(Value::from(out))
}

impl Layout {
    fn value(&self, out: &mut String, value: &Value, depth: usize) -> Result<(), Error> {
        match value.kind() {
            ValueKind::None => out.push_str("null"),
            ValueKind::Bool => out.push_str(if value.is_true() { "true" } else { "false" }),
            ValueKind::Number => match f64::try_from(value.clone()) {
                Ok(number) if !value.is_integer() => self.float(out, number),
                _ => out.push_str(&value.to_string()),
            },
            ValueKind::Map => self.map(out, value, depth)?,
            ValueKind::Seq | ValueKind::Iterable => self.list(out, value, depth)?,
            ValueKind::Undefined => return Err(Error::from(minijinja::ErrorKind::UndefinedError)),
            _ => self.text(out, &python::text(value)),
        }
        Ok(())
    }

    fn float(&self, out: &mut String, number: f64) {
        match number {
            number if number.is_nan() => out.push_str("NaN"),
            number if number.is_infinite() => {
                out.push_str(if number > 0.0 { "Infinity" } else { "-Infinity" })
            }
            number => python::write_float(out, number),
        }
    }

    fn list(&self, out: &mut String, value: &Value, depth: usize) -> Result<(), Error> {
        let all = items(value)?;
        out.push('[');
        for (index, item) in all.iter().enumerate() {
            self.gap(out, index, depth + 1);
            self.value(out, item, depth + 1)?;
        }
        self.end(out, all.is_empty(), depth);
        out.push(']');
        Ok(())
    }

    fn map(&self, out: &mut String, value: &Value, depth: usize) -> Result<(), Error> {
        let mut entries: Vec<(String, Value)> =
            pairs(value)?.into_iter().map(|(key, item)| (key_text(&key), item)).collect();
        if self.sort_keys {
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
        out.push('{');
        for (index, (key, item)) in entries.iter().enumerate() {
            self.gap(out, index, depth + 1);
            self.text(out, key);
            out.push_str(&self.key_separator);
            self.value(out, item, depth + 1)?;
        }
        self.end(out, entries.is_empty(), depth);
        out.push('}');
        Ok(())
    }

    fn gap(&self, out: &mut String, index: usize, depth: usize) {
        if index > 0 {
            out.push_str(&self.item_separator);
        }
        self.line(out, depth);
    }

    fn end(&self, out: &mut String, empty: bool, depth: usize) {
        if !empty {
            self.line(out, depth);
        }
    }

    fn line(&self, out: &mut String, depth: usize) {
        if let Some(indent) = self.indent {
            out.push('\n');
            out.push_str(&" ".repeat(indent * depth));
        }
    }

    fn text(&self, out: &mut String, text: &str) {
        use std::fmt::Write;
        out.push('"');
        for c in text.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\u{8}' => out.push_str("\\b"),
                '\u{c}' => out.push_str("\\f"),
                c if (c as u32) < 0x20 || (self.ascii && !c.is_ascii()) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        write!(out, "\\u{unit:04x}").expect("writing to a string cannot fail");
                    }
                }
                c => out.push(c),
            }
        }
        out.push('"');
    }
}

fn key_text(key: &Value) -> String {
    match key.kind() {
        ValueKind::Bool => key.is_true().to_string(),
        ValueKind::None => "null".into(),
        _ => python::text(key),
    }
}

fn read(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    call.named("profile");
    let Some(text) = value.as_str() else {
        return Err(fail(format!("the JSON object must be str, not {}", python::type_name(&value))));
    };
    let json = serde_json::from_str(text).map_err(|error| fail(format!("the text is not JSON: {error}")))?;
    Ok(from_json(json))
}
