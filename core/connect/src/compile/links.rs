use switchover_protocol::{HostError, HostReply};

use super::invalid;
use crate::names;
use crate::plan::{Library, Part, words};
use crate::quote::{path, quote};

const FILES: &[Library] = &[Library::Common, Library::Files];

pub(super) fn remove(what: String, name: &str, recursive: bool) -> Result<Part, HostError> {
    if recursive && name.split('/').all(|part| part.is_empty() || part == "." || part == "..") {
        return Err(invalid(&format!("{name:?} with all that is in it will not be removed")));
    }
    let option: &[u8] = if recursive { b"-rf" } else { b"-f" };
    Ok(Part::new(what, words(&[b"rm", option, b"--", &path(name)]), &[], |_| Some(HostReply::Done)))
}

pub(super) fn link(what: String, symbolic: bool, target: &str, name: &str, force: bool) -> Part {
    // The text of a symbolic link is kept as it is, whatever it begins with.
    let (kind, target): (&[u8], _) =
        if symbolic { (b"-s", quote(&names::to_host(target))) } else { (b"''", path(target)) };
    let force: &[u8] = if force { b"1" } else { b"0" };
    let script = words(&[b"sw_link", kind, force, &target, &path(name)]);
    Part::new(what, script, FILES, |_| Some(HostReply::Done))
}

pub(super) fn rename(what: String, from: &str, to: &str) -> Part {
    let script = words(&[b"sw_rename", &path(from), &path(to)]);
    Part::new(what, script, FILES, |_| Some(HostReply::Done))
}
