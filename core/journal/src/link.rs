use sha2::{Digest as _, Sha256};

use crate::entry::Entry;

/// Ties an entry to all entries before it, so that none can be altered, lost or exchanged without notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link(pub [u8; 16]);

impl Link {
    /// Returns the link of the entry that follows.
    pub fn next(self, entry: &Entry) -> Self {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(entry.seq.to_be_bytes());
        hash.update(entry.kind.word());
        hash.update([0]);
        hash.update(Sha256::digest(&entry.body));
        hash.update(Sha256::digest(entry.sealed.as_deref().unwrap_or_default()));
        let mut link = [0; 16];
        link.copy_from_slice(&hash.finalize()[..16]);
        Self(link)
    }
}

/// Returns the digest of bytes, in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
