//! `alation.path`: which conditional steps an update from one release to another needs. Touches no host.

mod releases;
mod steps;

use alation_shell::Settings;
use releases::Releases;
use steps::{Before, Steps};
use switchover_sdk::prelude::*;

#[derive(Params)]
struct PathParams {
    /// The release before the update; by default it follows from `current_build`.
    current: Option<String>,
    /// The release after the update; by default it follows from `package` or `target_build`.
    target: Option<String>,
    /// The build before the update.
    current_build: Option<String>,
    /// The build after the update.
    target_build: Option<String>,
    /// Name of the package: newer ones begin with their release (`alation-2023.3-17.0.0.49181.rpm`).
    package: Option<String>,
    /// Takes the lists of the procedure literally instead of its wider prose.
    #[param(default = false)]
    strict: bool,
    /// Whether Backup V2 was on before the update; unknown when absent.
    backup_v2_before: Option<bool>,
    /// Whether Backup V1 was on before the update; unknown when absent.
    backup_v1_before: Option<bool>,
    /// The backup tool that is wanted after the update.
    #[param(default = "v2", choices("v1", "v2"))]
    backup_tool: String,
    #[param(flatten)]
    settings: Settings,
}

struct Path;

impl Module for Path {
    type Params = PathParams;
    const SPEC: Spec = Spec {
        name: "alation.path",
        summary: "Tells which conditional steps an update from one release to another needs.",
        description: "Reads the procedure's conditions in their wide sense: key rotation for every update to or past 2021.1, \
                      reindexing for every update to or past 2020.4; with `strict` only for the pairs of releases that its lists \
                      name. A release that cannot be told, and one that contradicts the installed build, is a failure.",
        effect: Spec::READS,
        examples: &[("Which steps?", "alation.path: { current: '2020.3', target: '2021.2' }")],
        returns: &[
            ("current", "The release before the update."),
            ("target", "The release after it."),
            ("patch", "Whether both are the same release."),
            ("key_rotation", "Whether keys must have been rotated once."),
            ("reindex", "Whether the 2020.4 pre-upgrade reindexing script must have been run."),
            ("override_ip", "Whether each host's own address is set."),
            ("kafka_sync", "Whether the Event Bus is synchronized."),
            ("enable_backup_v2", "Whether Backup V2 is enabled again."),
            ("revert_to_backup_v1", "Whether Backup V1 is gone back to."),
        ],
        ..Spec::DEFAULT
    };

    fn check(_: &PathParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &PathParams, _: &Delta, _: &Host) -> Result<Outcome, Failure> {
        let releases = Releases::find(params)?;
        let before = Before { v2: params.backup_v2_before, v1: params.backup_v1_before };
        let steps = Steps::of(releases.current, releases.target, params.strict, before, &params.backup_tool);
        Ok(Outcome::unchanged(json!({
            "current": releases.current.to_string(),
            "target": releases.target.to_string(),
            "patch": releases.current == releases.target,
            "key_rotation": steps.key_rotation,
            "reindex": steps.reindex,
            "override_ip": steps.override_ip,
            "kafka_sync": steps.kafka_sync,
            "enable_backup_v2": steps.enable_backup_v2,
            "revert_to_backup_v1": steps.revert_to_backup_v1,
        })))
    }
}

export_modules!(Path);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<Path>();
    }
}
