use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A release name as the product's documents use it: `2021.4`, or `V R7` for the older line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Release {
    /// Zero stands for the `V R` line, which is older than every year.
    year: u16,
    number: u16,
}

impl Release {
    /// The release with this year and number.
    pub const fn new(year: u16, number: u16) -> Self {
        Self { year, number }
    }

    /// Returns the build that the lab gives a package of this release, when the series is known.
    ///
    /// 5.12, 5.17, 10.0 and 17.0 are seen in public sources; the others are interpolated.
    pub fn usual_build(self) -> Option<Build> {
        let build = match (self.year, self.number) {
            (0, 7) => Build([5, 12, 0, 98765]),
            (2020, 3) => Build([5, 17, 0, 116_556]),
            (2020, 4) => Build([6, 0, 0, 123_456]),
            (2021, n @ 1..=4) => Build([6 + u32::from(n), 0, 0, 125_000 + 5_605 * u32::from(n)]),
            (2022, n @ 1..=4) => Build([10 + u32::from(n), 0, 0, 150_000 + 3_000 * u32::from(n)]),
            (2023, 3) => Build([17, 0, 0, 49_181]),
            (2023, n @ 1..=2) => Build([14 + u32::from(n), 0, 0, 40_000 + 3_000 * u32::from(n)]),
            _ => return None,
        };
        Some(build)
    }
}

/// Why a text is no release or build.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    #[error("{text:?} is no release name such as 2021.4 or VR7")]
    Release { text: String },
    #[error("{text:?} is no build number such as 10.0.0.147420")]
    Build { text: String },
}

impl FromStr for Release {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let bad = || VersionError::Release { text: text.to_owned() };
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if let Some(number) = compact.strip_prefix("VR").or_else(|| compact.strip_prefix("vr")) {
            return Ok(Self { year: 0, number: number.parse().map_err(|_| bad())? });
        }
        let (year, number) = compact.split_once('.').ok_or_else(bad)?;
        let year: u16 = year.parse().map_err(|_| bad())?;
        let number: u16 = number.parse().map_err(|_| bad())?;
        if !(2019..=2100).contains(&year) {
            return Err(bad());
        }
        Ok(Self { year, number })
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year {
            0 => write!(f, "VR{}", self.number),
            year => write!(f, "{year}.{}", self.number),
        }
    }
}

impl TryFrom<String> for Release {
    type Error = VersionError;

    fn try_from(text: String) -> Result<Self, VersionError> {
        text.parse()
    }
}

impl From<Release> for String {
    fn from(release: Release) -> Self {
        release.to_string()
    }
}

/// A build number: major, minor, patch, build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Build(pub [u32; 4]);

impl Build {
    /// The part that tells the release: `10.0`.
    pub fn series(self) -> String {
        format!("{}.{}", self.0[0], self.0[1])
    }
}

impl FromStr for Build {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let parts: Option<Vec<u32>> = text.split('.').map(|part| part.parse().ok()).collect();
        match parts.as_deref() {
            Some(&[major, minor, patch, build]) => Ok(Self([major, minor, patch, build])),
            _ => Err(VersionError::Build { text: text.to_owned() }),
        }
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch, build] = self.0;
        write!(f, "{major}.{minor}.{patch}.{build}")
    }
}

impl TryFrom<String> for Build {
    type Error = VersionError;

    fn try_from(text: String) -> Result<Self, VersionError> {
        text.parse()
    }
}

impl From<Build> for String {
    fn from(build: Build) -> Self {
        build.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_ordered_as_they_came_out() {
        let order: Vec<Release> =
            ["VR7", "2020.3", "2020.4", "2021.1", "2021.4"].map(|r| r.parse().unwrap()).to_vec();
        assert!(order.is_sorted());
    }

    #[test]
    fn later_releases_have_later_builds() {
        let names = ["VR7", "2020.3", "2020.4", "2021.1", "2021.2", "2021.3", "2021.4", "2022.1", "2023.3"];
        let builds: Vec<Build> =
            names.iter().map(|name| name.parse::<Release>().unwrap().usual_build().unwrap()).collect();
        assert!(builds.is_sorted());
        assert_eq!(builds[6].to_string(), "10.0.0.147420");
    }

    #[test]
    fn refuses_a_build_where_a_release_is_meant() {
        assert!("10.0.0.147420".parse::<Release>().is_err());
        assert!("2021.4".parse::<Build>().is_err());
    }
}
