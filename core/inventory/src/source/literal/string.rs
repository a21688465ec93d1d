/// Returns the text of strings that stand side by side, which Python joins, and what follows them.
pub(super) fn strings(text: &str) -> Option<(String, &str)> {
    let (mut joined, mut rest) = string(text)?;
    while let Some((next, after)) = string(rest.trim_start_matches([' ', '\t'])) {
        joined.push_str(&next);
        rest = after;
    }
    Some((joined, rest))
}

fn string(text: &str) -> Option<(String, &str)> {
    let (raw, text) = match text.chars().next()? {
        'r' | 'R' => (true, &text[1..]),
        'u' | 'U' => (false, &text[1..]),
        _ => (false, text),
    };
    let quote = ["'''", "\"\"\"", "'", "\""].into_iter().find(|quote| text.starts_with(quote))?;
    let mut rest = &text[quote.len()..];
    let mut out = String::new();
    loop {
        if let Some(after) = rest.strip_prefix(quote) {
            return Some((out, after));
        }
        let c = rest.chars().next()?;
        rest = &rest[c.len_utf8()..];
        if c != '\\' {
            out.push(c);
        } else if raw {
            let escaped = rest.chars().next()?;
            rest = &rest[escaped.len_utf8()..];
            out.extend(['\\', escaped]);
        } else {
            rest = escape(rest, &mut out)?;
        }
    }
}

/// Reads what follows a backslash. An unknown escape is kept as it is, as in Python.
fn escape<'a>(text: &'a str, out: &mut String) -> Option<&'a str> {
    let c = text.chars().next()?;
    let rest = &text[c.len_utf8()..];
    let hex = |digits: usize, out: &mut String| {
        let code = rest.get(..digits).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        out.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
        rest.get(digits..)
    };
    match c {
        '\\' | '\'' | '"' => out.push(c),
        'a' => out.push('\x07'),
        'b' => out.push('\x08'),
        'f' => out.push('\x0c'),
        'n' => out.push('\n'),
        'r' => out.push('\r'),
        't' => out.push('\t'),
        'v' => out.push('\x0b'),
        'x' => return hex(2, out),
        'u' => return hex(4, out),
        'U' => return hex(8, out),
        'N' => return None,
        '0'..='7' => {
            let end = text.bytes().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
            out.push(char::from_u32(u32::from_str_radix(&text[..end], 8).ok()?)?);
            return Some(&text[end..]);
        }
        _ => out.extend(['\\', c]),
    }
    Some(rest)
}
