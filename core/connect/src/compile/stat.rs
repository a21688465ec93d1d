use switchover_protocol::{Algorithm, FileStat, HostReply};

use super::{numbers, sum_command, sum_of};
use crate::names;
use crate::plan::{Library, Part, words};
use crate::quote::path;

const FILES: &[Library] = &[Library::Files];

pub(super) fn compile(what: String, name: &str, follow: bool, checksum: Option<Algorithm>) -> Part {
    let follow: &[u8] = if follow { b"1" } else { b"0" };
    let sum = checksum.map_or("''", sum_command);
    Part::new(what, words(&[b"sw_stat", &path(name), follow, sum.as_bytes()]), FILES, |raw| {
        parse(&raw.stdout)
    })
}

fn parse(output: &[u8]) -> Option<HostReply> {
    let mut fields = output.split(|byte| *byte == 0);
    match fields.next()? {
        b"absent" => return Some(HostReply::Stat(None)),
        b"there" => {}
        _ => return None,
    }
    let mut next = || fields.next();
    let (numbers, owner, group, access) = (next()?, next()?, next()?, next()?);
    let (target, source, sum) = (next()?, next()?, next()?);
    let stat = numbers::read(numbers, owner, group, access)?;
    let named = |bytes: &[u8]| (!bytes.is_empty()).then(|| names::from_host(bytes));
    let source = source.strip_suffix(b"\n").unwrap_or(source);
    let stat =
        FileStat { link_target: named(target), link_source: named(source), checksum: sum_of(sum), ..stat };
    Some(HostReply::Stat(Some(Box::new(stat))))
}

pub(super) fn checksum(what: String, name: &str, algorithm: Algorithm) -> Part {
    let script = words(&[b"sw_sum", &path(name), sum_command(algorithm).as_bytes()]);
    Part::new(what, script, FILES, |raw| match raw.stdout.as_slice() {
        b"absent" => Some(HostReply::Checksum(None)),
        output => sum_of(output).map(|sum| HostReply::Checksum(Some(sum))),
    })
}
