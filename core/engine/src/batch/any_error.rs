use super::Batch;
use crate::cursor::Fate;
use crate::host_run::HostState;

impl Batch {
    /// After a fatal error every host of the batch leaves the play, through its `rescue` and `always` sections.
    pub(super) fn apply_fatal(&mut self) {
        if !self.fatal {
            return;
        }
        for host in self.hosts.iter_mut().filter(|host| host.state == HostState::Active) {
            if host.cursor.fail() != Fate::Rescued {
                host.state = HostState::Failed;
            }
        }
        self.update_active();
    }

    /// Ends the batch when more hosts failed than `max_fail_percentage` allows.
    pub(super) fn check_fail_percentage(&mut self) {
        let Some(most) = self.rules.max_fail_percentage else { return };
        let lost = self.hosts.iter().filter(|host| host.is_lost()).count();
        if lost > 0 && lost as f64 * 100.0 / self.hosts.len() as f64 > most {
            self.fatal = true;
            self.apply_fatal();
        }
    }
}
