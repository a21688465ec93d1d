use alation_shell::{Build, Settings, observe};
use switchover_sdk::Level;
use switchover_sdk::prelude::*;

use crate::package::{Package, Rpm};

#[derive(Params)]
pub struct PackageLookParams {
    /// Path of the package on the host.
    #[param(alias = "package")]
    path: HostPath,
    /// The command that handles packages, as text for `sh`.
    #[param(default = "rpm")]
    rpm: String,
    #[param(flatten)]
    settings: Settings,
}

/// Looks at an update package before anything depends on it.
pub struct PackageLook;

impl Module for PackageLook {
    type Params = PackageLookParams;
    const SPEC: Spec = Spec {
        name: "alation.package",
        summary: "Looks at an update package on the host: what it is, whether it is whole, and whether rpm would take it.",
        description: "In check mode a package that is not there yet is told from its name.",
        effect: Spec::READS,
        long: true,
        examples: &[("Look", "alation.package: { path: /var/tmp/alation-10.0.0.147420.rpm }")],
        returns: &[
            ("found", "Whether the file is there."),
            ("name", "Name of the package."),
            ("build", "The build that it brings; empty when it does not tell."),
            ("installed", "Whether it is unpacked already."),
            ("size_mib", "Space that it takes when unpacked."),
        ],
        ..Spec::DEFAULT
    };

    fn check(_: &PackageLookParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &PackageLookParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        if host.about.check_mode && host.stat(&params.path)?.is_none() {
            let build = Build::find(&params.path).map(|build| build.to_string()).unwrap_or_default();
            return Ok(Outcome::unchanged(
                json!({ "found": false, "name": "", "build": build, "installed": false }),
            ));
        }
        let rpm = Rpm::new(&params.settings, &params.rpm);
        let package = rpm.query(host, &params.path)?;
        let installed = rpm.is_installed(host, &package)?;
        if !installed {
            if let Some(warning) = rpm.verify(host, &params.path)? {
                host.log(Level::Warning, warning)?;
            }
            rpm.test(host, &params.path)?;
            needs_space(&package, &params.settings, host)?;
        }
        Ok(Outcome::unchanged(json!({
            "found": true,
            "name": package.name,
            "version": package.version,
            "release": package.release,
            "build": package.build.map(|build| build.to_string()).unwrap_or_default(),
            "installed": installed,
            "size_mib": package.size.map(|size| size / (1024 * 1024)),
        })))
    }
}

/// Refuses when the package is larger than the free space where it goes.
pub fn needs_space(package: &Package, settings: &Settings, host: &Host) -> Result<(), Failure> {
    let free = observe::observe(host, settings)?.free_mib;
    let needed = package.size.map(|size| size / (1024 * 1024));
    match (free, needed) {
        (Some(free), Some(needed)) if free < needed => Err(Failure::new(format!(
            "refused: the package needs {needed} MiB, and {} has {free} MiB free; nothing was changed",
            &*settings.root
        ))
        .remedy("free some space, for example by removing folders of old versions")
        .with("free_mib", free)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<PackageLook>();
    }
}
