use switchover_protocol::{HostError, HostReply, LockAct, LockSeen, LockVerb};

use super::invalid;
use crate::names;
use crate::plan::{Library, Part, words};
use crate::quote::quote;
use crate::token::token;

const LOCKS: &[Library] = &[Library::Common, Library::Locks];

/// The number of fields that `sw_lock_tell` prints, each ended by a NUL.
const FIELDS: usize = 6;

pub(super) fn compile(what: String, act: &LockAct) -> Result<Part, HostError> {
    let file = quote(&names::to_host(act.file.as_deref().unwrap_or_default()));
    let random = token();
    let script = match &act.verb {
        LockVerb::Look => words(&[b"sw_lock_look", &file]),
        LockVerb::Release { claim } => words(&[b"sw_lock_release", &file, &word(claim)?]),
        LockVerb::Take { claim, about } => {
            words(&[b"sw_lock_take", &file, &word(claim)?, &line(about)?, random.as_bytes()])
        }
        LockVerb::Replace { claim, about, from } => {
            words(&[b"sw_lock_replace", &file, &word(claim)?, &line(about)?, random.as_bytes(), &word(from)?])
        }
    };
    Ok(Part::new(what, script, LOCKS, |raw| Some(HostReply::Lock(seen(&raw.stdout)?))))
}

pub(super) fn describe(act: &LockAct) -> String {
    match act.verb {
        LockVerb::Take { .. } | LockVerb::Replace { .. } => "take the lock".to_owned(),
        LockVerb::Release { .. } => "give back the lock".to_owned(),
        LockVerb::Look => "look at the lock".to_owned(),
    }
}

/// A claim becomes a part of a file's name.
fn word(claim: &str) -> Result<Vec<u8>, HostError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if claim.is_empty() || claim.len() > 150 || !claim.bytes().all(fits) {
        return Err(invalid(&format!("{claim:?} cannot be a claim to a lock")));
    }
    Ok(quote(claim.as_bytes()))
}

fn line(about: &str) -> Result<Vec<u8>, HostError> {
    if about.contains(['\n', '\0']) {
        return Err(invalid("the words about a lock's holder must be one line"));
    }
    Ok(quote(about.as_bytes()))
}

/// Reads what `sw_lock_tell` printed; `None` inside when nobody holds the lock.
fn seen(output: &[u8]) -> Option<Option<LockSeen>> {
    let fields: Vec<&[u8]> = output.split(|byte| *byte == 0).collect();
    if fields.len() != FIELDS + 1 {
        return None;
    }
    let text = |index: usize| String::from_utf8_lossy(fields[index]).into_owned();
    let (claim, file) = (text(0), names::from_host(fields[5]));
    let age = age(&text(2), &text(3))?;
    let seen = || LockSeen { claim, about: text(1), age, jobs_run: !fields[4].is_empty(), file };
    Some((!fields[0].is_empty()).then(seen))
}

/// Returns the seconds between two readings `BOOT SECONDS` of a host's clock, or those since another boot.
fn age(then: &str, now: &str) -> Option<u64> {
    let (boot_now, now) = now.rsplit_once(' ')?;
    let now: u64 = now.parse().ok()?;
    let same = then.rsplit_once(' ').filter(|(boot, _)| *boot == boot_now);
    Some(same.and_then(|(_, then)| then.parse().ok()).map_or(now, |then: u64| now.saturating_sub(then)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_restart_the_age_is_that_of_the_boot() {
        assert_eq!(age("b 10", "b 70"), Some(60));
        assert_eq!(age("b 10", "c 70"), Some(70));
        assert_eq!(age("", "c 70"), Some(70));
        assert_eq!(age("b 10", ""), None);
    }

    #[test]
    fn claims_are_parts_of_names() {
        assert!(word("6a-1f.ab12").is_ok());
        for claim in ["", "a/b", "a b", "a\nb"] {
            assert!(word(claim).is_err(), "{claim}");
        }
    }
}
