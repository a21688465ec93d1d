use minijinja::{Error, Value};

use crate::TemplateError;
use crate::call::{Call, fail};
use crate::crypt;
use crate::names_table::{Entry, filter};
use crate::random::Random;

/// The filter `password_hash`.
pub const TABLE: &[Entry] = &[filter("password_hash", password_hash)];

fn password_hash(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let password = call.text("password")?;
    let kind = call.text_or("hashtype", "sha512");
    let salt = call.maybe_text("salt");
    let salt_size = call.maybe_int("salt_size").map_err(|_| fail("salt_size must be an integer"))?;
    let salt_size = salt_size.and_then(|size| usize::try_from(size).ok());
    let salt = match (salt, salt_size) {
        (None, Some(size)) => Some(salt_of(size)?),
        (salt, _) => salt,
    };
    let rounds = call.maybe_int("rounds")?;
    let ident = call.maybe_text("ident");
    hash(&password, &kind, salt.as_deref(), rounds, ident.as_deref()).map(Value::from)
}

/// Returns the hash of a password as `crypt(3)` writes it; without a salt a new one is made.
pub fn hash(
    password: &str,
    kind: &str,
    salt: Option<&str>,
    rounds: Option<i64>,
    ident: Option<&str>,
) -> Result<String, Error> {
    let made;
    let salt = match salt {
        Some(salt) => salt,
        None => {
            made = new_salt(kind)?;
            &made
        }
    };
    let is_bcrypt = matches!(kind, "bcrypt" | "blowfish");
    if ident.is_some() && !is_bcrypt {
        return Err(fail("'ident' of password_hash is for bcrypt"));
    }
    let rounds = rounds
        .map(|rounds| u32::try_from(rounds).map_err(|_| fail("'rounds' is a number above 0")))
        .transpose()?;
    match kind {
        "sha512" | "sha512_crypt" => crypt::sha512(password, salt, rounds),
        "sha256" | "sha256_crypt" => crypt::sha256(password, salt, rounds),
        "md5" | "md5_crypt" if rounds.is_none() => crypt::md5(password, salt),
        "bcrypt" | "blowfish" => crate::bcrypt::hash(password, salt, rounds, ident.unwrap_or("2b")),
        other => {
            return Err(fail(format!(
                "{other} is not in the list of supported passlib algorithms: md5, blowfish, sha256, sha512"
            )));
        }
    }
    .map_err(|why| fail(format!("Could not hash the secret: {why}")))
}

/// Returns the hash of a password that was typed; the salt is the given one, or a new one of a size in letters.
pub fn hash_password(
    password: &str,
    kind: &str,
    salt: Option<&str>,
    salt_size: Option<usize>,
) -> Result<String, TemplateError> {
    let made = match (salt, salt_size) {
        (None, Some(size)) => Some(salt_of(size)?),
        _ => None,
    };
    Ok(hash(password, kind, salt.or(made.as_deref()), None, None)?)
}

/// Returns a salt for a kind of hash.
pub fn new_salt(kind: &str) -> Result<String, Error> {
    salt_of(match kind {
        "md5" | "md5_crypt" => 8,
        "bcrypt" | "blowfish" => crate::bcrypt::SALT_LETTERS,
        _ => 16,
    })
}

fn salt_of(size: usize) -> Result<String, Error> {
    let alphabet: Vec<char> = crypt::ALPHABET.iter().map(|byte| char::from(*byte)).collect();
    crate::lookups::random_text(&alphabet, size, &mut Random::System)
}
