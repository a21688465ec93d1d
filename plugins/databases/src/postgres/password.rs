//! Whether a role's stored password is the one that a task wants.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use sha2::Sha256;

/// Returns whether `stored` is the hash of `wanted`, or `wanted` itself where a task gives the hash.
pub fn is_same(stored: &str, wanted: &str, role: &str) -> bool {
    if stored == wanted {
        return true;
    }
    if is_hash(wanted) {
        return false;
    }
    match stored.strip_prefix("SCRAM-SHA-256$") {
        Some(scram) => scram_is_same(scram, wanted).unwrap_or(false),
        None => stored == format!("md5{}", hex(&Md5::digest(format!("{wanted}{role}")))),
    }
}

/// Returns whether the server takes the text as a hash and not as a password.
pub fn is_hash(text: &str) -> bool {
    let md5 = |rest: &str| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.starts_with("SCRAM-SHA-256$") || text.strip_prefix("md5").is_some_and(md5)
}

/// Reads `ITERATIONS:SALT$STORED:SERVER` (RFC 5803) and computes the stored key anew.
fn scram_is_same(scram: &str, wanted: &str) -> Option<bool> {
    let (parameters, keys) = scram.split_once('$')?;
    let (iterations, salt) = parameters.split_once(':')?;
    let (stored, _) = keys.split_once(':')?;
    let mut salted = [0; 32];
    let salt = STANDARD.decode(salt).ok()?;
    pbkdf2::pbkdf2::<Hmac<Sha256>>(wanted.as_bytes(), &salt, iterations.parse().ok()?, &mut salted).ok()?;
    let mut client = Hmac::<Sha256>::new_from_slice(&salted).ok()?;
    client.update(b"Client Key");
    let key = Sha256::digest(client.finalize().into_bytes());
    Some(STANDARD.encode(key) == stored)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_password_by_its_hash() {
        let md5 = "md521f3163f8f86fa10bdefbfbd502a8f06";
        assert!(is_same(md5, "secret", "bob"));
        assert!(!is_same(md5, "secret", "eve"));
        assert!(is_same(md5, md5, "bob"));
        assert!(is_hash(md5));
        assert!(!is_hash("md5secret"));
    }

    #[test]
    fn knows_a_password_by_what_a_server_stored() {
        let stored = "SCRAM-SHA-256$4096:zcSvQIZ9GzHWIFYhdQ6qvA==\
                      $Bl/alfeJ4n+Fb/AmsbHsMJEaFZk/n69eho5HcNwpp8g=:DnSLfikvjbGVh319QAnsajepZ2a3BipwcDrJj+eYT4U=";
        assert!(is_same(stored, "pencil", "x"));
        assert!(!is_same(stored, "pen", "x"));
        assert!(!is_same(stored, "SCRAM-SHA-256$1:a$b:c", "x"));
    }
}
