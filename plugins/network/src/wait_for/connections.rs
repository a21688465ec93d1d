use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Numbers of states in the kernel's list.
const STATES: &[(&str, &str)] = &[
    ("01", "ESTABLISHED"),
    ("02", "SYN_SENT"),
    ("03", "SYN_RECV"),
    ("04", "FIN_WAIT1"),
    ("05", "FIN_WAIT2"),
    ("06", "TIME_WAIT"),
];

/// Counts connections to a port of the host in the lines of `/proc/net/tcp` and `tcp6`. Lines after them, from
/// `getent`, tell the addresses of `host`.
pub fn active(said: &str, host: &str, port: u16, excluded: &[String], states: &[String]) -> usize {
    let own = addresses(said, host);
    let excluded: Vec<IpAddr> = excluded.iter().filter_map(|text| text.parse().ok()).collect();
    let lines = said.lines().filter_map(connection);
    lines
        .filter(|(local, local_port, remote, state)| {
            let counts =
                STATES.iter().any(|(number, name)| number == state && states.iter().any(|s| s == name));
            let any = own.iter().any(IpAddr::is_unspecified);
            counts && *local_port == port && (any || own.contains(local)) && !excluded.contains(remote)
        })
        .count()
}

fn addresses(said: &str, host: &str) -> Vec<IpAddr> {
    let told =
        said.lines().filter(|line| !line.contains(": ")).filter_map(|line| line.split_whitespace().next());
    let mut found: Vec<IpAddr> = told.filter_map(|word| word.parse().ok()).collect();
    found.extend(host.parse::<IpAddr>());
    found
}

/// Reads local address, local port, remote address and state.
fn connection(line: &str) -> Option<(IpAddr, u16, IpAddr, &str)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [_, local, remote, state, ..] = words.as_slice() else { return None };
    let (local, port) = local.split_once(':')?;
    let (remote, _) = remote.split_once(':')?;
    Some((address(local)?, u16::from_str_radix(port, 16).ok()?, address(remote)?, state))
}

/// Addresses stand as hexadecimal words in the host's order of bytes, which is little-endian nearly everywhere.
fn address(hex: &str) -> Option<IpAddr> {
    let word =
        |index: usize| u32::from_str_radix(hex.get(index * 8..index * 8 + 8)?, 16).ok().map(u32::swap_bytes);
    match hex.len() {
        8 => Some(IpAddr::V4(Ipv4Addr::from(word(0)?))),
        32 => {
            let number = (0..4).try_fold(0u128, |sum, index| Some(sum << 32 | u128::from(word(index)?)))?;
            Some(Ipv6Addr::from(number).to_canonical())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_connections_that_matter() {
        let said = "  sl  local_address rem_address   st\n\
            0: 0100007F:1F90 00000000:0000 0A 0\n\
            1: 0100007F:1F90 0200000A:C000 01 0\n\
            2: 0100007F:1F90 0300000A:C000 06 0\n\
            3: 0100007F:0050 0300000A:C000 01 0\n\
            0: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000400000A:C000 01 0\n\
            127.0.0.1 STREAM localhost\n";
        let all: Vec<String> = STATES.iter().map(|(_, name)| (*name).to_owned()).collect();
        assert_eq!(active(said, "localhost", 8080, &[], &all), 3);
        assert_eq!(active(said, "127.0.0.1", 8080, &["10.0.0.2".into()], &all), 2);
        assert_eq!(active(said, "127.0.0.1", 8080, &[], &["ESTABLISHED".to_owned()]), 2);
        assert_eq!(active(said, "10.9.9.9", 8081, &[], &all), 0);
    }
}
