use switchover_sdk::prelude::*;

use crate::{Build, Release};

/// Which build series belongs to which release, as public sources tell it. The last word says whether a source
/// names the pair; an inferred pair is used when nothing else is known, and never to contradict anybody.
const SHIPPED: &[(Release, &str, Sure)] = &[
    (Release::v_r(1), "5.0", Sure::Source),
    (Release::v_r(2), "5.4", Sure::Source),
    (Release::v_r(3), "5.6", Sure::Source),
    (Release::v_r(4), "5.8", Sure::Source),
    (Release::v_r(5), "5.9", Sure::Source),
    (Release::v_r(6), "5.10", Sure::Source),
    (Release::v_r(7), "5.12", Sure::Source),
    (Release::new(2020, 3), "5.17", Sure::Source),
    (Release::new(2021, 4), "10.0", Sure::Inferred),
    (Release::new(2023, 3), "17.0", Sure::Source),
];

/// How sure an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sure {
    Operator,
    Source,
    Inferred,
}

/// The table of releases and build series: the operator's entries first, then the shipped ones.
#[derive(Clone, Debug)]
pub struct ReleaseBuilds {
    entries: Vec<(Release, Vec<u32>, Sure)>,
}

impl ReleaseBuilds {
    /// Returns the shipped table with the operator's entries (release to series, or to a list of series) above it.
    pub fn with(given: Option<&Map>) -> Result<Self, Failure> {
        let mut entries = Vec::new();
        for (name, series) in given.into_iter().flatten() {
            let release: Release =
                name.parse().map_err(|error| Failure::arguments(format!("release_builds: {error}")))?;
            let list = match series {
                Value::Array(list) => list.clone(),
                one => vec![one.clone()],
            };
            for one in list {
                entries.push((release, series_of(name, &one)?, Sure::Operator));
            }
        }
        let shipped = SHIPPED.iter().map(|(release, series, sure)| (*release, parts(series), *sure));
        entries.extend(shipped);
        Ok(Self { entries })
    }

    /// Returns the release of a build, and how sure that is. The longest matching series wins.
    pub fn release_of(&self, build: Build) -> Option<(Release, Sure)> {
        let matches = self.entries.iter().filter(|(_, series, _)| build.0.starts_with(series));
        let mut best: Option<&(Release, Vec<u32>, Sure)> = None;
        for entry in matches {
            let longer = best.is_none_or(|(_, series, sure)| {
                let rank = |sure: Sure, length: usize| (sure == Sure::Operator, length);
                rank(entry.2, entry.1.len()) > rank(*sure, series.len())
            });
            if longer {
                best = Some(entry);
            }
        }
        best.map(|(release, _, sure)| (*release, *sure))
    }
}

fn series_of(name: &str, value: &Value) -> Result<Vec<u32>, Failure> {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let series = parts(&text);
    if series.is_empty() || series.len() > 4 {
        return Err(Failure::arguments(format!(
            "release_builds: {name}: `{text}` is no build series such as 9.0"
        ))
        .remedy("write the series as text: `\"2021.3\": \"9.0\"`"));
    }
    Ok(series)
}

fn parts(series: &str) -> Vec<u32> {
    let numbers: Option<Vec<u32>> = series
        .trim()
        .split('.')
        .filter(|part| !part.eq_ignore_ascii_case("x"))
        .map(|part| part.parse().ok())
        .collect();
    numbers.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(table: &ReleaseBuilds, build: &str) -> Option<String> {
        table.release_of(build.parse().unwrap()).map(|(release, _)| release.to_string())
    }

    #[test]
    fn known_series_are_shipped() {
        let table = ReleaseBuilds::with(None).unwrap();
        assert_eq!(release(&table, "5.12.3.90000").unwrap(), "V R7");
        assert_eq!(release(&table, "5.17.0.116556").unwrap(), "2020.3");
        assert_eq!(release(&table, "17.0.0.49181").unwrap(), "2023.3");
        assert_eq!(release(&table, "8.0.0.1"), None);
        assert_eq!(release(&table, "5.1.0.1"), None);
    }

    #[test]
    fn the_operator_has_the_last_word() {
        let given = json!({ "2021.3": "9.0.x", "2022.1": ["10.0", 11] });
        let table = ReleaseBuilds::with(given.as_object()).unwrap();
        assert_eq!(release(&table, "9.0.1.5").unwrap(), "2021.3");
        assert_eq!(release(&table, "10.0.0.147420").unwrap(), "2022.1");
        assert_eq!(release(&table, "11.7.0.1").unwrap(), "2022.1");
    }

    #[test]
    fn a_whole_build_is_a_series_too() {
        let given = json!({ "2021.2": "8.0", "2021.3": "8.0.5.77" });
        let table = ReleaseBuilds::with(given.as_object()).unwrap();
        assert_eq!(release(&table, "8.0.5.77").unwrap(), "2021.3");
        assert_eq!(release(&table, "8.0.5.78").unwrap(), "2021.2");
    }

    #[test]
    fn refuses_what_is_no_series() {
        let failure = ReleaseBuilds::with(json!({ "2021.3": "nine" }).as_object()).unwrap_err();
        assert!(failure.msg.contains("`nine` is no build series"), "{}", failure.msg);
        assert!(ReleaseBuilds::with(json!({ "9.0": "2021.3" }).as_object()).is_err());
    }
}
