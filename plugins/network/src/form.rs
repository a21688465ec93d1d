//! Bodies of forms.

use switchover_sdk::prelude::*;

/// Writes a mapping, or a list of pairs, as `application/x-www-form-urlencoded`; text is taken as it is.
pub fn urlencoded(body: &Value) -> Result<String, Failure> {
    let wrong = || Failure::arguments("failed to parse body as form_urlencoded: too many values to unpack");
    let pairs: Vec<(String, Value)> = match body {
        Value::String(text) => return Ok(text.clone()),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| match item.as_array().map(Vec::as_slice) {
                Some([key, value]) => Ok((plain(key), value.clone())),
                _ => Err(wrong()),
            })
            .collect::<Result<_, _>>()?,
        _ => return Err(wrong()),
    };
    let mut out = Vec::new();
    for (key, value) in pairs {
        let values = match value {
            Value::Array(items) => items,
            // As in Ansible, what is nothing is left out.
            Value::Null => continue,
            other => vec![other],
        };
        out.extend(values.iter().map(|value| format!("{}={}", encoded(&key), encoded(&plain(value)))));
    }
    Ok(out.join("&"))
}

/// Returns a value as text, in Python's words.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Null => "None".to_owned(),
        other => other.to_string(),
    }
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => out.push(byte as char),
            b' ' => out.push('+'),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_as_python_does() {
        assert_eq!(urlencoded(&json!({ "x": [1, "a b"], "y": "ä" })).unwrap(), "x=1&x=a+b&y=%C3%A4");
        assert_eq!(urlencoded(&json!([["a", "b"], ["a", true]])).unwrap(), "a=b&a=True");
        assert_eq!(urlencoded(&json!("a=b")).unwrap(), "a=b");
        assert!(urlencoded(&json!([["a"]])).is_err());
    }
}
