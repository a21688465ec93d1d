use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// Returns 128 unpredictable bits as 32 hex digits: the words by which a shell's answers are framed, and the
/// names of temporary files, must not be guessed by programs on the host.
pub(crate) fn token() -> String {
    format!("{:016x}{:016x}", word(), word())
}

/// Each `RandomState` is keyed by the system's random numbers, and its SipHash is a keyed random function.
fn word() -> u64 {
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u8(1);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    #[test]
    fn tokens_differ() {
        let tokens: std::collections::HashSet<_> = (0..1000).map(|_| super::token()).collect();
        assert_eq!(tokens.len(), 1000);
        assert!(tokens.iter().all(|token| token.len() == 32));
    }
}
