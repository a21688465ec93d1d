use std::path::Path;

use serde::{Deserialize, Serialize};

/// A process of a controller, told apart from every other, also of other machines and of earlier boots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The boot and the space in which process numbers mean something: containers share the one, not the other.
    pub boot: String,
    pub space: String,
    pub pid: u32,
    /// When the process began, in ticks since the boot: numbers are used again.
    pub began: u64,
}

impl Machine {
    /// Returns this process.
    pub fn here() -> Self {
        let pid = std::process::id();
        let space = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default().display().to_string();
        Self { boot: boot_id(), space, pid, began: began(pid).unwrap_or(0) }
    }

    /// Returns whether the process lives; `None` when that cannot be seen from here.
    pub fn lives(&self, here: &Self) -> Option<bool> {
        let comparable = !self.boot.is_empty() && Path::new("/proc/self/stat").exists();
        if !comparable || self.boot != here.boot || self.space != here.space {
            return None;
        }
        Some(began(self.pid) == Some(self.began))
    }
}

/// Returns the word by which the system names its current boot; empty where it has none.
fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

/// Returns when a process began, unless it is gone or only waits to be collected.
fn began(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in brackets and may hold anything.
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut words = rest.split(' ');
    if matches!(words.next()?, "Z" | "X") {
        return None;
    }
    words.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::Machine;

    #[test]
    fn a_process_lives_until_it_has_ended() {
        let here = Machine::here();
        assert_eq!(here.lives(&here), Some(true));
        let mut child = std::process::Command::new("sleep").arg("1000").spawn().expect("there is sleep");
        let pid = child.id();
        let machine = Machine { pid, began: super::began(pid).expect("it lives"), ..here.clone() };
        assert_eq!(machine.lives(&here), Some(true));
        child.kill().expect("it is ours");
        child.wait().expect("it is ours");
        assert_eq!(machine.lives(&here), Some(false));
        assert_eq!(Machine { boot: "another".into(), ..machine }.lives(&here), None);
    }
}
