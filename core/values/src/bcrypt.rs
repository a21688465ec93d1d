//! The password hash bcrypt (Provos and Mazières), written as `$2b$COST$SALT+HASH`.

use base64::Engine;
use base64::alphabet::BCRYPT;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use blowfish::Blowfish;

/// The length of a salt in letters.
pub const SALT_LETTERS: usize = 22;

/// The cost when nothing else is asked for: Ansible's.
const COST: u32 = 12;

/// More of a password is not looked at.
const LONGEST: usize = 72;

/// `OrpheanBeholderScryDoubt`, which is encrypted.
const TEXT: [u32; 6] = [0x4f72_7068, 0x6561_6e42, 0x6568_6f6c, 0x6465_7253, 0x6372_7944, 0x6f75_6274];

/// Returns the hash; the last letter of a salt has bits that do not count, and is written without them.
pub fn hash(password: &str, salt: &str, cost: Option<u32>, ident: &str) -> Result<String, String> {
    let cost = cost.unwrap_or(COST);
    if !(4..=31).contains(&cost) {
        return Err("rounds of bcrypt are between 4 and 31".into());
    }
    if !matches!(ident, "2a" | "2b" | "2y") {
        return Err(format!("'ident' of bcrypt is 2a, 2b or 2y, not {ident}"));
    }
    let letters = engine();
    let wrong = || format!("a salt of bcrypt has {SALT_LETTERS} letters of ./A-Za-z0-9");
    let bytes = letters.decode(salt).map_err(|_| wrong())?;
    let bytes: [u8; 16] = bytes.try_into().map_err(|_| wrong())?;
    let digest = digest(password.as_bytes(), bytes, cost);
    // The last byte is left away: it always was.
    Ok(format!("${ident}${cost:02}${}{}", letters.encode(bytes), letters.encode(&digest[..23])))
}

fn engine() -> GeneralPurpose {
    let lenient =
        GeneralPurposeConfig::new().with_encode_padding(false).with_decode_allow_trailing_bits(true);
    let lenient = lenient.with_decode_padding_mode(base64::engine::DecodePaddingMode::RequireNone);
    GeneralPurpose::new(&BCRYPT, lenient)
}

fn digest(password: &[u8], salt: [u8; 16], cost: u32) -> Vec<u8> {
    let mut key: Vec<u8> = password.iter().copied().chain([0]).collect();
    key.truncate(LONGEST);
    let mut state: Blowfish = Blowfish::bc_init_state();
    state.salted_expand_key(&salt, &key);
    for _ in 0..1_u64 << cost {
        state.bc_expand_key(&key);
        state.bc_expand_key(&salt);
    }
    let mut text = TEXT;
    for pair in text.chunks_exact_mut(2) {
        for _ in 0..64 {
            pair.copy_from_slice(&state.bc_encrypt([pair[0], pair[1]]));
        }
    }
    text.into_iter().flat_map(u32::to_be_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answer is that of ansible-core.
    #[test]
    fn a_salt_is_written_without_the_bits_that_do_not_count() {
        let made = hash("Hello World", "1234567890123456789012", Some(4), "2b");
        assert_eq!(made.as_deref(), Ok("$2b$04$123456789012345678901uMsR1Rz6RHQRJg83pgAlvYFOaaf55nXq"));
    }

    #[test]
    fn what_bcrypt_does_not_know_is_refused() {
        assert!(hash("x", "short", None, "2b").is_err_and(|why| why.contains("22 letters")));
        assert!(
            hash("x", "1234567890123456789012", Some(3), "2b").is_err_and(|why| why.contains("4 and 31"))
        );
        assert!(hash("x", "1234567890123456789012", Some(4), "1").is_err_and(|why| why.contains("2b")));
    }
}
