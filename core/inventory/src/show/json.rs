use super::python::float;
use super::shown::Shown;

/// Returns JSON as Python's `json.dumps(sort_keys=True, indent=4, ensure_ascii=False)` does.
pub(super) fn json(value: &Shown) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

fn write(value: &Shown, depth: usize, out: &mut String) {
    match value {
        Shown::Null => out.push_str("null"),
        Shown::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Shown::Int(value) => out.push_str(&value.to_string()),
        Shown::Float(value) => out.push_str(&number(*value)),
        Shown::Text(text) => string(text, out),
        Shown::Unsafe(text) => {
            write(&Shown::Map(vec![(Shown::text("__ansible_unsafe"), Shown::text(text))]), depth, out);
        }
        Shown::List(items) => {
            let items = items.iter().map(|item| (None, item)).collect();
            collection(items, ('[', ']'), depth, out);
        }
        Shown::Map(entries) => {
            let mut items: Vec<(Option<String>, &Shown)> =
                entries.iter().map(|(name, value)| (Some(key(name)), value)).collect();
            items.sort_by(|a, b| a.0.cmp(&b.0));
            collection(items, ('{', '}'), depth, out);
        }
    }
}

fn collection(items: Vec<(Option<String>, &Shown)>, brackets: (char, char), depth: usize, out: &mut String) {
    out.push(brackets.0);
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("    ", depth));
    };
    let some = !items.is_empty();
    for (at, (key, value)) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        line(out, depth + 1);
        if let Some(key) = key {
            string(&key, out);
            out.push_str(": ");
        }
        write(value, depth + 1, out);
    }
    if some {
        line(out, depth);
    }
    out.push(brackets.1);
}

fn key(key: &Shown) -> String {
    match key {
        Shown::Text(text) | Shown::Unsafe(text) => text.clone(),
        Shown::Float(value) => number(*value),
        Shown::Bool(true) => "true".to_owned(),
        Shown::Bool(false) => "false".to_owned(),
        Shown::Int(value) => value.to_string(),
        Shown::Null | Shown::List(_) | Shown::Map(_) => "null".to_owned(),
    }
}

fn number(value: f64) -> String {
    match float(value).as_str() {
        "nan" => "NaN".to_owned(),
        "inf" => "Infinity".to_owned(),
        "-inf" => "-Infinity".to_owned(),
        number => number.to_owned(),
    }
}

fn string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}
