use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::contact::seconds;

/// A host that has said nothing for so long is asked for a sign of life.
const ASK_AFTER: Duration = Duration::from_secs(10);

/// A host that has not answered for so long is told of; again after each time twice as long.
const TELL_AFTER: Duration = Duration::from_secs(30);

/// How soon an answer to the question is seen.
const LOOK: Duration = Duration::from_millis(500);

/// Asks the host something that has no effect there; `true` when it answered.
pub(crate) type Ask = dyn Fn() -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync;

/// When a connection was last heard of. A program may be silent for hours while its host answers.
pub(crate) struct Pulse {
    heard: Mutex<Instant>,
    asking: AtomicBool,
    ask: Box<Ask>,
}

impl Pulse {
    /// Returns the pulse of a connection that was just made.
    pub(crate) fn new(ask: Box<Ask>) -> Arc<Self> {
        Arc::new(Self { heard: Mutex::new(Instant::now()), asking: AtomicBool::new(false), ask })
    }

    /// Notes that the host said something.
    pub(crate) fn hear(&self) {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn heard(&self) -> Instant {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, in a task of its own: who waits may be gone before the host answers.
    fn ask(self: &Arc<Self>) {
        if self.asking.swap(true, Ordering::SeqCst) {
            return;
        }
        let pulse = Arc::clone(self);
        tokio::spawn(async move {
            if (pulse.ask)().await {
                pulse.hear();
            }
            pulse.asking.store(false, Ordering::SeqCst);
        });
    }
}

/// The silence of a host while an answer is waited for.
#[derive(Default)]
pub(crate) struct Silence {
    pulse: Option<Arc<Pulse>>,
    since: Option<Instant>,
    /// The longest silence that was told.
    told: Option<Duration>,
}

impl Silence {
    /// Begins to wait; where there is no pulse, nothing is ever told.
    pub(crate) fn begin(pulse: Option<Arc<Pulse>>) -> Self {
        Self { pulse, since: Some(Instant::now()), told: None }
    }

    /// Returns for how long nothing has been heard since the waiting began.
    pub(crate) fn so_far(&self) -> Duration {
        match (&self.pulse, self.since) {
            (Some(pulse), Some(since)) => pulse.heard().max(since).elapsed(),
            _ => Duration::ZERO,
        }
    }

    /// Waits for something to tell the operator; may be dropped at any time.
    pub(crate) async fn word(&mut self) -> String {
        let Some(pulse) = self.pulse.clone() else { return std::future::pending().await };
        loop {
            let (silent, next) = (self.so_far(), self.told.map_or(TELL_AFTER, |told| told * 2));
            if silent >= next {
                self.told = Some(silent);
                return format!("no answer for {}: the host or the way to it is silent", seconds(silent));
            }
            if let Some(told) = self.told.filter(|told| silent < *told) {
                self.told = None;
                return format!("answers again, after more than {}", seconds(told));
            }
            if silent < ASK_AFTER {
                tokio::time::sleep(ASK_AFTER - silent).await;
            } else {
                pulse.ask();
                tokio::time::sleep(LOOK).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pulse(answers: &Arc<AtomicBool>) -> Arc<Pulse> {
        let answers = Arc::clone(answers);
        Pulse::new(Box::new(move || {
            let answers = Arc::clone(&answers);
            Box::pin(async move {
                while !answers.load(Ordering::SeqCst) {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                true
            })
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_answers_is_not_told_of_however_long_its_program_is_silent() {
        let mut silence = Silence::begin(Some(pulse(&Arc::new(AtomicBool::new(true)))));
        assert!(tokio::time::timeout(Duration::from_secs(3600), silence.word()).await.is_err());
        assert!(silence.so_far() < TELL_AFTER);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_host_is_told_of_from_its_last_answer_and_when_it_is_back() {
        let answers = Arc::new(AtomicBool::new(false));
        let pulse = pulse(&answers);
        // A connection that nobody used was not silent.
        tokio::time::advance(Duration::from_secs(600)).await;
        let mut silence = Silence::begin(Some(pulse));
        assert_eq!(silence.word().await, "no answer for 30 s: the host or the way to it is silent");
        assert_eq!(silence.word().await, "no answer for 1 min: the host or the way to it is silent");
        answers.store(true, Ordering::SeqCst);
        assert_eq!(silence.word().await, "answers again, after more than 1 min");
        assert!(tokio::time::timeout(Duration::from_secs(600), silence.word()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_no_pulse_is_never_silent() {
        let mut silence = Silence::begin(None);
        assert!(tokio::time::timeout(Duration::from_secs(3600), silence.word()).await.is_err());
    }
}
