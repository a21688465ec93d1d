use std::fs;

use super::host::Process;

/// Returns this process, as it is known to others.
pub fn this_process() -> Process {
    let pid = std::process::id();
    Process { pid, started: started(pid).unwrap_or(0) }
}

impl Process {
    /// Whether it still runs. A process of the same number that was started at another time is another one,
    /// and one that only waits to be reaped has ended.
    pub fn is_alive(&self) -> bool {
        started(self.pid) == Some(self.started)
    }
}

/// The start time in clock ticks since boot, from `/proc`; `None` when there is no such living process.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold spaces and brackets of its own.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_itself_alive_and_an_ended_child_dead() {
        assert!(this_process().is_alive());
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let process = Process { pid: child.id(), started: started(child.id()).unwrap() };
        assert!(process.is_alive());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!process.is_alive());
    }

    #[test]
    fn a_reused_number_is_another_process() {
        let Process { pid, started } = this_process();
        assert!(!Process { pid, started: started + 1 }.is_alive());
    }
}
