use switchover_protocol::{HostError, HostReply};

use crate::plan::{Library, Part, Raw, failed, words};
use crate::quote::path;

/// The exit code of a script that found the file too large.
const TOO_LARGE: i32 = 27;

/// Reads one byte more than the limit to see whether there is one. In a batch the host itself must know, so that
/// it stops there; that costs another program.
pub(super) fn compile(what: String, name: &str, limit: u64, batched: bool) -> Part {
    let word = path(name);
    let mut script = words(&[b"head -c", limit.saturating_add(1).to_string().as_bytes(), b"--", &word]);
    if batched {
        let test = [b"if [ \"$(wc -c <".as_slice(), &word, b")\" -gt ", limit.to_string().as_bytes(), b" ]"]
            .concat();
        script = [&test, b";then (exit 27);else ".as_slice(), &script, b";fi"].concat();
    }
    let mut part = Part::new(what.clone(), script, &[], |_| None);
    let file = name.to_owned();
    part.parse = Box::new(move |raw: Raw| {
        if raw.stdout.len() as u64 > limit || (batched && raw.rc == TOO_LARGE) {
            return Err(HostError::TooLarge {
                path: file,
                size: (raw.stdout.len() as u64).max(limit + 1),
                limit,
            });
        }
        if raw.rc != 0 {
            return Err(failed(what, &raw));
        }
        Ok(HostReply::Content(raw.stdout.into()))
    });
    part
}

pub(super) fn from(what: String, name: &str, offset: u64, limit: u64) -> Part {
    let (first, limit) = (offset.saturating_add(1).to_string(), limit.to_string());
    let script = words(&[b"sw_from", &path(name), first.as_bytes(), limit.as_bytes()]);
    Part::new(what, script, &[Library::Files], |raw| Some(HostReply::Content(raw.stdout.clone().into())))
}
