use switchover_protocol::{Entry, FileStat, HostReply};

use super::numbers;
use crate::names;
use crate::plan::{Library, Part, words};
use crate::quote::quote;

/// Lists with `find`, which takes names that begin with `-`, `(` or `!` for its own words: a relative path gets
/// a `./`, which the answer loses again.
pub(super) fn compile(what: String, name: &str, recursive: bool) -> Part {
    let relative = !name.starts_with('/');
    let mut bytes = names::to_host(name);
    if relative {
        bytes.splice(0..0, *b"./");
    }
    let depth: &[u8] = if recursive { b"''" } else { b"'-maxdepth 1'" };
    let script = words(&[b"sw_list", &quote(&bytes), depth]);
    Part::new(what, script, &[Library::Files], move |raw| {
        let mut entries = parse(&raw.stdout, relative)?;
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        Some(HostReply::List(entries))
    })
}

fn parse(output: &[u8], relative: bool) -> Option<Vec<Entry>> {
    let mut fields = output.split(|byte| *byte == 0);
    let mut entries = Vec::new();
    loop {
        let numbers = fields.next()?;
        if numbers.is_empty() {
            return Some(entries);
        }
        let mut next = || fields.next();
        let (owner, group, access, target, path) = (next()?, next()?, next()?, next()?, next()?);
        let stat = numbers::read(numbers, owner, group, access)?;
        let link_target = (!target.is_empty()).then(|| names::from_host(target));
        let path = if relative { path.strip_prefix(b"./").unwrap_or(path) } else { path };
        entries.push(Entry { path: names::from_host(path), stat: FileStat { link_target, ..stat } });
    }
}
