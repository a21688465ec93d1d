use switchover_protocol::LockSeen;

use super::{Holder, Kept, Machine};

/// Seconds after which a lock that nobody renews is taken for that of a dead holder.
pub const LEASE: u64 = 600;

/// Whether the holder of a lock still needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Its process works, or was heard of lately.
    Alive,
    /// Its process is gone, but jobs of its run go on.
    JobsRun,
    /// It stopped in a state that a human has to look at.
    Unknown,
    /// Its process is gone.
    Gone,
    /// It was not heard of for a long time; seconds.
    Silent(u64),
    /// It stopped while jobs of it went on, and these have ended.
    JobsEnded,
}

impl Life {
    /// Returns whether another run may take the lock over.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Gone | Self::Silent(_) | Self::JobsEnded)
    }
}

/// Judges a holder by what its lock says, what the host sees, and what this machine sees.
pub fn judge(seen: &LockSeen, holder: &Holder, here: &Machine) -> Life {
    let lives = holder.machine.lives(here);
    match (&holder.kept, lives) {
        (Some(Kept::Unknown), _) => Life::Unknown,
        (_, Some(true)) => Life::Alive,
        (_, _) if seen.jobs_run => Life::JobsRun,
        (Some(Kept::Jobs), _) => Life::JobsEnded,
        (None, Some(false)) => Life::Gone,
        (None, None) if seen.age > LEASE => Life::Silent(seen.age),
        (None, None) => Life::Alive,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(age: u64, jobs_run: bool) -> LockSeen {
        LockSeen { claim: "r.t".into(), about: String::new(), age, jobs_run, file: "/l".into() }
    }

    fn holder(machine: Machine, kept: Option<Kept>) -> Holder {
        let (run, owner) = ("r".into(), "me@here".into());
        Holder { run, owner, machine, since: 0.0, playbooks: Vec::new(), kept }
    }

    #[test]
    fn a_holder_of_this_machine_is_judged_by_its_process() {
        let here = Machine::here();
        let gone = Machine { began: here.began + 1, ..here.clone() };
        assert_eq!(judge(&seen(9999, false), &holder(here.clone(), None), &here), Life::Alive);
        assert_eq!(judge(&seen(0, false), &holder(gone.clone(), None), &here), Life::Gone);
        assert_eq!(judge(&seen(0, true), &holder(gone, None), &here), Life::JobsRun);
    }

    #[test]
    fn a_holder_elsewhere_is_judged_by_its_lease() {
        let here = Machine::here();
        let away = Machine { boot: "another".into(), ..here.clone() };
        assert_eq!(judge(&seen(LEASE, false), &holder(away.clone(), None), &here), Life::Alive);
        assert_eq!(judge(&seen(LEASE + 1, false), &holder(away.clone(), None), &here), Life::Silent(601));
        assert_eq!(judge(&seen(LEASE + 1, true), &holder(away, None), &here), Life::JobsRun);
    }

    #[test]
    fn what_was_kept_stays_until_its_reason_is_gone() {
        let here = Machine::here();
        let gone = Machine { began: here.began + 1, ..here.clone() };
        let kept = |kept| holder(gone.clone(), Some(kept));
        assert_eq!(judge(&seen(9999, false), &kept(Kept::Unknown), &here), Life::Unknown);
        assert_eq!(judge(&seen(0, true), &kept(Kept::Jobs), &here), Life::JobsRun);
        assert_eq!(judge(&seen(0, false), &kept(Kept::Jobs), &here), Life::JobsEnded);
        assert!(Life::JobsEnded.is_over() && !Life::JobsRun.is_over() && !Life::Unknown.is_over());
    }
}
