use switchover_sdk::prelude::*;

/// Larger texts are not shown as a diff (bytes).
pub const LIMIT: usize = 100 * 1024;

/// Returns a change of a file's content; nothing is shown when it is binary or large.
pub fn content(path: &str, before: &[u8], after: &[u8], headers: (String, String)) -> Change {
    let mut change = Change {
        what: path.to_owned(),
        before_header: Some(headers.0),
        after_header: Some(headers.1),
        ..Change::default()
    };
    match (shown(before), shown(after)) {
        (Ok(before), Ok(after)) => {
            change.before = json!(before);
            change.after = json!(after);
        }
        (Err(why), _) | (_, Err(why)) => change.what = format!("{path} ({why})"),
    }
    change
}

/// Returns changes as the key `diff` of a result, for modules that always return a list of them.
pub fn list(changes: &[Change]) -> Value {
    let part = |change: &Change| {
        let header = |header: &Option<String>| json!(header.as_deref().filter(|text| !text.is_empty()));
        let parts = [
            ("before_header", header(&change.before_header)),
            ("before", change.before.clone()),
            ("after_header", header(&change.after_header)),
            ("after", change.after.clone()),
        ];
        let told = parts.into_iter().filter(|(_, value)| !value.is_null());
        Value::Object(told.map(|(key, value)| (key.to_owned(), value)).collect())
    };
    changes.iter().map(part).collect()
}

fn shown(content: &[u8]) -> Result<&str, &'static str> {
    if content.len() > LIMIT {
        return Err("larger than 100 KiB");
    }
    match std::str::from_utf8(content) {
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err("binary"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_texts_and_hides_what_is_binary_or_large() {
        let headers = || ("a".to_owned(), "b".to_owned());
        assert_eq!(content("/f", b"x", b"y", headers()).before, json!("x"));
        assert_eq!(content("/f", b"x", b"\0", headers()).what, "/f (binary)");
        assert_eq!(content("/f", &vec![b'x'; LIMIT + 1], b"", headers()).after, Value::Null);
    }
}
