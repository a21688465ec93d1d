use std::net::Ipv6Addr;

use crate::range::{RangeError, expand};

/// What stands for hosts in an inventory: names, and the port that was written behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) names: Vec<String>,
    pub(crate) port: Option<u16>,
}

/// Returns what `host`, `host:port`, `[host]:port` or any of these with ranges stands for.
///
/// As in Ansible a text that is no host with a port is a name as a whole: `fe80::1`, `a:b`.
pub(crate) fn address(text: &str) -> Result<Address, RangeError> {
    let (host, port) = split_port(text);
    let port = port.map(|p| p.parse().map_err(|_| RangeError::Port(p.to_owned()))).transpose()?;
    let names = if is_ip_v6(host) { vec![host.to_owned()] } else { expand(host)? };
    Ok(Address { names, port })
}

fn split_port(text: &str) -> (&str, Option<&str>) {
    let digits = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    if let Some((host, after)) = text.strip_prefix('[').and_then(|inner| inner.split_once(']'))
        && (is_ip_v6(host) || is_name(host))
    {
        match after.strip_prefix(':') {
            None if after.is_empty() && is_ip_v6(host) => return (host, None),
            Some(port) if digits(port) => return (host, Some(port)),
            _ => {}
        }
    }
    match text.rsplit_once(':') {
        Some((host, port)) if is_name(host) && digits(port) => (host, Some(port)),
        _ => (text, None),
    }
}

fn is_ip_v6(text: &str) -> bool {
    text.contains(':') && text.split('%').next().is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

/// A name of dotted labels, in which ranges stand for letters.
fn is_name(text: &str) -> bool {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        let Some((range, after)) = after.split_once(']') else { return false };
        if !range.contains(':') {
            return false;
        }
        plain.push_str(before);
        plain.push('0');
        rest = after;
    }
    plain.push_str(rest);
    let word = |c: char| c.is_alphanumeric() || c == '_';
    plain.split('.').all(|label| {
        label.starts_with(word) && label.ends_with(word) && label.chars().all(|c| word(c) || c == '-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> (String, Option<u16>) {
        let found = address(text).unwrap();
        (found.names.join(" "), found.port)
    }

    #[test]
    fn splits_a_port_only_from_a_name() {
        for (text, names, port) in [
            ("a:22", "a", Some(22)),
            ("a_b.c-d:22", "a_b.c-d", Some(22)),
            ("[b]:33", "b", Some(33)),
            ("[2001:db8::1]:44", "2001:db8::1", Some(44)),
            ("[2001:db8::1]", "2001:db8::1", None),
            ("2001:db8::2", "2001:db8::2", None),
            ("fe80::1%eth0", "fe80::1%eth0", None),
            ("::1", "::1", None),
            ("c:x", "c:x", None),
            ("x:y:3", "x:y:3", None),
            ("-x:22", "-x:22", None),
            ("a..b:22", "a..b:22", None),
            ("w[1:2]:2222", "w1 w2", Some(2222)),
            ("[1:2].x:5", "1.x 2.x", Some(5)),
            ("[1:3]", "1 2 3", None),
        ] {
            assert_eq!(one(text), (names.to_owned(), port), "{text}");
        }
    }

    #[test]
    fn refuses_a_port_that_does_not_exist() {
        assert_eq!(address("a:999999"), Err(RangeError::Port("999999".into())));
    }
}
