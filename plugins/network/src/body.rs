use switchover_sdk::prelude::*;

use crate::curl::Curl;
use crate::form::{plain, urlencoded};

/// How a body is written.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFormat {
    Raw,
    Json,
    #[param(name = "form-urlencoded")]
    FormUrlencoded,
    #[param(name = "form-multipart")]
    FormMultipart,
}

/// Adds a body to a request, with its type unless the task sets one.
pub fn add(curl: &mut Curl, body: &Value, format: BodyFormat, headers: &Map) -> Result<(), Failure> {
    let typed = headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
    match format {
        BodyFormat::Raw => curl.text("data-raw", &raw(body)),
        BodyFormat::Json => {
            let text = body.as_str().map_or_else(|| python_json(body), str::to_owned);
            if !typed {
                curl.text("header", "Content-Type: application/json");
            }
            curl.text("data-raw", &text);
        }
        BodyFormat::FormUrlencoded => {
            if !typed {
                curl.text("header", "Content-Type: application/x-www-form-urlencoded");
            }
            curl.text("data-raw", &urlencoded(body)?);
        }
        BodyFormat::FormMultipart => multipart(curl, body)?,
    }
    Ok(())
}

fn raw(body: &Value) -> String {
    match body {
        Value::Array(_) | Value::Object(_) => python_json(body),
        other => plain(other),
    }
}

/// Writes JSON with the blanks that Python writes.
fn python_json(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(python_json).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let pairs = map.iter().map(|(key, value)| format!("{}: {}", json!(key), python_json(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Adds the parts of a form; a part is text, or a mapping with `filename` (on the host), `content` and `mime_type`.
fn multipart(curl: &mut Curl, body: &Value) -> Result<(), Failure> {
    let Some(parts) = body.as_object() else {
        return Err(Failure::arguments("body must be mapping, cannot be type str"));
    };
    for (name, part) in parts {
        if name.contains(['"', '=', ';']) {
            return Err(Failure::arguments(format!("the name `{name}` of a part is not supported")));
        }
        match part {
            Value::Object(keys) => {
                let key = |key: &str| keys.get(key).and_then(Value::as_str);
                let kind = key("mime_type").map_or(String::new(), |kind| format!(";type={kind}"));
                match (key("content"), key("filename")) {
                    (Some(content), Some(file)) => {
                        let file = file.rsplit('/').next().unwrap_or(file);
                        curl.text("form", &format!("{name}={};filename=\"{file}\"{kind}", quoted(content)));
                    }
                    (Some(content), None) => curl.text("form", &format!("{name}={}{kind}", quoted(content))),
                    (None, Some(file)) => curl.text("form", &format!("{name}=@{}{kind}", quoted(file))),
                    (None, None) => {
                        return Err(Failure::arguments(format!(
                            "at least one of filename or content must be provided for {name}"
                        )));
                    }
                }
            }
            value => curl.text("form-string", &format!("{name}={}", plain(value))),
        }
    }
    Ok(())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_json_with_python_s_blanks() {
        assert_eq!(python_json(&json!({ "x": [1, "a"], "y": null })), r#"{"x": [1, "a"], "y": null}"#);
    }

    #[test]
    fn a_part_without_content_is_refused() {
        let failure =
            multipart(&mut Curl::default(), &json!({ "f": { "mime_type": "text/plain" } })).unwrap_err();
        assert_eq!(failure.msg, "at least one of filename or content must be provided for f");
    }
}
