use switchover_sdk::{ParamType as _, Value};

/// Returns the text of `content`: text as it is, a mapping or list as the JSON that Python writes.
pub fn text(content: &Value) -> String {
    match content {
        Value::Array(_) | Value::Object(_) => dumped(content),
        other => String::from_value(other).unwrap_or_default(),
    }
}

fn dumped(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(dumped).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let pairs: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{}: {}", dumped(&Value::String(key.clone())), dumped(value)))
                .collect();
            format!("{{{}}}", pairs.join(", "))
        }
        Value::String(_) => ascii(&value.to_string()),
        other => other.to_string(),
    }
}

/// Writes what is not ASCII as Python's `json` does.
fn ascii(text: &str) -> String {
    let mut out = String::new();
    let mut units = [0; 2];
    for letter in text.chars() {
        if letter.is_ascii() {
            out.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use switchover_sdk::json;

    use super::*;

    #[test]
    fn writes_json_with_python_s_blanks() {
        assert_eq!(
            text(&json!({ "a": 1, "b": [1, "é", null, true] })),
            r#"{"a": 1, "b": [1, "\u00e9", null, true]}"#
        );
        assert_eq!(text(&json!("as it is")), "as it is");
        assert_eq!(text(&json!(true)), "True");
    }
}
