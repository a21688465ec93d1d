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
        for index in 0..self.hosts.len() {
            if self.hosts[index].state == HostState::Active
                && !failed.contains(&index)
                && self.fail_host(index, None) != Fate::Rescued
            {
                self.hosts[index].state = HostState::Failed;
            }
            self.broken |= self.hosts[index].is_lost();
        }
        self.update_active();
    }

    /// Ends the batch when more hosts failed than `max_fail_percentage` allows.
    pub(super) fn check_fail_percentage(&mut self) {
        if self.exceeded {
            return;
        }
        let Some(most) = self.rules.max_fail_percentage else { return };
        // As in Ansible, hosts that cannot be reached do not count.
        let lost = self.hosts.iter().filter(|host| host.state == HostState::Failed).count();
        if lost > 0 && lost as f64 * 100.0 / self.hosts.len() as f64 > most {
            self.play.world.events.send(EventKind::NoHostsLeft);
            self.exceeded = true;
            let going_on: Vec<usize> = (0..self.hosts.len()).filter(|i| !self.hosts[*i].is_lost()).collect();
            going_on.into_iter().for_each(|index| self.note_stop(index, None));
            self.hosts.iter_mut().for_each(|host| host.cursor.finish());
        }
    }
}
