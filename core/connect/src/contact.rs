use std::time::Duration;

use tokio::time::Instant;

use crate::Sink;

/// After the first word, the next one is said when contact has been lost for so long; each later one after twice as long.
const SECOND_WORD: Duration = Duration::from_secs(15);

/// What the operator is told while a host cannot be reached: that it is so, now and then for how long, and when it is
/// back.
pub struct Contact {
    /// How long the host is waited for.
    within: Duration,
    since: Option<Instant>,
    next_word: Duration,
}

impl Contact {
    /// Returns contact that was not lost yet.
    pub fn with(within: Duration) -> Self {
        Self { within, since: None, next_word: SECOND_WORD }
    }

    /// Returns for how long there has been none; it is lost from the first time that this is asked.
    pub fn lost_for(&mut self) -> Duration {
        self.since.get_or_insert_with(Instant::now).elapsed()
    }

    /// Tells that it is lost, unless that was told a short while ago.
    pub fn tell(&mut self, reason: &str, sink: &mut dyn Sink) {
        let first = self.since.is_none();
        let lost = self.lost_for();
        let left = seconds(self.within.saturating_sub(lost));
        if first {
            sink.note(&format!("lost contact ({reason}); trying again for up to {left}"));
        } else if lost >= self.next_word {
            self.next_word = lost * 2;
            sink.note(&format!("no contact for {} ({reason}); trying for {left} more", seconds(lost)));
        }
    }

    /// Tells that it is back, when it was lost.
    pub fn back(&mut self, sink: &mut dyn Sink) {
        if let Some(since) = self.since.take() {
            sink.note(&format!("contact is back after {}", seconds(since.elapsed())));
        }
    }
}

/// Returns a time as people read it: `12 s`, `2 min 5 s`.
pub fn seconds(time: Duration) -> String {
    match (time.as_secs() / 60, time.as_secs() % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Heard(Vec<String>);

    impl Sink for Heard {
        fn output(&mut self, _: crate::Stream, _: &[u8]) {}

        fn note(&mut self, text: &str) {
            self.0.push(text.to_owned());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn lost_contact_is_told_at_growing_intervals_and_that_it_is_back() {
        let mut heard = Heard(Vec::new());
        let mut contact = Contact::with(Duration::from_secs(120));
        contact.back(&mut heard);
        for _ in 0..20 {
            contact.tell("timed out", &mut heard);
            tokio::time::advance(Duration::from_secs(5)).await;
        }
        contact.back(&mut heard);
        assert_eq!(
            heard.0,
            [
                "lost contact (timed out); trying again for up to 2 min",
                "no contact for 15 s (timed out); trying for 1 min 45 s more",
                "no contact for 30 s (timed out); trying for 1 min 30 s more",
                "no contact for 1 min (timed out); trying for 1 min more",
                "contact is back after 1 min 40 s",
            ]
        );
    }
}
