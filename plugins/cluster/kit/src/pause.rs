use std::time::{Duration, Instant};

use switchover_sdk::FailureKind;
use switchover_sdk::prelude::*;

/// How often a pause looks whether the run is being stopped.
const SLICE: Duration = Duration::from_millis(200);

/// Waits between two looks; a run that is being stopped ends it, as the failure that names what was waited for.
pub fn pause(host: &Host, time: Duration, waiting_for: &str) -> Result<(), Failure> {
    let until = Instant::now() + time;
    loop {
        if host.cancelled() {
            let msg = format!("stopped waiting for {waiting_for}");
            return Err(Failure { kind: FailureKind::Cancelled, ..Failure::new(msg) });
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        std::thread::sleep(left.min(SLICE));
    }
}
