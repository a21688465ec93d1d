//! Files as text that can be turned back into the same bytes, whatever they were.

use switchover_sdk::Failure;

/// Bytes that are not UTF-8 stand here for a moment, one code point for each.
const FIRST: u32 = 0x10_FF00;

/// Returns bytes as text; what is not UTF-8 becomes code points that nobody uses.
pub fn decode(bytes: &[u8], path: &str) -> Result<String, Failure> {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        if chunk.valid().chars().any(|c| c as u32 >= FIRST) {
            return Err(Failure::new(format!(
                "{path} holds code points from U+10FF00 on, which cannot be edited"
            )));
        }
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().filter_map(|byte| char::from_u32(FIRST + u32::from(*byte))));
    }
    Ok(out)
}

/// Returns the bytes again.
pub fn encode(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for letter in text.chars() {
        match (letter as u32).checked_sub(FIRST) {
            Some(byte) => out.push(byte as u8),
            None => out.extend(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_byte_comes_back() {
        let all: Vec<u8> = (0..=255).chain("é∂".bytes()).collect();
        assert_eq!(encode(&decode(&all, "f").unwrap()), all);
        assert!(decode("\u{10FF01}".as_bytes(), "f").is_err());
    }
}
