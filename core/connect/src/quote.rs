//! Words for a POSIX shell that reads one line at a time.

use crate::names;

/// Returns one shell word for these bytes. A line feed becomes a reference to `sw_nl`, which every shell of ours
/// holds, because a line of ours may not contain one; a NUL cannot be in a word and is the caller's to refuse.
pub(crate) fn quote(bytes: &[u8]) -> Vec<u8> {
    let mut word = Vec::with_capacity(bytes.len() + 2);
    word.push(b'\'');
    for byte in bytes {
        match byte {
            b'\'' => word.extend_from_slice(b"'\\''"),
            b'\n' => word.extend_from_slice(b"'\"$sw_nl\"'"),
            byte => word.push(*byte),
        }
    }
    word.push(b'\'');
    word
}

/// Returns a word that `printf %b` turns into these bytes, whatever they are.
pub(crate) fn quote_escaped(bytes: &[u8]) -> Vec<u8> {
    let mut word = Vec::with_capacity(bytes.len() + 2);
    word.push(b'\'');
    for byte in bytes {
        match byte {
            b'\n' => word.extend_from_slice(b"\\n"),
            b'\t' => word.extend_from_slice(b"\\t"),
            b'\\' | b'\'' => word.extend_from_slice(format!("\\0{byte:03o}").as_bytes()),
            b' '..=b'~' => word.push(*byte),
            _ => word.extend_from_slice(format!("\\0{byte:03o}").as_bytes()),
        }
    }
    word.push(b'\'');
    word
}

/// Returns the word for a path, which no command takes for an option.
pub(crate) fn path(path: &str) -> Vec<u8> {
    let mut bytes = names::to_host(path);
    if bytes.first() == Some(&b'-') {
        bytes.splice(0..0, *b"./");
    }
    quote(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_holds_no_line_feed_and_no_open_quote() {
        assert_eq!(quote(b"a'b\nc"), b"'a'\\''b'\"$sw_nl\"'c'");
        assert_eq!(quote_escaped(b"a'\n\0\xff\\"), b"'a\\0047\\n\\0000\\0377\\0134'");
        assert_eq!(path("-rf"), b"'./-rf'");
    }
}
