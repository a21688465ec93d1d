use switchover_connect::{Sink, Stream};
use switchover_journal::EventKind;

use crate::events::Events;

/// Turns live output into events.
pub struct Live<'a> {
    pub events: &'a Events,
    pub task: u32,
    pub host: &'a str,
    pub show: bool,
}

impl Sink for Live<'_> {
    fn output(&mut self, stream: Stream, bytes: &[u8]) {
        if self.show {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let (task, host, stderr) = (self.task, self.host.to_owned(), stream == Stream::Stderr);
            self.events.send(EventKind::Output { task, host, text, stderr });
        }
    }

    fn note(&mut self, text: &str) {
        self.events.send(EventKind::Contact { host: self.host.to_owned(), text: text.to_owned() });
    }
}
