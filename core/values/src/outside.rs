use std::sync::atomic::{AtomicU64, Ordering};

/// One count for the process: who compares two looks at it only has to know that nothing happened in between.
static LOOKS: AtomicU64 = AtomicU64::new(0);

/// Returns how often templates have asked the world beside the variables: lookups, tests of files, the clock.
///
/// What is rendered while the count stays the same is the same at any time, as long as the variables are.
pub fn outside_looks() -> u64 {
    LOOKS.load(Ordering::SeqCst)
}

pub(crate) fn note_outside_look() {
    LOOKS.fetch_add(1, Ordering::SeqCst);
}
