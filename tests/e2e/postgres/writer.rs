use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::pair::Pair;
use super::programs::Programs;

/// Asks for all rows that a [`Writer`] has written.
pub const ROWS: &str = "SELECT string_agg(n::text, ',' ORDER BY n) FROM written";

/// A client that writes all the time, to whichever server is the primary, and remembers what was acknowledged.
pub struct Writer {
    stop: Arc<AtomicBool>,
    work: Option<JoinHandle<Vec<u64>>>,
}

impl Writer {
    /// Begins to write.
    pub fn start(pair: &Pair) -> Self {
        Self::to(pair.service(), &pair.programs)
    }

    /// Begins to write to the primary among the servers of this connection string.
    pub fn to(service: String, programs: &Programs) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, psql) = (Arc::clone(&stop), programs.bin.join("psql"));
        let work = std::thread::spawn(move || {
            let mut acknowledged = Vec::new();
            for n in 0_u64.. {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let write = format!("INSERT INTO written VALUES ({n})");
                let output = std::process::Command::new(&psql)
                    .args(["-X", "-q", "-w", "-d", &service, "-c", &write])
                    .output();
                if output.unwrap().status.success() {
                    acknowledged.push(n);
                }
                std::thread::sleep(Duration::from_millis(25));
            }
            acknowledged
        });
        Self { stop, work: Some(work) }
    }

    /// Ends the writing, and expects every acknowledged row on this server.
    pub fn all_there(self, pair: &Pair, host: usize) {
        self.all_in(|| pair.sql(host, ROWS));
    }

    /// Ends the writing, and expects every acknowledged row in what `ask` then answers to [`ROWS`].
    pub fn all_in(mut self, ask: impl FnOnce() -> String) {
        self.stop.store(true, Ordering::Relaxed);
        let acknowledged = self.work.take().unwrap().join().unwrap();
        assert!(acknowledged.len() > 10, "only {} rows were written", acknowledged.len());
        let there = ask();
        let there: Vec<u64> = there.split(',').map(|n| n.parse().unwrap()).collect();
        let lost: Vec<&u64> = acknowledged.iter().filter(|n| there.binary_search(n).is_err()).collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
