//! What the replication page says.

use std::collections::BTreeMap;

use switchover_sdk::{Map, Value};

/// What the replication page of the Primary says.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The host replicates to nobody, by design.
    Standalone,
    /// Replication does not run; holds what said so.
    Unknown(String),
    /// Bytes that the Secondary is behind, by data store.
    Lag(BTreeMap<String, u64>),
    /// The page says nothing that is understood; holds its beginning.
    Unreadable(String),
}

impl Answer {
    /// Returns the largest lag in bytes, when there is a real one.
    pub fn bytes(&self) -> Option<u64> {
        match self {
            Self::Lag(stores) => stores.values().copied().max(),
            _ => None,
        }
    }

    /// Returns one word for the kind of answer.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Standalone => "standalone",
            Self::Unknown(_) => "unknown",
            Self::Lag(_) => "lag",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// Returns the answer in words for an operator.
    pub fn describe(&self) -> String {
        match self {
            Self::Standalone => "standalone".to_owned(),
            Self::Unknown(what) => format!("unknown ({what})"),
            Self::Lag(stores) => {
                let parts: Vec<_> =
                    stores.iter().map(|(store, bytes)| format!("{store} {bytes} bytes")).collect();
                parts.join(", ")
            }
            Self::Unreadable(text) => format!("not understood ({text:?})"),
        }
    }
}

/// Reads the page. `field` names the one key that counts (with dots for what lies deeper); without it every value is
/// looked at, since the names of the keys are not documented.
pub fn read(body: &str, field: Option<&str>) -> Answer {
    let body = body.trim();
    match serde_json_value(body) {
        Some(value) => from_values(&leaves(&value), field, body),
        None => from_text(body, field),
    }
}

fn serde_json_value(body: &str) -> Option<Value> {
    let begin = body.find(['{', '['])?;
    let end = body.rfind(['}', ']'])?;
    body.get(begin..=end).and_then(|text| text.parse().ok())
}

fn leaves(value: &Value) -> Vec<(String, Value)> {
    fn walk(name: &str, value: &Value, into: &mut Vec<(String, Value)>) {
        let below = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
        match value {
            Value::Object(map) => walk_map(map, &below, into),
            Value::Array(list) => {
                for (index, one) in list.iter().enumerate() {
                    walk(&below(&index.to_string()), one, into);
                }
            }
            leaf => into.push((name.to_owned(), leaf.clone())),
        }
    }
    fn walk_map(map: &Map, below: &dyn Fn(&str) -> String, into: &mut Vec<(String, Value)>) {
        for (key, one) in map {
            walk(&below(key), one, into);
        }
    }
    let mut found = Vec::new();
    walk("", value, &mut found);
    found
}

fn from_values(leaves: &[(String, Value)], field: Option<&str>, body: &str) -> Answer {
    let counts = |name: &str| match field {
        Some(field) => name == field || name.ends_with(&format!(".{field}")),
        None => true,
    };
    let leaves: Vec<_> = leaves.iter().filter(|(name, _)| counts(name)).collect();
    let text = |value: &Value| value.as_str().map(str::to_lowercase).unwrap_or_default();
    if leaves.iter().any(|(_, value)| text(value).contains("standalone")) {
        return Answer::Standalone;
    }
    let only = leaves.len() == 1;
    let mut lags = BTreeMap::new();
    for (name, value) in leaves {
        let about_lag = field.is_some() || only || mentions_lag(name);
        if text(value).contains("unknown") || (about_lag && (value.is_null() || is_negative(value))) {
            return Answer::Unknown(format!("{name}: {value}"));
        }
        if let Some(bytes) = bytes(value).filter(|_| about_lag) {
            lags.insert(name.clone(), bytes);
        }
    }
    if lags.is_empty() { unreadable(body) } else { Answer::Lag(lags) }
}

fn from_text(body: &str, field: Option<&str>) -> Answer {
    let lower = body.to_lowercase();
    if lower.contains("<form") && lower.contains("password") {
        return Answer::Unreadable("a login page".to_owned());
    }
    if lower.contains("standalone") {
        return Answer::Standalone;
    }
    if lower.contains("unknown") {
        return Answer::Unknown(beginning(body));
    }
    let word = field.map(str::to_lowercase);
    let words: Vec<&str> = word.as_deref().map_or(vec!["postgres", "pgsql", "lag"], |word| vec![word]);
    let after = words.iter().find_map(|word| lower.find(word).map(|at| &lower[at + word.len()..]));
    let number = after.and_then(|rest| rest.find(|c: char| c.is_ascii_digit()).map(|at| &rest[at..]));
    match number.and_then(|text| bytes(&Value::String(text.to_owned()))) {
        Some(bytes) => Answer::Lag(BTreeMap::from([("postgres".to_owned(), bytes)])),
        None => unreadable(body),
    }
}

fn mentions_lag(name: &str) -> bool {
    let name = name.to_lowercase();
    ["postgres", "pgsql", "pg_", "lag", "mongo", "byte"].iter().any(|word| name.contains(word))
        || name == "pg"
}

fn is_negative(value: &Value) -> bool {
    value.as_f64().is_some_and(|number| number < 0.0)
        || value.as_str().is_some_and(|text| text.trim().starts_with('-'))
}

/// Reads an amount: a number, or text such as `1,024`, `12.5 MB`.
fn bytes(value: &Value) -> Option<u64> {
    if let Some(number) = value.as_f64() {
        return (number >= 0.0).then_some(number as u64);
    }
    let text = value.as_str()?.trim().to_lowercase().replace(',', "");
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..end].trim_end_matches('.').parse().ok()?;
    let factor: f64 = match text[end..].trim_start().chars().next() {
        Some('k') => 1024.0,
        Some('m') => 1024.0 * 1024.0,
        Some('g') => 1024.0 * 1024.0 * 1024.0,
        Some('t') => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => 1.0,
    };
    Some((number * factor) as u64)
}

fn unreadable(body: &str) -> Answer {
    Answer::Unreadable(beginning(body))
}

fn beginning(body: &str) -> String {
    body.chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lag(bytes: u64, body: &str) {
        assert_eq!(read(body, None).bytes(), Some(bytes), "{body}");
    }

    #[test]
    fn a_split_host_says_so() {
        assert_eq!(read(r#"{"replicationMode": "standalone"}"#, None), Answer::Standalone);
        assert_eq!(read("<p>Standalone</p>", None), Answer::Standalone);
    }

    #[test]
    fn unknown_is_unknown_wherever_it_stands() {
        for body in [
            r#"{"postgres": "unknown"}"#,
            r#"{"postgres_byte_lag": "Unknown", "mode": "master"}"#,
            r#"{"slaves": [{"pg_lag": null}]}"#,
            r#"{"lag": -1}"#,
            "Postgres byte lag: unknown",
        ] {
            assert_eq!(read(body, None).word(), "unknown", "{body}");
        }
    }

    #[test]
    fn a_lag_is_found_under_any_name() {
        lag(0, r#"{"postgres": 0}"#);
        lag(1024, r#"{"postgres_lag_bytes": "1024", "time": 1700000000}"#);
        lag(2048, r#"{"replication": {"postgres": {"10.0.0.2": "2 kB"}}}"#);
        lag(7, r#"{"whatever": 7}"#);
        lag(1_234_567, r#"{"pg": "1,234,567 bytes"}"#);
        lag(12, "Postgres byte lag: 12");
    }

    #[test]
    fn the_slowest_store_counts() {
        lag(900, r#"{"postgres": 10, "mongo": 900}"#);
    }

    #[test]
    fn a_named_field_is_the_only_one_that_counts() {
        let body = r#"{"a": {"pg": 5}, "b": "unknown"}"#;
        assert_eq!(read(body, Some("pg")).bytes(), Some(5));
        assert_eq!(read(body, Some("missing")).word(), "unreadable");
    }

    #[test]
    fn what_is_not_understood_is_not_a_lag() {
        for body in ["", "{}", "<html>Bad gateway 502</html>", r#"{"uptime": 5, "time": 7}"#] {
            assert_eq!(read(body, None).word(), "unreadable", "{body}");
        }
        let login = "<form action=/login><input name=password></form>";
        assert_eq!(read(login, None), Answer::Unreadable("a login page".into()));
    }
}
