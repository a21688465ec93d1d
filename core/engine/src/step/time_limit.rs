use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Tells the host side of a step that its time is up (`timeout:`).
#[derive(Debug, Default)]
pub struct TimeLimit {
    up: AtomicBool,
    word: Notify,
}

impl TimeLimit {
    /// Says that the time is up, to who waits now and to who comes later.
    pub fn end(&self) {
        self.up.store(true, Ordering::SeqCst);
        self.word.notify_waiters();
    }

    /// Waits until the time is up.
    pub async fn is_up(&self) {
        let mut word = std::pin::pin!(self.word.notified());
        word.as_mut().enable();
        if !self.up.load(Ordering::SeqCst) {
            word.await;
        }
    }
}
