use alation_shell::{Build, Release, ReleaseBuilds, Sure};
use switchover_sdk::prelude::*;

use crate::PathParams;

/// The releases before and after an update.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Releases {
    pub current: Release,
    pub target: Release,
}

impl Releases {
    /// Takes what the operator says, else what follows from builds and the package's name.
    pub fn find(params: &PathParams) -> Result<Self, Failure> {
        let table = params.settings.builds()?;
        let target_build = build("target_build", params.target_build.as_deref())?
            .or_else(|| params.package.as_deref().and_then(Build::find));
        let target = Release::from_name(params.package.as_deref()).map_or_else(
            || given_or_known(&table, "target", params.target.as_deref(), target_build),
            |named| match said("target", params.target.as_deref())? {
                Some(said) if said != named => Err(Failure::new(format!(
                    "alation_target_release is {said}, but the package's name says {named}"
                ))
                .remedy("correct alation_target_release, or give the package of that release")),
                _ => Ok(named),
            },
        )?;
        let current_build = build("current_build", params.current_build.as_deref())?;
        let current = given_or_known(&table, "current", params.current.as_deref(), current_build)?;
        if target < current {
            return Err(Failure::new(format!("an update from {current} back to {target} is not possible"))
                .remedy("correct alation_current_release, alation_target_release or the package"));
        }
        Ok(Self { current, target })
    }
}

trait Named: Sized {
    fn from_name(name: Option<&str>) -> Option<Self>;
}

impl Named for Release {
    /// Finds the release in a package's name: `alation-2023.3-17.0.0.49181.rpm`.
    fn from_name(name: Option<&str>) -> Option<Self> {
        let name = name?.rsplit('/').next()?;
        let after = name.strip_prefix("alation-")?;
        let word = after.split('-').next()?;
        (Build::find(word).is_none()).then(|| word.parse().ok())?
    }
}

fn given_or_known(
    table: &ReleaseBuilds,
    which: &str,
    said_text: Option<&str>,
    build: Option<Build>,
) -> Result<Release, Failure> {
    let known = build.and_then(|build| table.release_of(build).map(|(release, sure)| (build, release, sure)));
    match (said(which, said_text)?, known) {
        (Some(said), Some((build, release, sure))) if said != release && sure != Sure::Inferred => {
            Err(Failure::new(format!(
                "alation_{which}_release is {said}, but build {build} belongs to {release}"
            ))
            .remedy(format!(
                "correct alation_{which}_release, or the table when that is wrong: \
                     alation_release_builds: {{\"{said}\": \"{}.{}\"}}",
                build.0[0], build.0[1]
            )))
        }
        (Some(said), _) => Ok(said),
        (None, Some((_, release, _))) => Ok(release),
        (None, None) => {
            let of = build.map_or_else(String::new, |build| format!(" of build {build}"));
            Err(Failure::new(format!("the {which} release{of} cannot be told")).remedy(format!(
                "set alation_{which}_release, or name the build's series: alation_release_builds: {{\"2021.3\": \"9.0\"}}"
            )))
        }
    }
}

fn said(which: &str, text: Option<&str>) -> Result<Option<Release>, Failure> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::parse).transpose().map_err(
        |error: alation_shell::ReleaseError| Failure::arguments(format!("alation_{which}_release: {error}")),
    )
}

fn build(name: &str, text: Option<&str>) -> Result<Option<Build>, Failure> {
    text.map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::parse)
        .transpose()
        .map_err(|error: alation_shell::BuildError| Failure::arguments(format!("argument `{name}`: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(arguments: Value) -> Result<(String, String), String> {
        let params = PathParams::parse(arguments.as_object().unwrap()).unwrap();
        let found = Releases::find(&params).map_err(|failure| failure.msg);
        found.map(|releases| (releases.current.to_string(), releases.target.to_string()))
    }

    #[test]
    fn what_the_operator_says_needs_no_table() {
        let found = find(json!({ "current": "2021.3", "target": "2021.4", "current_build": "9.9.9.9" }));
        assert_eq!(found.unwrap(), ("2021.3".into(), "2021.4".into()));
    }

    #[test]
    fn releases_follow_from_builds_and_the_package() {
        let found = find(json!({ "current_build": "5.12.3.1", "target_build": "5.17.0.1" }));
        assert_eq!(found.unwrap(), ("V R7".into(), "2020.3".into()));
        let found = find(json!({ "current": "2021.4", "package": "/tmp/alation-2023.3-17.0.0.49181.rpm" }));
        assert_eq!(found.unwrap().1, "2023.3");
    }

    #[test]
    fn a_release_that_contradicts_the_build_is_refused() {
        let answer = find(json!({ "current": "2021.1", "current_build": "5.17.0.1", "target": "2021.2" }));
        assert_eq!(
            answer.unwrap_err(),
            "alation_current_release is 2021.1, but build 5.17.0.1 belongs to 2020.3"
        );
    }

    #[test]
    fn an_inferred_entry_contradicts_nobody() {
        let found = find(json!({ "current": "2021.4", "target": "2022.1", "target_build": "10.0.0.1" }));
        assert_eq!(found.unwrap().1, "2022.1");
    }

    #[test]
    fn a_release_that_cannot_be_told_is_asked_for() {
        let answer = find(json!({ "current_build": "9.0.0.1", "target": "2021.4" }));
        assert_eq!(answer.unwrap_err(), "the current release of build 9.0.0.1 cannot be told");
        assert!(find(json!({ "current": "latest", "target": "2021.4" })).unwrap_err().contains("`latest`"));
    }

    #[test]
    fn there_is_no_way_back() {
        let answer = find(json!({ "current": "2021.4", "target": "2021.3" }));
        assert_eq!(answer.unwrap_err(), "an update from 2021.4 back to 2021.3 is not possible");
    }
}
