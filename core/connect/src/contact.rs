use std::time::Duration;

use tokio::time::Instant;

use crate::Sink;

/// After the first word, the next one is said when contact has been lost for so long; each later one after twice as long.
const SECOND_WORD: Duration = Duration::from_secs(15);

/// A shorter silence is part of every answer.
const WORTH_A_WORD: Duration = Duration::from_secs(5);

/// What the operator is told while a host cannot be reached: that it is so, now and then for how long, and when it is
/// back.
pub struct Contact {
    /// How long the host is waited for.
    within: Duration,
    since: Option<Instant>,
    /// How long it had been silent before that was seen.
    before: Duration,
    next_word: Duration,
}

impl Contact {
    /// Returns contact that was not lost yet.
    pub fn with(within: Duration) -> Self {
        Self { within, since: None, before: Duration::ZERO, next_word: SECOND_WORD }
    }

    /// Returns for how long there has been none; it is lost from the first time that this is asked.
    pub fn lost_for(&mut self) -> Duration {
        self.since.get_or_insert_with(Instant::now).elapsed()
    }

    /// Notes for how long the host had said nothing when the loss was seen.
    pub fn silent_for(&mut self, time: Duration) {
        if self.since.is_none() {
            self.before = time;
        }
    }

    /// Returns for how long nothing has been heard.
    pub fn silence(&mut self) -> Duration {
        self.lost_for() + self.before
    }

    /// Tells that it is lost, unless that was told a short while ago.
    pub fn tell(&mut self, reason: &str, sink: &mut dyn Sink) {
        let first = self.since.is_none();
        let lost = self.lost_for();
        let left = seconds(self.within.saturating_sub(lost));
        if first {
            let reason = after_silence(reason, self.before);
            sink.note(&format!("lost contact ({reason}); trying again for up to {left}"));
        } else if lost >= self.next_word {
            self.next_word = lost * 2;
            let silence = seconds(self.silence());
            sink.note(&format!("no contact for {silence} ({reason}); trying for {left} more"));
        }
    }

    /// Tells that it is back, when it was lost.
    pub fn back(&mut self, sink: &mut dyn Sink) {
        if let Some(since) = self.since.take() {
            sink.note(&format!("contact is back after {}", seconds(since.elapsed() + self.before)));
            self.before = Duration::ZERO;
        }
    }
}

/// Returns the reason of a loss with how long the host had said nothing before, when that is worth a word.
pub fn after_silence(reason: &str, silent: Duration) -> String {
    match silent >= WORTH_A_WORD {
        true => format!("{reason}, after {} without an answer", seconds(silent)),
        false => reason.to_owned(),
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
    async fn the_silence_before_the_loss_counts() {
        let mut heard = Heard(Vec::new());
        let mut contact = Contact::with(Duration::from_secs(120));
        contact.silent_for(Duration::from_secs(58));
        contact.tell("the connection broke", &mut heard);
        tokio::time::advance(Duration::from_secs(20)).await;
        contact.tell("no route", &mut heard);
        contact.back(&mut heard);
        assert_eq!(
            heard.0,
            [
                "lost contact (the connection broke, after 58 s without an answer); trying again for up to 2 min",
                "no contact for 1 min 18 s (no route); trying for 1 min 40 s more",
                "contact is back after 1 min 18 s",
            ]
        );
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
