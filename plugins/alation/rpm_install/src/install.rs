use alation_shell::action::Action;
use alation_shell::{Mode, Settings, copy, guard};
use switchover_sdk::Level;
use switchover_sdk::prelude::*;

use crate::look::needs_space;
use crate::package::{Package, Rpm};

const NAME: &str = "alation.rpm_install";

#[derive(Params)]
pub struct RpmInstallParams {
    /// Path of the package on the host.
    #[param(alias = "package")]
    path: HostPath,
    /// The command that handles packages, as text for `sh`.
    #[param(default = "rpm")]
    rpm: String,
    #[param(flatten)]
    settings: Settings,
}

/// Unpacks the update package.
pub struct RpmInstall;

impl Module for RpmInstall {
    type Params = RpmInstallParams;
    const SPEC: Spec = Spec {
        name: NAME,
        summary: "Unpacks the update package with rpm.",
        description: "Verifies the package (`rpm -K`), asks rpm whether it would take it (`--test`), then `rpm -Uvh` as a detached \
                      job. A package that is installed is left alone. Refuses on a host that is not standalone.",
        long: true,
        examples: &[("Unpack", "alation.rpm_install: { path: /var/tmp/alation-10.0.0.147420.rpm }")],
        returns: &[("build", "The build that is unpacked."), ("name", "Name of the package.")],
        ..Spec::DEFAULT
    };

    fn check(params: &RpmInstallParams, host: &Host) -> Result<Delta, Failure> {
        if host.about.check_mode && host.stat(&params.path)?.is_none() {
            return Ok(Delta::change(&*params.path, "not unpacked", "unpacked"));
        }
        let rpm = Rpm::new(&params.settings, &params.rpm);
        let package = rpm.query(host, &params.path)?;
        if rpm.is_installed(host, &package)? {
            return Ok(Delta::none_with(result(&package)));
        }
        let mode = Mode::observe(host, &params.settings)?;
        if mode != Mode::Standalone && !host.about.check_mode {
            let why = format!("comes after the split, and this host is {}", mode.word());
            return Err(guard::refuse("unpacking the update", &why));
        }
        needs_space(&package, &params.settings, host)?;
        let name = format!("{}-{}-{}", package.name, package.version, package.release);
        Ok(Delta::change(name, "not unpacked", "unpacked").with_result(result(&package)))
    }

    fn apply(params: &RpmInstallParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let rpm = Rpm::new(&params.settings, &params.rpm);
        let package = rpm.query(host, &params.path)?;
        if let Some(warning) = rpm.verify(host, &params.path)? {
            host.log(Level::Warning, warning)?;
        }
        rpm.test(host, &params.path)?;
        let key: String = format!("{}-{}", package.version, package.release)
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' })
            .collect();
        let line = rpm.line("-Uvh", &params.path);
        let action = Action::outside(&params.settings, NAME, &key, "rpm", &line)?;
        let finished = action.run_anew(host).map_err(|failure| rpm.explain(host, failure))?;
        if !rpm.is_installed(host, &package)? {
            return Err(Failure::new(format!("rpm ended well, but {} is not installed", package.name))
                .with("stdout", finished.ran.stdout)
                .with("stderr", finished.ran.stderr));
        }
        let mut outcome = Outcome::changed(copy::result(&finished));
        if let Value::Object(more) = result(&package) {
            outcome.result.extend(more);
        }
        Ok(outcome)
    }
}

fn result(package: &Package) -> Value {
    json!({
        "name": package.name,
        "version": package.version,
        "release": package.release,
        "build": package.build.map(|build| build.to_string()).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use alation_shell::testing::{Behaviour, FakeAlation};

    use super::*;
    use crate::look::PackageLook;

    const PATH: &str = "/var/tmp/alation-10.0.0.147420.rpm";

    fn host() -> FakeAlation {
        FakeAlation::new("9.0.0.5")
            .mode("standalone")
            .prints("LONGSIZE", 0, "1048576\n")
            .prints("rpm -qp", 0, "alation|10.0.0.147420|1\n")
            .prints("rpm -K", 0, "digests OK\n")
            .prints("rpm -U --test", 0, "")
            .prints("rpm --version", 0, "RPM version 4.18.0\n")
    }

    fn not_installed() -> FakeAlation {
        host().prints("rpm -q --qf", 1, "package alation is not installed\n")
    }

    #[test]
    fn an_installed_package_is_left_alone() {
        let fake = host().prints("rpm -q --qf", 0, "10.0.0.147420|1\n");
        let outcome = fake.run::<RpmInstall>(&json!({ "path": PATH })).unwrap();
        assert!(!outcome.changed);
        assert_eq!(outcome.result["build"], "10.0.0.147420");
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn a_package_that_is_not_installed_afterwards_is_a_failure() {
        let fake = not_installed().program("rpm -Uvh", Behaviour::default());
        let failure = fake.run::<RpmInstall>(&json!({ "path": PATH })).unwrap_err();
        assert_eq!(failure.msg, "rpm ended well, but alation is not installed");
        assert_eq!(fake.done(), [format!("sudo -n rpm -Uvh '{PATH}'")]);
    }

    #[test]
    fn a_header_that_is_too_large_is_explained() {
        let said = "error: a.rpm: headerRead failed: hdr data: BAD, no. of bytes(24567890) out of range\n";
        let fake = not_installed()
            .program("rpm -Uvh", Behaviour { rc: 1, stderr: said.into(), ..Behaviour::default() });
        let failure = fake.run::<RpmInstall>(&json!({ "path": PATH })).unwrap_err();
        assert!(failure.msg.starts_with("rpm cannot read the header of the package"), "{}", failure.msg);
        assert!(failure.remedy.unwrap().contains("RPM version 4.18.0"));
    }

    #[test]
    fn refuses_before_the_split() {
        let fake = not_installed().mode("master");
        assert!(
            fake.run::<RpmInstall>(&json!({ "path": PATH }))
                .unwrap_err()
                .msg
                .contains("comes after the split")
        );
    }

    #[test]
    fn a_damaged_package_is_seen_before_anything_depends_on_it() {
        let fake = FakeAlation::new("9.0.0.5")
            .prints("LONGSIZE", 0, "1048576\n")
            .prints("rpm -qp", 0, "alation|10.0.0.147420|1\n")
            .prints("rpm -q --qf", 1, "")
            .prints("rpm -K", 1, "a.rpm: DIGESTS SIGNATURES NOT OK\n");
        let failure = fake.run::<PackageLook>(&json!({ "path": PATH })).unwrap_err();
        assert!(failure.msg.contains("is damaged"), "{}", failure.msg);
    }

    #[test]
    fn a_package_that_does_not_fit_is_refused() {
        let fake = FakeAlation::new("9.0.0.5")
            .mode("standalone")
            .prints("LONGSIZE", 0, "99999999999999\n")
            .prints("rpm -qp", 0, "alation|10.0.0.147420|1\n")
            .prints("rpm -q --qf", 1, "");
        let failure = fake.run::<RpmInstall>(&json!({ "path": PATH })).unwrap_err();
        assert!(failure.msg.contains("has 20480 MiB free"), "{}", failure.msg);
    }

    #[test]
    fn a_host_without_rpm_is_told() {
        let fake = FakeAlation::new("9.0.0.5").prints("rpm -qp", 127, "");
        let failure = fake.run::<PackageLook>(&json!({ "path": PATH })).unwrap_err();
        assert!(failure.msg.starts_with("this host has no rpm"), "{}", failure.msg);
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<RpmInstall>();
    }
}
