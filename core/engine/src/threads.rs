use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

type Work = Box<dyn FnOnce() + Send>;

/// Threads for plugin calls, which block. They are our own: a plugin that waits on Tokio's blocking pool for
/// something that needs the same pool would never wake.
#[derive(Clone)]
pub struct Threads {
    queue: Arc<Mutex<Queue>>,
}

struct Queue {
    idle: Vec<Sender<Work>>,
}

/// Plugins are shallow; the frames of a deep JSON reply are the largest thing here.
const STACK_BYTES: usize = 2 * 1024 * 1024;

impl Threads {
    /// Returns a pool without threads; they are made when needed and kept.
    pub fn new() -> Self {
        Self { queue: Arc::new(Mutex::new(Queue { idle: Vec::new() })) }
    }

    /// Runs blocking work on a thread of its own and waits for it; `None` when it panicked.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (done, result) = oneshot::channel();
        let job: Work = Box::new(move || {
            if let Ok(value) = catch_unwind(AssertUnwindSafe(work)) {
                // The receiver is gone only when the run is being stopped.
                drop(done.send(value));
            }
        });
        self.start(job);
        result.await.ok()
    }

    fn start(&self, mut work: Work) {
        loop {
            let idle = self.queue.lock().unwrap_or_else(PoisonError::into_inner).idle.pop();
            match idle {
                Some(thread) => match thread.send(work) {
                    Ok(()) => return,
                    Err(returned) => work = returned.0,
                },
                None => return self.spawn(work),
            }
        }
    }

    fn spawn(&self, work: Work) {
        let (sender, receiver) = channel::<Work>();
        let pool = self.clone();
        let body = move || {
            work();
            pool.serve(sender, &receiver);
        };
        std::thread::Builder::new()
            .name("plugin".into())
            .stack_size(STACK_BYTES)
            .spawn(body)
            .expect("the system refuses to start a thread");
    }

    fn serve(&self, sender: Sender<Work>, receiver: &Receiver<Work>) {
        loop {
            self.queue.lock().unwrap_or_else(PoisonError::into_inner).idle.push(sender.clone());
            match receiver.recv() {
                Ok(work) => work(),
                Err(_) => return,
            }
        }
    }
}

impl Default for Threads {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Threads;

    #[tokio::test]
    async fn a_panic_is_told_and_the_pool_goes_on() {
        let threads = Threads::new();
        assert_eq!(threads.run(|| 1).await, Some(1));
        assert_eq!(threads.run(|| -> i32 { panic!("broken") }).await, None);
        assert_eq!(threads.run(|| 2).await, Some(2));
    }
}
