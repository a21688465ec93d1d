use std::str::FromStr;

/// A place in the write-ahead log, as PostgreSQL writes it: `0/3000028`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lsn(pub u64);

impl FromStr for Lsn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let part = |text: &str| u64::from(u32::from_str_radix(text, 16).unwrap_or_default());
        let well = |text: &str| u32::from_str_radix(text, 16).is_ok();
        match text.trim().split_once('/') {
            Some((high, low)) if well(high) && well(low) => Ok(Self(part(high) << 32 | part(low))),
            _ => Err(format!("`{text}` is no place in the write-ahead log, such as 0/3000028")),
        }
    }
}

impl std::fmt::Display for Lsn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:X}/{:X}", self.0 >> 32, self.0 & 0xffff_ffff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_compared_as_numbers_and_written_as_they_were() {
        let lsn = |text: &str| text.parse::<Lsn>().unwrap();
        assert!(lsn("0/FF000000") < lsn("1/0"));
        assert_eq!(lsn("A/3000028").to_string(), "A/3000028");
        assert!("3000028".parse::<Lsn>().is_err());
        assert!("0/x".parse::<Lsn>().is_err());
    }
}
