//! Which moments a test tries, and how many at a time.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Whether everything is tried, which takes hours.
pub fn all() -> bool {
    std::env::var("SWITCHOVER_FAULTS").is_ok_and(|word| word == "all")
}

/// Returns `SWITCHOVER_SEED`, which is 1 unless set.
pub fn first_seed() -> usize {
    std::env::var("SWITCHOVER_SEED").ok().and_then(|word| word.parse().ok()).unwrap_or(1)
}

/// Random numbers that are the same for the same seed (SplitMix64).
pub struct Seeded(u64);

impl Seeded {
    /// Returns the numbers of this name and of the first seed.
    pub fn of(name: &str) -> Self {
        Self::new(name, first_seed() as u64)
    }

    /// Returns the numbers of this name and this seed.
    pub fn new(name: &str, seed: u64) -> Self {
        Self(name.bytes().fold(seed, |sum, byte| sum.wrapping_mul(1_099_511_628_211) ^ u64::from(byte)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number from 0 to below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// Returns all moments from 1 to `last`, or a few that the seed picks.
pub fn of(name: &str, last: usize, few: usize) -> Vec<usize> {
    if all() {
        return (1..=last).collect();
    }
    let mut seeded = Seeded::of(name);
    (0..few).map(|_| 1 + seeded.below(last)).collect()
}

/// Tries each of them, some at a time.
pub fn each<T: Copy + Send + Sync>(of: &[T], act: impl Fn(T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..3.min(of.len()) {
            scope.spawn(|| {
                while let Some(one) = of.get(next.fetch_add(1, Ordering::Relaxed)) {
                    act(*one);
                }
            });
        }
    });
}
