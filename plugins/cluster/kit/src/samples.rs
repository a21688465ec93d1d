/// What the looks at a lag so far come to. Knows no clock: the caller tells the time in seconds.
#[derive(Debug)]
pub struct Samples {
    ceiling: u64,
    needed: u64,
    good: u64,
    lowest: Option<u64>,
    highest: Option<u64>,
    headway_at: f64,
}

impl Samples {
    /// Returns an empty series.
    pub fn new(ceiling: u64, needed: u64) -> Self {
        Self { ceiling, needed: needed.max(1), good: 0, lowest: None, highest: None, headway_at: 0.0 }
    }

    /// Takes one look, `None` when it showed no lag at all; returns whether replication now counts as real.
    pub fn add(&mut self, lag: Option<u64>, now: f64) -> bool {
        let Some(bytes) = lag else {
            self.good = 0;
            return false;
        };
        self.highest = Some(self.highest.map_or(bytes, |highest| highest.max(bytes)));
        if self.lowest.is_none_or(|lowest| bytes < lowest) {
            self.lowest = Some(bytes);
            self.headway_at = now;
        }
        if bytes <= self.ceiling {
            self.good += 1;
            self.headway_at = now;
        } else {
            self.good = 0;
        }
        self.good >= self.needed
    }

    /// Returns the seconds since the lag last fell or was low enough.
    pub fn stuck_for(&self, now: f64) -> f64 {
        now - self.headway_at
    }

    /// Returns whether there was a real lag at all.
    pub fn has_lag(&self) -> bool {
        self.lowest.is_some()
    }

    /// Returns how much of the largest lag is caught up, and the largest lag: progress in bytes.
    pub fn caught_up(&self, bytes: u64) -> (u64, u64) {
        let highest = self.highest.unwrap_or(bytes);
        (highest.saturating_sub(bytes), highest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headway_is_a_lag_that_falls_or_is_low_enough() {
        let mut samples = Samples::new(100, 2);
        assert!(!samples.add(Some(500), 1.0));
        assert!(!samples.add(Some(600), 9.0));
        assert_eq!(samples.stuck_for(9.0), 8.0);
        assert!(!samples.add(Some(90), 10.0));
        assert!(!samples.add(None, 11.0));
        assert!(!samples.add(Some(95), 12.0));
        assert_eq!(samples.stuck_for(12.0), 0.0);
        assert!(samples.add(Some(99), 13.0));
        assert_eq!(samples.caught_up(100), (500, 600));
    }
}
