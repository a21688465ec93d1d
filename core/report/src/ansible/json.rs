use serde::Serialize as _;
use serde_json::ser::{Formatter, PrettyFormatter};
use serde_json::{Map, Value};

/// Returns a result as Ansible prints it: keys sorted, on one line with `, ` and `: `, or indented by four.
pub fn dump(result: &Map<String, Value>, pretty: bool) -> String {
    if pretty { indented(result, 4) } else { written(result, OneLine) }
}

/// Returns a result over several lines, indented by so many blanks.
pub fn indented(result: &Map<String, Value>, blanks: usize) -> String {
    written(result, PrettyFormatter::with_indent(" ".repeat(blanks).as_bytes()))
}

fn written(result: &Map<String, Value>, formatter: impl Formatter) -> String {
    let sorted = sort(&Value::Object(result.clone()));
    let mut out = Vec::new();
    let written = sorted.serialize(&mut serde_json::Serializer::with_formatter(&mut out, formatter));
    // Writing JSON values to memory cannot fail; an empty text is shown if it ever does.
    written.map(|()| String::from_utf8_lossy(&out).into_owned()).unwrap_or_default()
}

/// Returns a value as text that is no JSON: a text as it is.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn sort(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.0.cmp(b.0));
            Value::Object(entries.into_iter().map(|(key, value)| (key.clone(), sort(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sort).collect()),
        other => other.clone(),
    }
}

/// Python's `json.dumps` on one line.
struct OneLine;

impl Formatter for OneLine {
    fn begin_array_value<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use super::dump;

    #[test]
    fn keys_are_sorted_and_spaced_as_python_does() {
        let value = serde_json::json!({ "b": [1, 2], "a": { "d": null, "c": "x" } });
        let map = value.as_object().unwrap();
        assert_eq!(dump(map, false), r#"{"a": {"c": "x", "d": null}, "b": [1, 2]}"#);
        assert!(dump(map, true).starts_with("{\n    \"a\""));
    }
}
