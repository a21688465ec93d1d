use std::fmt;
use std::str::FromStr;

/// A release name: `2021.3`, `2020.4.x`, or `V R7` of the line before the years.
///
/// Ordered as they came out; a part after year and number (a patch) does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    /// 0 stands for the `V R` line.
    year: u16,
    number: u16,
}

impl Release {
    /// Returns the release of a year.
    pub const fn new(year: u16, number: u16) -> Self {
        Self { year, number }
    }

    /// Returns a release of the line before the years: `V R7`.
    pub const fn v_r(number: u16) -> Self {
        Self { year: 0, number }
    }
}

/// A text that is no release name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no release name such as 2021.3, 2020.4.x or V R7")]
pub struct ReleaseError {
    pub text: String,
}

impl FromStr for Release {
    type Err = ReleaseError;

    fn from_str(text: &str) -> Result<Self, ReleaseError> {
        let error = || ReleaseError { text: text.to_owned() };
        let compact: String =
            text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
        let compact = compact.split('(').next().unwrap_or_default();
        if let Some(number) = compact.strip_prefix("VR").or_else(|| compact.strip_prefix("V.R")) {
            let number = number.split('.').next().unwrap_or_default();
            return number.parse().map(Self::v_r).map_err(|_| error());
        }
        let mut parts = compact.split('.');
        let year: u16 = parts.next().and_then(|part| part.parse().ok()).ok_or_else(error)?;
        let number: u16 = parts.next().and_then(|part| part.parse().ok()).ok_or_else(error)?;
        let patches_are_sane = parts.all(|part| part == "X" || part.parse::<u32>().is_ok());
        if (2018..=2199).contains(&year) && (1..=12).contains(&number) && patches_are_sane {
            Ok(Self { year, number })
        } else {
            Err(error())
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year {
            0 => write!(f, "V R{}", self.number),
            year => write!(f, "{year}.{}", self.number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(text: &str) -> Release {
        text.parse().unwrap()
    }

    #[test]
    fn names_are_read_as_people_write_them() {
        for text in ["V R7", "VR7", "v r7", "VR7 (5.12.x)", "V R7.1"] {
            assert_eq!(release(text), Release::v_r(7), "{text}");
        }
        for text in ["2020.4", "2020.4.x", "2020.4.3", " 2020.4 "] {
            assert_eq!(release(text), Release::new(2020, 4), "{text}");
        }
    }

    #[test]
    fn releases_are_ordered_as_they_came_out() {
        let order = ["V R1", "V R7", "2020.3", "2020.4", "2021.1", "2021.4", "2022.1", "2023.3"].map(release);
        assert!(order.is_sorted());
    }

    #[test]
    fn a_build_number_is_no_release() {
        for text in ["10.0.0.147420", "5.12", "", "latest", "2021", "2021.x", "2021.30"] {
            assert!(text.parse::<Release>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_name_is_printed_as_the_documents_print_it() {
        assert_eq!(release("vr7").to_string(), "V R7");
        assert_eq!(release("2021.2.x").to_string(), "2021.2");
    }
}
