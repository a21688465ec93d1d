/// A version of PostgreSQL, as its programs and servers say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// `15.18`, or what a release that is not final says (`17beta1`).
    pub text: String,
    pub major: u32,
}

impl Version {
    /// Finds the version in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, or in what `server_version` says.
    pub fn find(text: &str) -> Option<Self> {
        let word = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
        let major = word.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        Some(Self { text: word.to_owned(), major })
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_with_their_major_number() {
        let found = |text| Version::find(text).map(|version| (version.text, version.major));
        let wanted = Some(("15.18".to_owned(), 15));
        assert_eq!(found("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), wanted);
        assert_eq!(found("15.18 (Debian 15.18-0+deb12u1)"), wanted);
        assert_eq!(found("postgres (PostgreSQL) 17beta1"), Some(("17beta1".to_owned(), 17)));
        assert_eq!(found("command not found"), None);
    }
}
