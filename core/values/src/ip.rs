use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address of a network: `192.0.2.1/24`; one without a prefix is a network of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ip {
    pub bits: u128,
    pub prefix: u8,
    pub is_v6: bool,
    /// Whether the prefix was written.
    pub has_prefix: bool,
}

impl Ip {
    /// Reads an address with or without a prefix or netmask.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, mask) = match text.trim().split_once('/') {
            Some((address, mask)) => (address, Some(mask)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().ok()?;
        let (bits, is_v6) = bits_of(address);
        let longest = if is_v6 { 128 } else { 32 };
        let prefix = match mask {
            Some(mask) => prefix_of(mask, longest)?,
            None => longest,
        };
        Some(Self { bits, prefix, is_v6, has_prefix: mask.is_some() })
    }

    /// Returns how many bits an address of this version has.
    pub fn width(self) -> u8 {
        if self.is_v6 { 128 } else { 32 }
    }

    fn host_bits(self) -> u32 {
        u32::from(self.width() - self.prefix)
    }

    fn host_mask(self) -> u128 {
        match self.host_bits() {
            128 => u128::MAX,
            bits => (1 << bits) - 1,
        }
    }

    /// Returns the first address of the network.
    pub fn network(self) -> Self {
        Self { bits: self.bits & !self.host_mask(), ..self }
    }

    /// Returns the last address of the network.
    pub fn last(self) -> Self {
        Self { bits: self.bits | self.host_mask(), ..self }
    }

    /// Returns how many addresses the network has; that of all IPv6 addresses does not fit.
    pub fn size(self) -> Option<u128> {
        1u128.checked_shl(self.host_bits()).filter(|size| *size > 0)
    }

    /// Returns the mask of the network's bits.
    pub fn netmask(self) -> Self {
        Self { bits: !self.host_mask() & self.all(), ..self }
    }

    /// Returns the mask of the hosts' bits.
    pub fn hostmask(self) -> Self {
        Self { bits: self.host_mask(), ..self }
    }

    fn all(self) -> u128 {
        if self.is_v6 { u128::MAX } else { u128::from(u32::MAX) }
    }

    /// Returns whether this is the network's own address rather than a host's.
    pub fn is_network(self) -> bool {
        self.host_bits() > 0 && self.bits == self.network().bits
    }

    /// Returns whether another network lies in this one.
    pub fn contains(self, other: Self) -> bool {
        self.is_v6 == other.is_v6
            && other.prefix >= self.prefix
            && other.bits & !self.host_mask() == self.network().bits
    }

    /// Returns the address that is so many further.
    pub fn plus(self, offset: i128) -> Option<Self> {
        let bits = self.bits.checked_add_signed(offset).filter(|bits| *bits <= self.all())?;
        Some(Self { bits, ..self })
    }

    /// Returns the address at a position of the network, counted from the end when negative.
    pub fn nth(self, index: i128) -> Option<Self> {
        let found = if index < 0 { self.last().plus(index + 1)? } else { self.network().plus(index)? };
        self.contains(Self { prefix: self.width(), ..found }).then_some(found)
    }

    /// Returns the first and last address that a host can have: those of network and broadcast are taken.
    pub fn usable(self) -> Option<(Self, Self)> {
        match self.host_bits() {
            0 => None,
            1 => Some((self.network(), self.last())),
            _ if self.is_v6 => Some((self.network().plus(1)?, self.last())),
            _ => Some((self.network().plus(1)?, self.last().plus(-1)?)),
        }
    }

    /// Returns the standard library's address.
    pub fn address(self) -> IpAddr {
        match self.is_v6 {
            true => IpAddr::V6(Ipv6Addr::from(self.bits)),
            false => IpAddr::V4(Ipv4Addr::from(self.bits as u32)),
        }
    }

    /// Returns whether the address is for private networks (RFC 1918, RFC 4193) or this host.
    pub fn is_private(self) -> bool {
        match self.address() {
            IpAddr::V4(v4) => v4.is_private() || v4.is_link_local() || v4.is_loopback(),
            IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback(),
        }
    }

    /// Returns the name under which reverse DNS knows the address.
    pub fn reverse_name(self) -> String {
        match self.address() {
            IpAddr::V4(v4) => {
                let [a, b, c, d] = v4.octets();
                format!("{d}.{c}.{b}.{a}.in-addr.arpa.")
            }
            IpAddr::V6(v6) => {
                let digits = format!("{:032x}", v6.to_bits());
                let parts: Vec<String> = digits.chars().rev().map(String::from).collect();
                format!("{}.ip6.arpa.", parts.join("."))
            }
        }
    }
}

impl fmt::Display for Ip {
    /// Writes the address without its prefix.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.address())
    }
}

fn bits_of(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)), false),
        IpAddr::V6(v6) => (u128::from(v6), true),
    }
}

/// Reads `24` or `255.255.255.0`.
fn prefix_of(mask: &str, longest: u8) -> Option<u8> {
    if let Ok(prefix) = mask.parse::<u8>() {
        return (prefix <= longest).then_some(prefix);
    }
    let mask: Ipv4Addr = mask.parse().ok()?;
    let bits = u32::from(mask);
    (longest == 32 && bits.leading_ones() + bits.trailing_zeros() == 32).then_some(bits.leading_ones() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computes_networks() {
        let ip = Ip::parse("192.0.2.77/26").unwrap();
        assert_eq!(ip.network().to_string(), "192.0.2.64");
        assert_eq!(ip.last().to_string(), "192.0.2.127");
        assert_eq!(ip.netmask().to_string(), "255.255.255.192");
        assert_eq!(ip.size(), Some(64));
        assert_eq!(ip.nth(-1).unwrap().to_string(), "192.0.2.127");
        assert_eq!(ip.nth(64), None);
        assert_eq!(Ip::parse("10.0.0.1/255.255.0.0").unwrap().prefix, 16);
        assert!(Ip::parse("10.0.0.1/255.0.255.0").is_none());
    }

    #[test]
    fn knows_ipv6() {
        let ip = Ip::parse("2001:db8::1/64").unwrap();
        assert_eq!(ip.network().to_string(), "2001:db8::");
        assert!(ip.contains(Ip::parse("2001:db8::ffff").unwrap()));
        assert!(!ip.contains(Ip::parse("2001:db9::").unwrap()));
        assert_eq!(Ip::parse("::/0").unwrap().size(), None);
    }
}
