use switchover_sdk::Failure;

/// What stands at 0x80 to 0x9f in Windows-1252; zeros are places without a letter.
const WINDOWS_1252: [u16; 32] = [
    0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
    0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
    0x0153, 0, 0x017e, 0x0178,
];

/// Writes text in an encoding, by one of the names that Python has for it.
pub fn encode(text: &str, encoding: &str) -> Result<Vec<u8>, Failure> {
    let by = |one: fn(char) -> Option<u8>| -> Result<Vec<u8>, Failure> {
        let byte =
            |letter| one(letter).ok_or_else(|| Failure::new(format!("{encoding} has no letter `{letter}`")));
        text.chars().map(byte).collect()
    };
    let wide = |write: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(write).collect::<Vec<u8>>();
    match encoding.to_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" => Ok(text.as_bytes().to_vec()),
        "utf-8-sig" => Ok([b"\xef\xbb\xbf", text.as_bytes()].concat()),
        "ascii" | "us-ascii" => by(|letter| u8::try_from(letter).ok().filter(u8::is_ascii)),
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" => by(|letter| u8::try_from(letter).ok()),
        "windows-1252" | "cp1252" => by(windows_1252),
        "utf-16" => Ok([b"\xff\xfe".to_vec(), wide(u16::to_le_bytes)].concat()),
        "utf-16-le" | "utf-16le" => Ok(wide(u16::to_le_bytes)),
        "utf-16-be" | "utf-16be" => Ok(wide(u16::to_be_bytes)),
        _ => Err(Failure::arguments(format!("the encoding {encoding} is not known"))
            .remedy("utf-8, utf-8-sig, utf-16, ascii, iso-8859-1 and windows-1252 are")),
    }
}

fn windows_1252(letter: char) -> Option<u8> {
    if let Some(place) =
        WINDOWS_1252.iter().position(|known| *known != 0 && u32::from(*known) == u32::from(letter))
    {
        return Some(0x80 + place as u8);
    }
    u8::try_from(letter).ok().filter(|byte| !(0x80..0xa0).contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_python_writes() {
        assert_eq!(encode("ä€", "windows-1252").unwrap(), b"\xe4\x80");
        assert_eq!(encode("ä", "ISO_8859-1").unwrap(), b"\xe4");
        assert_eq!(encode("a", "utf-16").unwrap(), b"\xff\xfea\0");
        assert_eq!(encode("ä", "utf8").unwrap(), "ä".as_bytes());
        assert_eq!(encode("€", "latin-1").unwrap_err().msg, "latin-1 has no letter `€`");
        assert_eq!(encode("", "klingon").unwrap_err().msg, "the encoding klingon is not known");
    }
}
