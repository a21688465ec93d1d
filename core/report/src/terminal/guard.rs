use std::borrow::Cow;
use std::io::Write;

use serde_json::Value;
use switchover_journal::{Event, EventKind};
use switchover_syntax::harmless;

/// Returns an event without texts that would drive a terminal, whoever said them.
pub fn shown(event: &Event) -> Cow<'_, Event> {
    let mut look = Look::default();
    // An event is written to every journal as JSON: it can be.
    if serde_json::to_writer(&mut look, &event.kind).is_ok() && !look.found {
        return Cow::Borrowed(event);
    }
    let kind = serde_json::to_value(&event.kind).map(cleaned).and_then(serde_json::from_value::<EventKind>);
    let kind = kind.unwrap_or_else(|error| EventKind::Warning {
        text: format!("an event holds control characters and cannot be shown without them: {error}"),
    });
    Cow::Owned(Event { seq: event.seq, at: event.at, kind })
}

fn cleaned(value: Value) -> Value {
    match value {
        Value::String(text) => harmless(&text).into_owned().into(),
        Value::Array(items) => items.into_iter().map(cleaned).collect(),
        Value::Object(map) => {
            map.into_iter().map(|(key, value)| (harmless(&key).into_owned(), cleaned(value))).collect()
        }
        other => other,
    }
}

/// Looks through JSON for anything that may need to be cleaned, and keeps nothing.
#[derive(Default)]
struct Look {
    found: bool,
    /// The last bytes of what was written before: a sign may be written in two pieces.
    last: [u8; 2],
}

impl Write for Look {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        for byte in bytes {
            let [before, last] = self.last;
            self.found |= match (last, byte) {
                // JSON's escapes of control characters; others are left alone.
                (b'\\', b'u' | b'r' | b'b' | b'f') | (_, 0x7f) | (0xc2, 0x80..=0x9f) => true,
                (0x80, 0xaa..=0xae) | (0x81, 0xa6..=0xa9) => before == 0xe2,
                _ => false,
            };
            self.last = [last, *byte];
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
