use std::sync::atomic::{AtomicU8, Ordering};

/// What becomes of a key that a mapping has twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DuplicateKeys {
    /// A warning; the last one wins.
    Warn,
    /// The last one wins without a word.
    Ignore,
    /// An error.
    Refuse,
}

/// One for the process: texts are read in very many places, and the setting is for all of them.
static CHOSEN: AtomicU8 = AtomicU8::new(0);

impl DuplicateKeys {
    /// Makes this the rule for all that is read from now on.
    pub fn choose(self) {
        CHOSEN.store(self as u8, Ordering::Relaxed);
    }

    /// Returns the rule that holds.
    pub fn chosen() -> Self {
        match CHOSEN.load(Ordering::Relaxed) {
            1 => Self::Ignore,
            2 => Self::Refuse,
            _ => Self::Warn,
        }
    }
}
