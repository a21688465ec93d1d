use cluster_kit::Note;
use switchover_sdk::prelude::*;

/// What one host remembers of a procedure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    pub procedure: String,
    pub role: String,
    pub facts: Map,
    /// Seconds since 1970, by the host's clock.
    pub begun: u64,
    pub finished: Option<u64>,
}

impl Record {
    pub fn read(host: &Host, name: &str) -> Result<Option<Self>, Failure> {
        Ok(note(name)?.read(host)?.as_ref().map(Self::from_map))
    }

    pub fn write(&self, host: &Host, name: &str) -> Result<(), Failure> {
        note(name)?.write(host, &self.to_value())
    }

    pub fn to_value(&self) -> Value {
        json!({
            "procedure": self.procedure,
            "role": self.role,
            "facts": self.facts,
            "begun": self.begun,
            "finished": self.finished,
        })
    }

    fn from_map(map: &Map) -> Self {
        let text = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self {
            procedure: text("procedure"),
            role: text("role"),
            facts: map.get("facts").and_then(Value::as_object).cloned().unwrap_or_default(),
            begun: map.get("begun").and_then(Value::as_u64).unwrap_or_default(),
            finished: map.get("finished").and_then(Value::as_u64),
        }
    }
}

/// The name becomes part of a path and of a command, so only plain words are taken.
fn note(name: &str) -> Result<Note, Failure> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
        return Err(Failure::arguments(format!(
            "argument `name` may hold letters, digits, `-`, `_` and `.`, not `{name}`"
        )));
    }
    Ok(Note::new(format!("records/{name}")))
}
