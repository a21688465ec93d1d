//! Passwords: hashes that go to `chpasswd -e` on standard input, never on a command line.

use switchover_sdk::Level;
use switchover_sdk::prelude::*;

use super::{UpdatePassword, UserParams};
use crate::user::look::Seen;

/// Refuses what a line of `shadow` cannot hold.
pub fn refuse_nonsense(params: &UserParams) -> Result<(), Failure> {
    let password = params.password.as_ref().map_or("", Secret::expose);
    if password.contains([':', '\n']) {
        return Err(Failure::arguments("argument `password` holds a `:` or a new line, so it is no hash")
            .remedy("hash it: \"{{ password | password_hash('sha512') }}\""));
    }
    let passphrase = params.ssh_key_passphrase.as_ref().map_or("", Secret::expose);
    if passphrase.contains('\n') || (1..5).contains(&passphrase.len()) {
        return Err(Failure::arguments(
            "argument `ssh_key_passphrase` needs one line of at least five letters",
        ));
    }
    Ok(())
}

/// Warns of a password that is no hash.
pub fn warn(params: &UserParams, host: &Host) -> Result<(), Failure> {
    match &params.password {
        Some(password) if !is_hash(password.expose()) => host.log(
            Level::Warning,
            "The input password appears not to have been hashed. The 'password' argument must be encrypted for \
             this module to work properly.",
        ),
        _ => Ok(()),
    }
}

fn is_hash(password: &str) -> bool {
    let bare = password.trim_start_matches('!');
    let crypt = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/');
    match bare {
        "" | "*" | "x" => true,
        _ if bare.starts_with('$') => bare.matches('$').count() >= 3,
        _ if bare.starts_with('_') => bare.len() == 20,
        _ => bare.len() == 13 && bare.chars().all(crypt),
    }
}

/// Returns whether the password has to be set.
pub fn differs(params: &UserParams, seen: &Seen) -> bool {
    let Some(password) = params.password.as_ref().map(Secret::expose) else { return false };
    if seen.user.is_none() {
        return true;
    }
    let unlocked = |text: &str| text.trim_start_matches('!').to_owned();
    params.update_password == UpdatePassword::Always && unlocked(seen.shadow(1)) != unlocked(password)
}

/// Returns the line for `chpasswd`.
pub fn line(params: &UserParams) -> Option<String> {
    let password = params.password.as_ref()?.expose();
    let lock = if params.password_lock == Some(true) && !password.starts_with('!') { "!" } else { "" };
    Some(format!("{}:{lock}{password}\n", params.name))
}

/// Returns the option of `usermod` that locks or unlocks, when it is needed. An account without a password cannot
/// be unlocked.
pub fn lock_option(params: &UserParams, seen: &Seen) -> Option<&'static str> {
    let now = seen.shadow(1);
    match params.password_lock? {
        true if !now.starts_with('!') => Some("-L"),
        false if now.starts_with('!') && !now.trim_start_matches('!').is_empty() => Some("-U"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_hashes() {
        for hash in ["$6$salt$abc", "*", "!", "!!", "!*", "$y$j9T$x$y", "aBcDeFgHiJk./"] {
            assert!(is_hash(hash), "{hash}");
        }
        for text in ["secret", "$ecret", "correct horse"] {
            assert!(!is_hash(text), "{text}");
        }
    }
}
