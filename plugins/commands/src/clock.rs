use std::time::Duration;

use jiff::Zoned;

/// When a program was started and how long it took, by the controller's clock.
pub struct Clock {
    start: Zoned,
}

/// Times in the words of Ansible's results.
pub struct Times {
    pub start: String,
    pub end: String,
    pub delta: String,
}

impl Clock {
    pub fn start() -> Self {
        Self { start: Zoned::now() }
    }

    /// Leaves out the time for which the program waited before it was started, in microseconds.
    pub fn after(self, waited_us: u64) -> Self {
        let start = self.start.saturating_add(Duration::from_micros(waited_us));
        Self { start }
    }

    /// Returns the times up to now.
    pub fn stop(&self) -> Times {
        let end = Zoned::now();
        let took = Duration::try_from(self.start.duration_until(&end)).unwrap_or_default();
        Times { start: stamp(&self.start), end: stamp(&end), delta: delta(took) }
    }
}

fn stamp(time: &Zoned) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S.%6f").to_string()
}

fn delta(took: Duration) -> String {
    let seconds = took.as_secs();
    let days = match seconds / 86_400 {
        0 => String::new(),
        1 => "1 day, ".to_owned(),
        many => format!("{many} days, "),
    };
    let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
    format!("{days}{hours}:{minutes:02}:{:02}.{:06}", seconds % 60, took.subsec_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_durations_as_ansible_does() {
        assert_eq!(delta(Duration::from_micros(4448)), "0:00:00.004448");
        assert_eq!(delta(Duration::from_secs(2 * 86_400 + 3 * 3600 + 61)), "2 days, 3:01:01.000000");
    }
}
