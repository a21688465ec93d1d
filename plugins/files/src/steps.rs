//! Several host calls in one round trip, with answers of the expected kind.

use switchover_sdk::prelude::*;
use switchover_sdk::{Algorithm, Bytes, HostCall, HostReply};

/// Looks at a path.
pub fn stat(path: &str, follow: bool, checksum: Option<Algorithm>) -> HostCall {
    HostCall::Stat { path: path.to_owned(), follow, checksum }
}

/// Takes the answer to a [`stat`].
pub fn stat_of(reply: Option<HostReply>) -> Result<Option<FileStat>, Failure> {
    match reply {
        Some(HostReply::Stat(stat)) => Ok(stat.map(|stat| *stat)),
        other => Err(unexpected(&other)),
    }
}

/// Asks for several stats in one round trip.
pub fn stats(calls: Vec<HostCall>, host: &Host) -> Result<Vec<Option<FileStat>>, Failure> {
    host.many(calls)?.into_iter().map(|reply| stat_of(Some(reply))).collect()
}

/// Looks at a file (links followed) and reads it, in one round trip. No content when it is no file.
pub fn look(path: &str, host: &Host) -> Result<(Option<FileStat>, Option<Bytes>), Failure> {
    let read = HostCall::Read { path: path.to_owned(), limit: 16 * 1024 * 1024 };
    let replies = match host.call(HostCall::Many(vec![stat(path, true, None), read.clone()]))? {
        HostReply::Many(replies) => replies,
        other => return Err(unexpected(&Some(other))),
    };
    let mut replies = replies.into_iter();
    let found = match replies.next() {
        Some(HostReply::Error(_)) | None => {
            return host.stat_with(path, true, None).map(|found| (found, None));
        }
        reply => stat_of(reply)?,
    };
    match (replies.next(), &found) {
        (Some(HostReply::Content(bytes)), _) => Ok((found, Some(bytes))),
        (_, Some(stat)) if stat.kind != FileKind::Directory => match host.call(read)? {
            HostReply::Content(bytes) => Ok((found, Some(bytes))),
            other => Err(unexpected(&Some(other))),
        },
        _ => Ok((found, None)),
    }
}

/// The failure for an answer of the wrong kind.
pub fn unexpected(reply: &Option<HostReply>) -> Failure {
    Failure::new(format!("the host gave an answer of the wrong kind: {:.60}", format!("{reply:?}")))
}

/// Takes `.` and `..` out of an absolute path.
pub fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    format!("/{}", parts.join("/"))
}

/// Splits a path into folder and name.
pub fn split(path: &str) -> (&str, &str) {
    match path.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some((folder, name)) => (folder, name),
        None => (".", path),
    }
}
