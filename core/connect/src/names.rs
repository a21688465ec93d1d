//! File names of a host are bytes, those of [`HostCall`](switchover_protocol::HostCall) are text. A byte that is
//! not part of UTF-8 travels as one character of U+F780..=U+F7FF, and back; names with such characters of
//! their own travel as bytes, too, so that every name comes back as it went.

const FIRST: u32 = 0xF780;
const LAST: u32 = 0xF7FF;

/// Returns the bytes on the host of a name.
pub(crate) fn to_host(name: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(name.len());
    for character in name.chars() {
        match character as u32 {
            code @ FIRST..=LAST => bytes.push((code - FIRST + 0x80) as u8),
            _ => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

/// Returns the name for bytes of a host.
pub(crate) fn from_host(bytes: &[u8]) -> String {
    let mut name = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character as u32 {
                FIRST..=LAST => escape(&mut name, character.encode_utf8(&mut [0; 4]).as_bytes()),
                _ => name.push(character),
            }
        }
        escape(&mut name, chunk.invalid());
    }
    name
}

fn escape(name: &mut String, bytes: &[u8]) {
    let code = |byte: &u8| char::from_u32(FIRST - 0x80 + u32::from(*byte)).expect("a private use character");
    name.extend(bytes.iter().map(code));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_come_back_as_they_went() {
        let own = "\u{F780}x\u{F7FF}".as_bytes().to_vec();
        for bytes in [b"plain".to_vec(), (1..=255).collect(), "grün".as_bytes().to_vec(), own] {
            assert_eq!(to_host(&from_host(&bytes)), bytes);
        }
        assert_eq!(from_host("grün".as_bytes()), "grün");
    }
}
