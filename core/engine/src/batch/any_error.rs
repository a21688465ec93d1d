use switchover_journal::EventKind;

use super::Batch;
use crate::cursor::Fate;
use crate::host_run::HostState;

impl Batch {
    /// After a fatal error every host of the batch leaves the play, through its `rescue` and `always` sections.
    pub(super) fn apply_fatal(&mut self) {
        if !self.fatal {
            self.failed_now.clear();
            return;
        }
        self.fatal = false;
        let failed = std::mem::take(&mut self.failed_now);
        for (index, host) in self.hosts.iter_mut().enumerate() {
            if host.state == HostState::Active && !failed.contains(&index) {
                let fate = host.cursor.fail();
                if fate != Fate::Rescued {
                    host.state = HostState::Failed;
                }
            }
            self.broken |= host.is_lost();
        }
        self.update_active();
    }

    /// Ends the batch when more hosts failed than `max_fail_percentage` allows.
    pub(super) fn check_fail_percentage(&mut self) {
        if self.exceeded {
            return;
        }
        let Some(most) = self.rules.max_fail_percentage else { return };
        let lost = self.hosts.iter().filter(|host| host.is_lost()).count();
        if lost > 0 && lost as f64 * 100.0 / self.hosts.len() as f64 > most {
            self.play.world.events.send(EventKind::NoHostsLeft);
            self.exceeded = true;
            self.hosts.iter_mut().for_each(|host| host.cursor.finish());
        }
    }
}
