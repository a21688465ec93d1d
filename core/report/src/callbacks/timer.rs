use switchover_journal::{Event, EventKind, Listener};

use super::profile::banner;
use crate::Output;

/// Tells at the end how long the run took, as the callback `timer`.
pub struct Timer {
    output: Output,
}

impl Timer {
    /// Writes there.
    pub fn new(output: Output) -> Self {
        Self { output }
    }
}

impl Listener for Timer {
    fn event(&mut self, event: &Event) {
        let EventKind::RunFinished { took, .. } = &event.kind else { return };
        let seconds = *took as u64;
        let (days, hours) = (seconds / 86_400, seconds % 86_400 / 3600);
        let (minutes, seconds) = (seconds % 3600 / 60, seconds % 60);
        self.output.line(&banner("PLAYBOOK RECAP"));
        self.output.line(&format!(
            "Playbook run took {days} days, {hours} hours, {minutes} minutes, {seconds} seconds\n"
        ));
    }
}
