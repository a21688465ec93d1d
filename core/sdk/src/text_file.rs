//! A text file of the host with its mode and owner: read in one round trip, written in another.

use crate::prelude::*;
use crate::{Bytes, HostCall, HostReply};

/// The file as it is.
pub struct TextFile {
    pub path: String,
    pub stat: Option<FileStat>,
    /// Empty when there is no file.
    pub text: String,
}

impl TextFile {
    /// Reads a file; a missing one is empty.
    pub fn read(path: &str, host: &Host) -> Result<Self, Failure> {
        let stat = HostCall::Stat { path: path.to_owned(), follow: true, checksum: None };
        let content = HostCall::Read { path: path.to_owned(), limit: 16 * 1024 * 1024 };
        let (stat, text) = match host.call(HostCall::Many(vec![stat, content]))? {
            HostReply::Many(mut replies) => match (replies.pop(), replies.pop()) {
                (Some(HostReply::Content(bytes)), Some(HostReply::Stat(stat))) => (stat, bytes.to_text()),
                (Some(HostReply::Error(_)), Some(HostReply::Stat(None))) => (None, String::new()),
                (last, _) => return host.fail_with(last),
            },
            other => return host.fail_with(Some(other)),
        };
        Ok(Self { path: path.to_owned(), stat: stat.map(|stat| *stat), text })
    }

    /// Returns whether mode, owner or group are not as asked. The mode must be octal digits.
    pub fn attributes_differ(&self, wanted: &Attributes) -> Result<bool, Failure> {
        let bits = wanted.mode.as_deref().map(octal).transpose()?;
        let Some(stat) = &self.stat else { return Ok(true) };
        let is = |wanted: &Option<String>, name: &str, number: u32| {
            wanted.as_ref().is_none_or(|wanted| wanted == name || *wanted == number.to_string())
        };
        Ok(bits.is_some_and(|bits| bits != stat.mode)
            || !is(&wanted.owner, &stat.owner, stat.uid)
            || !is(&wanted.group, &stat.group, stat.gid))
    }

    /// Returns the change to this text, for `--diff`; `None` when nothing differs.
    pub fn change(&self, after: &str, wanted: &Attributes) -> Result<Option<Change>, Failure> {
        let text_differs = self.text != after || self.stat.is_none();
        if !text_differs && !self.attributes_differ(wanted)? {
            return Ok(None);
        }
        let before_header = if self.stat.is_some() { self.path.clone() } else { "/dev/null".to_owned() };
        let mut change = Change {
            what: self.path.clone(),
            before_header: Some(before_header),
            after_header: Some(self.path.clone()),
            ..Change::default()
        };
        if text_differs {
            (change.before, change.after) = (json!(self.text), json!(after));
        } else {
            let stat = self.stat.clone().unwrap_or_default();
            let before =
                json!({ "mode": format!("{:04o}", stat.mode), "owner": stat.owner, "group": stat.group });
            (change.before, change.after) = (before, json!(wanted));
        }
        Ok(Some(change))
    }
}

/// Reads permission bits.
pub fn octal(mode: &str) -> Result<u32, Failure> {
    u32::from_str_radix(mode, 8).map_err(|_| {
        Failure::arguments(format!("mode must be octal digits such as \"0644\" here, not {mode}"))
    })
}

/// Writes a file whole.
pub fn write(path: &str, content: impl Into<Bytes>, attributes: Attributes) -> HostCall {
    HostCall::Write(WriteFile {
        path: path.to_owned(),
        content: Content::Inline(content.into()),
        attributes,
        backup: false,
        validate: None,
        follow: true,
    })
}
