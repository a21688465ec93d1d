use switchover_protocol::{Attributes, HostReply};

use crate::plan::{Library, Part, words};
use crate::quote::{path, quote};

const FILES: &[Library] = &[Library::Files];

pub(super) fn compile(
    what: String,
    name: &str,
    attributes: &Attributes,
    recursive: bool,
    follow: bool,
) -> Part {
    let script = words(&[
        b"sw_attributes",
        &path(name),
        &owner(attributes),
        &mode(attributes, ""),
        if recursive { b"-R" } else { b"''" },
        if follow { b"1" } else { b"0" },
    ]);
    Part::new(what, script, FILES, |_| Some(HostReply::Done))
}

pub(super) fn mkdir(what: String, name: &str, attributes: &Attributes) -> Part {
    let script = words(&[b"sw_mkdir", &path(name), &owner(attributes), &mode(attributes, "=rwx,")]);
    Part::new(what, script, FILES, |_| Some(HostReply::Done))
}

/// Returns the word `owner:group` for chown, with either side left out when absent.
pub(super) fn owner(attributes: &Attributes) -> Vec<u8> {
    let text = match (&attributes.owner, &attributes.group) {
        (None, None) => String::new(),
        (Some(owner), None) => owner.clone(),
        (owner, Some(group)) => format!("{}:{group}", owner.as_deref().unwrap_or_default()),
    };
    quote(text.as_bytes())
}

/// Returns the word for chmod. Digits are made five, because with fewer GNU chmod keeps setgid bits of folders;
/// a symbolic mode of something new is relative to `base`, which obeys the umask.
pub(super) fn mode(attributes: &Attributes, base: &str) -> Vec<u8> {
    let text = match attributes.mode.as_deref() {
        None => String::new(),
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| (b'0'..=b'7').contains(&byte)) => {
            format!("{digits:0>5}")
        }
        Some(symbolic) => format!("{base}{symbolic}"),
    };
    quote(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_exact() {
        let mode = |text: &str| {
            let attributes = Attributes { mode: Some(text.to_owned()), ..Attributes::default() };
            String::from_utf8(super::mode(&attributes, "=rw,")).unwrap()
        };
        assert_eq!(mode("644"), "'00644'");
        assert_eq!(mode("02755"), "'02755'");
        assert_eq!(mode("u+x"), "'=rw,u+x'");
    }
}
