use alation_shell::{Settings, observe};
use switchover_sdk::prelude::*;

#[derive(Params)]
pub struct ReleaseParams {
    #[param(flatten)]
    settings: Settings,
}

/// Reads the installed build and names its release.
pub struct Release;

impl Module for Release {
    type Params = ReleaseParams;
    const SPEC: Spec = Spec {
        name: "alation.release",
        summary: "Reads the installed build and the release that it belongs to.",
        description: "The build is the one in use, from alation_version.py or the link to the version's folder; a package that \
                      is unpacked and not yet applied does not count.",
        effect: Spec::READS,
        examples: &[("Which release is installed?", "alation.release: {}")],
        returns: &[
            ("build", "The build number, such as `10.0.0.147420`."),
            ("release", "The release, such as `2021.4`; empty when the table does not know the build."),
        ],
        ..Spec::DEFAULT
    };

    fn check(_: &ReleaseParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &ReleaseParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let build = observe::build(host, &params.settings)?;
        let release = params.settings.builds()?.release_of(build);
        let release = release.map(|(release, _)| release.to_string()).unwrap_or_default();
        Ok(Outcome::unchanged(json!({ "build": build.to_string(), "release": release })))
    }
}

#[cfg(test)]
mod tests {
    use alation_shell::testing::FakeAlation;

    use super::*;

    #[test]
    fn names_the_release_of_the_build() {
        let fake = FakeAlation::new("9.0.0.5");
        let outcome = fake.run::<Release>(&json!({ "release_builds": { "2021.3": "9.0" } })).unwrap();
        assert_eq!(outcome.result["build"], "9.0.0.5");
        assert_eq!(outcome.result["release"], "2021.3");
        assert!(!outcome.changed);
        assert_eq!(fake.run::<Release>(&json!({})).unwrap().result["release"], "");
    }

    #[test]
    fn a_host_without_alation_is_a_failure() {
        let failure = FakeAlation::new("").run::<Release>(&json!({})).unwrap_err();
        assert!(failure.msg.contains("alation_version.py"), "{}", failure.msg);
        assert!(failure.remedy.unwrap().contains("alation_root"));
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<Release>();
    }
}
