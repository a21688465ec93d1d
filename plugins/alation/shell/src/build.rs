use std::fmt;
use std::str::FromStr;

/// A build number `x.y.z.nnnn`: major, minor, patch, build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Build(pub [u32; 4]);

/// A text that is no build number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no build number such as 10.0.0.147420")]
pub struct BuildError {
    pub text: String,
}

impl FromStr for Build {
    type Err = BuildError;

    fn from_str(text: &str) -> Result<Self, BuildError> {
        let parts: Option<Vec<u32>> = text.trim().split('.').map(|part| part.parse().ok()).collect();
        match parts.as_deref() {
            Some(&[major, minor, patch, build]) => Ok(Self([major, minor, patch, build])),
            _ => Err(BuildError { text: text.to_owned() }),
        }
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch, build] = self.0;
        write!(f, "{major}.{minor}.{patch}.{build}")
    }
}

impl Build {
    /// Finds a build number in a name: `alation-2023.3-17.0.0.49181.rpm`, `alation-4.14.7.20232`.
    pub fn find(text: &str) -> Option<Self> {
        text.split(|c: char| !c.is_ascii_digit() && c != '.').find_map(|piece| {
            let parts: Vec<&str> = piece.split('.').filter(|part| !part.is_empty()).collect();
            parts.get(..4).and_then(|four| four.join(".").parse().ok())
        })
    }

    /// Finds the build number that version and release of a package tell: either holds all of it, or they hold it together.
    pub fn of_package(version: &str, release: &str) -> Option<Self> {
        let together = format!("{version}.{}", release.split(['-', '_']).next().unwrap_or_default());
        Self::find(version).or_else(|| Self::find(release)).or_else(|| {
            let numbers: Option<Vec<u32>> = together.split('.').take(4).map(|p| p.parse().ok()).collect();
            numbers.and_then(|numbers| numbers.try_into().ok()).map(Self)
        })
    }

    /// Reads the numbers of `alation_version.py`.
    pub fn of_version_file(text: &str) -> Option<Self> {
        let number = |part: &str| {
            let name = format!("ALATION_{part}_VERSION");
            text.lines().find_map(|line| {
                let (left, right) = line.split_once('=')?;
                (left.trim() == name).then(|| right.trim().trim_matches(['\'', '"']).parse().ok())?
            })
        };
        Some(Self([number("MAJOR")?, number("MINOR")?, number("PATCH")?, number("BUILD")?]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_name_tells_its_build() {
        for (name, build) in [
            ("alation-2023.3-17.0.0.49181.rpm", "17.0.0.49181"),
            ("alation-4.14.7.20232", "4.14.7.20232"),
            ("alation-10.0.0.147420-1.x86_64.rpm", "10.0.0.147420"),
            ("/data/alation-5.17.0.116556.rpm", "5.17.0.116556"),
        ] {
            assert_eq!(Build::find(name).unwrap().to_string(), build, "{name}");
        }
        assert_eq!(Build::find("alation-latest.rpm"), None);
    }

    #[test]
    fn version_and_release_of_a_package_hold_it_in_any_split() {
        for (version, release) in [("10.0.0.147420", "1"), ("2021.4", "10.0.0.147420"), ("10.0.0", "147420")]
        {
            assert_eq!(Build::of_package(version, release), Some(Build([10, 0, 0, 147_420])));
        }
        assert_eq!(Build::of_package("2021.4", "1"), None);
    }

    #[test]
    fn the_version_file_is_read_whatever_else_it_holds() {
        let text = "ALATION_MAJOR_VERSION = 10\nALATION_MINOR_VERSION = 0\nNAME = 'x'\n\
                    ALATION_PATCH_VERSION = 2\nALATION_BUILD_VERSION = 147420\n";
        assert_eq!(Build::of_version_file(text), Some(Build([10, 0, 2, 147_420])));
        assert_eq!(Build::of_version_file("ALATION_MAJOR_VERSION = 10\n"), None);
    }
}
