use switchover_protocol::{Content, HostError, HostReply, WriteFile, Written};

use super::{INLINE, attributes, validate};
use crate::names;
use crate::plan::{Feed, Library, Part, Raw, words};
use crate::quote::{path, quote, quote_escaped};
use crate::token::token;

const WRITE: &[Library] = &[Library::Common, Library::Write];

/// Replaces a file: content, owner and mode, validation, backup, rename. Each step that fails is named.
pub(super) fn compile(what: String, write: &WriteFile) -> Result<Part, HostError> {
    let random = token();
    let Source { kind, word, feed } = content(&write.content)?;
    let flag = |set: bool| if set { b"1".as_slice() } else { b"0" };
    let mut script = words(&[
        b"sw_write",
        &path(&write.path),
        random.as_bytes(),
        flag(write.follow),
        &attributes::mode(&write.attributes, ""),
        &attributes::mode(&write.attributes, "=rw,"),
        &attributes::owner(&write.attributes),
        flag(write.backup),
        flag(write.attributes.in_place),
        kind,
        &word,
    ]);
    if let Some(command) = &write.validate {
        for word in validate::words(command, &format!("@{random}@"))? {
            script.push(b' ');
            script.extend_from_slice(&quote(&names::to_host(&word)));
        }
    }
    let mut part = Part::new(what.clone(), script, WRITE, |_| None);
    part.feed = feed;
    part.drains = true;
    part.parse = Box::new(move |raw: Raw| {
        let text = names::from_host(&raw.stdout);
        if raw.rc != 0 {
            let what = if text.is_empty() { what } else { format!("{what}: {text}") };
            return Err(crate::plan::failed(what, &raw));
        }
        Ok(HostReply::Written(Written { backup: (!text.is_empty()).then_some(text) }))
    });
    Ok(part)
}

/// The last fixed words of `sw_write`, and what follows the line.
struct Source {
    kind: &'static [u8],
    word: Vec<u8>,
    feed: Option<Feed>,
}

fn content(content: &Content) -> Result<Source, HostError> {
    let fed =
        |size: u64, feed| Source { kind: b"feed", word: size.to_string().into_bytes(), feed: Some(feed) };
    match content {
        Content::Inline(bytes) => {
            let word = quote_escaped(&bytes.0);
            if word.len() <= INLINE {
                return Ok(Source { kind: b"text", word, feed: None });
            }
            Ok(fed(bytes.0.len() as u64, Feed::Bytes(bytes.0.clone())))
        }
        Content::Controller(file) => {
            let metadata = std::fs::metadata(file).map_err(|error| HostError::Failed {
                what: format!("reading {file} on the controller"),
                rc: error.raw_os_error().unwrap_or(1),
                stderr: error.to_string(),
            })?;
            if !metadata.is_file() {
                return Err(super::invalid(&format!("{file} on the controller is not a regular file")));
            }
            let size = metadata.len();
            Ok(fed(size, Feed::File { path: file.into(), size }))
        }
        Content::Host(file) => Ok(Source { kind: b"host", word: path(file), feed: None }),
    }
}
