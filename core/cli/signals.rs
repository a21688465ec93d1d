use std::sync::Arc;

use switchover_engine::{UnderWayStep, World};
use switchover_report::duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::problems::plain;

/// Listens to the operator and the system: once, the run stops after the steps that are under way; twice, it leaves
/// them to themselves and stops now; a third time it is gone.
pub async fn watch(world: Arc<World>) {
    let Some(mut signals) = Signals::new() else { return };
    signals.next().await;
    plain(&first(&world.events.under_way()));
    world.interrupt();
    signals.next().await;
    plain("\nstopping now; what is under way on the hosts is left to itself");
    world.detach();
    signals.next().await;
    switchover_plugin_host::leave(99);
}

fn first(steps: &[UnderWayStep]) -> String {
    let now = switchover_engine::now();
    let step = |step: &UnderWayStep| {
        let place = if step.job.is_some() { ", as a job on the host" } else { "" };
        format!("\n  {}  {}, for {}{place}", step.host, step.task, duration(now - step.since))
    };
    let steps: String = steps.iter().map(step).collect();
    format!(
        "\nstopping when these steps have ended; Ctrl-C once more leaves them to themselves and stops now{steps}"
    )
}

/// What asks a run to stop.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    /// None when the program was started so that it outlives its terminal (`nohup`).
    hangup: Option<Signal>,
}

impl Signals {
    fn new() -> Option<Self> {
        let hangup = if ignores_hangup() { None } else { Some(signal(SignalKind::hangup()).ok()?) };
        let (interrupt, terminate) =
            (signal(SignalKind::interrupt()).ok()?, signal(SignalKind::terminate()).ok()?);
        Some(Self { interrupt, terminate, hangup })
    }

    async fn next(&mut self) {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = hangup => {}
        }
    }
}

fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The lowest bit is signal 1, SIGHUP.
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}
