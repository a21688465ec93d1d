use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Step;

/// How far a step had come when the run stopped before the step's end; shared by a step and its items.
#[derive(Clone, Debug, Default)]
pub struct Cut(Arc<Mutex<Option<String>>>);

impl Cut {
    /// Notes that the step is not at its end; what comes later knows better how far it is.
    pub fn note(&self, how_far: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(how_far);
    }

    /// Returns how far the step had come, when it was cut short.
    pub fn told(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Step {
    /// Waits, and returns whether the whole time is over: a run that stops waits for nothing.
    pub async fn waited(&self, seconds: f64) -> bool {
        let time = Duration::from_secs_f64(seconds.clamp(0.0, 1e9));
        tokio::select! {
            () = tokio::time::sleep(time) => true,
            () = self.play.world.stopped() => false,
        }
    }
}
