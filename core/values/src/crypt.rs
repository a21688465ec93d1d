//! `crypt(3)` hashes of passwords: SHA-crypt (Drepper's specification) and the older MD5-crypt.

use md5::Md5;
use sha2::{Digest, Sha256, Sha512};

/// The digits of crypt's base 64.
pub const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Rounds when nothing else is asked for; then they are not written.
const SHA_ROUNDS: u32 = 5000;

/// What passlib, and so Ansible, uses for SHA-crypt unless told otherwise.
const PASSLIB_ROUNDS_SHA512: u32 = 656_000;
const PASSLIB_ROUNDS_SHA256: u32 = 535_000;

/// Returns the `$6$` hash.
pub fn sha512(password: &str, salt: &str, rounds: Option<u32>) -> Result<String, String> {
    let rounds = rounds.unwrap_or(PASSLIB_ROUNDS_SHA512);
    let digest = sha_crypt::<Sha512>(password.as_bytes(), checked(salt, 16)?.as_bytes(), limited(rounds)?);
    let order: Vec<[usize; 3]> = (0..21).map(|at| rotate([at, at + 21, at + 42], at)).collect();
    Ok(format!("$6${}{salt}${}{}", rounds_text(rounds), encode(&digest, &order), last(&[digest[63]], 2)))
}

/// Returns the `$5$` hash.
pub fn sha256(password: &str, salt: &str, rounds: Option<u32>) -> Result<String, String> {
    let rounds = rounds.unwrap_or(PASSLIB_ROUNDS_SHA256);
    let digest = sha_crypt::<Sha256>(password.as_bytes(), checked(salt, 16)?.as_bytes(), limited(rounds)?);
    let order: Vec<[usize; 3]> = (0..10).map(|at| rotate_256([at, at + 10, at + 20], at)).collect();
    Ok(format!(
        "$5${}{salt}${}{}",
        rounds_text(rounds),
        encode(&digest, &order),
        last(&[digest[30], digest[31]], 3)
    ))
}

fn rounds_text(rounds: u32) -> String {
    if rounds == SHA_ROUNDS { String::new() } else { format!("rounds={rounds}$") }
}

fn limited(rounds: u32) -> Result<u32, String> {
    match rounds {
        1000..=999_999_999 => Ok(rounds),
        _ => Err("rounds are between 1000 and 999999999".into()),
    }
}

fn checked(salt: &str, longest: usize) -> Result<&str, String> {
    let known = salt.bytes().all(|byte| ALPHABET.contains(&byte));
    match salt.len() {
        length if known && length <= longest => Ok(salt),
        _ => Err(format!("a salt has at most {longest} characters of ./0-9A-Za-z")),
    }
}

/// The bytes of SHA-512 are written in groups whose order turns by one each time.
fn rotate(group: [usize; 3], at: usize) -> [usize; 3] {
    let [a, b, c] = group;
    match at % 3 {
        0 => [a, b, c],
        1 => [b, c, a],
        _ => [c, a, b],
    }
}

/// Those of SHA-256 turn the other way.
fn rotate_256(group: [usize; 3], at: usize) -> [usize; 3] {
    let [a, b, c] = group;
    match at % 3 {
        0 => [a, b, c],
        1 => [c, a, b],
        _ => [b, c, a],
    }
}

fn encode(digest: &[u8], order: &[[usize; 3]]) -> String {
    order
        .iter()
        .map(|[a, b, c]| {
            digits(u32::from(digest[*a]) << 16 | u32::from(digest[*b]) << 8 | u32::from(digest[*c]), 4)
        })
        .collect()
}

fn last(bytes: &[u8], count: usize) -> String {
    let number = match bytes {
        [only] => u32::from(*only),
        [low, high, ..] => u32::from(*high) << 8 | u32::from(*low),
        [] => 0,
    };
    digits(number, count)
}

fn digits(mut number: u32, count: usize) -> String {
    let mut out = String::new();
    for _ in 0..count {
        out.push(char::from(ALPHABET[(number & 0x3f) as usize]));
        number >>= 6;
    }
    out
}

/// Returns `length` bytes of a digest, repeated.
fn repeated(digest: &[u8], length: usize) -> Vec<u8> {
    digest.iter().copied().cycle().take(length).collect()
}

fn sha_crypt<D: Digest>(password: &[u8], salt: &[u8], rounds: u32) -> Vec<u8> {
    let other = D::new().chain_update(password).chain_update(salt).chain_update(password).finalize();
    let mut first =
        D::new().chain_update(password).chain_update(salt).chain_update(repeated(&other, password.len()));
    let mut length = password.len();
    while length > 0 {
        first = if length & 1 == 1 { first.chain_update(&other) } else { first.chain_update(password) };
        length >>= 1;
    }
    let mut digest = first.finalize().to_vec();
    let mut pass = D::new();
    for _ in 0..password.len() {
        pass = pass.chain_update(password);
    }
    let pass = repeated(&pass.finalize(), password.len());
    let mut salted = D::new();
    for _ in 0..16 + usize::from(digest[0]) {
        salted = salted.chain_update(salt);
    }
    let salted = repeated(&salted.finalize(), salt.len());
    for round in 0..rounds {
        digest = sha_round::<D>(&digest, &pass, &salted, round);
    }
    digest
}

fn sha_round<D: Digest>(digest: &[u8], pass: &[u8], salt: &[u8], round: u32) -> Vec<u8> {
    let odd = round & 1 == 1;
    let mut next = D::new().chain_update(if odd { pass } else { digest });
    if !round.is_multiple_of(3) {
        next = next.chain_update(salt);
    }
    if !round.is_multiple_of(7) {
        next = next.chain_update(pass);
    }
    next.chain_update(if odd { digest } else { pass }).finalize().to_vec()
}

/// Returns the `$1$` hash.
pub fn md5(password: &str, salt: &str) -> Result<String, String> {
    let (password, salt_bytes) = (password.as_bytes(), checked(salt, 8)?.as_bytes());
    let other = Md5::new().chain_update(password).chain_update(salt_bytes).chain_update(password).finalize();
    let mut first = Md5::new().chain_update(password).chain_update(b"$1$").chain_update(salt_bytes);
    first.update(repeated(&other, password.len()));
    let mut length = password.len();
    while length > 0 {
        first.update(if length & 1 == 1 { &[0][..] } else { &password[..1] });
        length >>= 1;
    }
    let mut digest = first.finalize().to_vec();
    for round in 0..1000u32 {
        digest = sha_round::<Md5>(&digest, password, salt_bytes, round);
    }
    let order = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]];
    Ok(format!("$1${salt}${}{}", encode(&digest, &order), last(&[digest[11]], 2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    // The expected values are those of openssl passwd -6, -5 and -1 with the salt given.
    #[test]
    fn agrees_with_crypt() {
        assert_eq!(
            sha512("secret", "saltsalt", Some(5000)).unwrap(),
            "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1"
        );
        assert_eq!(
            sha256("secret", "saltsalt", Some(5000)).unwrap(),
            "$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA"
        );
        assert_eq!(md5("secret", "saltsalt").unwrap(), "$1$saltsalt$9xy1btjgzLYfb7hivXtC//");
    }
}
