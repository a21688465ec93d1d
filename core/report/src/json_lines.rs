use switchover_journal::{Event, Listener};

use crate::Output;

/// One JSON object a line, an event each: for programs.
pub struct JsonLines {
    output: Output,
}

impl JsonLines {
    /// Writes there.
    pub fn new(output: Output) -> Self {
        Self { output }
    }
}

impl Listener for JsonLines {
    fn event(&mut self, event: &Event) {
        // Every part of an event has a JSON form; see the round-trip test of the journal.
        if let Ok(line) = serde_json::to_string(event) {
            self.output.line(&line);
        }
    }
}
