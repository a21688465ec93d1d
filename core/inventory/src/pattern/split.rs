use std::net::Ipv6Addr;

/// Returns the parts of a pattern.
///
/// A comma separates when there is one, and then nothing else does; otherwise colons and blanks outside of brackets do.
pub(super) fn split(text: &str) -> Vec<String> {
    if text.contains(',') {
        return text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect();
    }
    if is_address(text) {
        return vec![text.to_owned()];
    }
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        if c == '['
            && let Some(close) = rest.find(']')
        {
            length = close + 1;
            part.push_str(&rest[..length]);
        } else if c == ':' || c.is_whitespace() || c == '[' || c == ']' {
            parts.extend((!part.is_empty()).then(|| std::mem::take(&mut part)));
        } else {
            part.push(c);
        }
        rest = &rest[length..];
    }
    parts.extend((!part.is_empty()).then_some(part));
    parts
}

/// `::1`, `[::1]:22` and `host:22` are one part.
fn is_address(text: &str) -> bool {
    if text.parse::<Ipv6Addr>().is_ok() {
        return true;
    }
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let bracketed = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let name = host.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    port && (bracketed.is_some_and(|h| h.parse::<Ipv6Addr>().is_ok()) || (name && !host.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separates_by_commas_or_else_by_colons() {
        for (text, parts) in [
            ("web:db", &["web", "db"][..]),
            ("web,db", &["web", "db"]),
            (" web1 , web2 ", &["web1", "web2"]),
            ("a,b:c", &["a", "b:c"]),
            ("web db", &["web", "db"]),
            ("web[0:1]:!web[0]", &["web[0:1]", "!web[0]"]),
            ("web1::web2:", &["web1", "web2"]),
            ("::1", &["::1"]),
            ("[::1]:22", &["[::1]:22"]),
            ("web1:22", &["web1:22"]),
            ("web[", &["web"]),
            ("", &[]),
            (",", &[]),
        ] {
            assert_eq!(split(text), parts, "{text}");
        }
    }
}
