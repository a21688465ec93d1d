use alation_shell::action::Action;
use alation_shell::{Role, Settings, guard};
use switchover_sdk::prelude::*;

use crate::tool::BackupKeys;

const NAME: &str = "alation.backup";

#[derive(Params)]
pub struct BackupParams {
    /// The tool that backs up on schedule from now on: `v2` enables Backup V2, `v1` disables it. Without it the
    /// configuration is only read.
    #[param(choices("v1", "v2"))]
    tool: Option<String>,
    /// Fails unless the configuration agrees with the procedure's tables, and, when it names a tool, unless that one is on.
    #[param(choices("v1", "v2", "any"))]
    verify: Option<String>,
    /// The action that enables Backup V2. Its name is not in the public documents.
    #[param(default = "enable_backupv2")]
    enable_action: String,
    /// The action that disables Backup V2.
    #[param(default = "disable_backupv2")]
    disable_action: String,
    #[param(flatten)]
    settings: Settings,
}

/// Reads, switches and verifies the backup tool.
pub struct Backup;

impl Module for Backup {
    type Params = BackupParams;
    const SPEC: Spec = Spec {
        name: NAME,
        summary: "Reads, switches and verifies the tool that backs Alation up on schedule.",
        description: "Backup V2 is switched by the product's own actions, never by its keys.",
        long: true,
        examples: &[
            ("Which tool is on?", "alation.backup: {}"),
            ("Go back to V1", "alation.backup: { tool: v1, verify: v1, role: primary }"),
        ],
        returns: &[
            ("tool", "`v2`, `v1` or `none`."),
            ("v2", "Whether Backup V2 is enabled."),
            ("v1", "Whether Backup V1 is enabled; it is ignored while V2 is."),
            ("problems", "What does not agree with the procedure's tables."),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &BackupParams, host: &Host) -> Result<Delta, Failure> {
        let keys = BackupKeys::read(host, &params.settings)?;
        let wanted = params.tool.as_deref().map(|tool| tool == "v2");
        let Some(wanted) = wanted.filter(|wanted| *wanted != keys.v2.unwrap_or(false)) else {
            if !host.about.check_mode {
                verify(params, &keys)?;
            }
            return Ok(Delta::none_with(keys.result()));
        };
        if params.settings.role == Some(Role::Secondary) {
            return Err(guard::refuse(
                "switching the backup tool",
                "is for the Primary, and this host is the Secondary",
            ));
        }
        let word = |on: bool| if on { "True" } else { "False" };
        Ok(Delta::change("alation.backup_v2.enabled", word(!wanted), word(wanted)).with_result(keys.result()))
    }

    fn apply(params: &BackupParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let enable = params.tool.as_deref() == Some("v2");
        let name = if enable { &params.enable_action } else { &params.disable_action };
        Action::new(&params.settings, NAME, name)?.run_anew(host)?;
        let keys = BackupKeys::read(host, &params.settings)?;
        if keys.v2.unwrap_or(false) != enable {
            return Err(Failure::new(format!(
                "{name} ended well, but alation.backup_v2.enabled did not change"
            ))
            .with_result(keys.result().as_object().cloned().unwrap_or_default()));
        }
        verify(params, &keys)?;
        Ok(Outcome::changed(keys.result()))
    }
}

fn verify(params: &BackupParams, keys: &BackupKeys) -> Result<(), Failure> {
    let Some(wanted) = params.verify.as_deref() else { return Ok(()) };
    let mut problems = keys.problems();
    if wanted != "any" && keys.tool() != wanted {
        problems.insert(0, format!("the tool that is on is {}, not {wanted}", keys.tool()));
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("the backup configuration is not right: {}", problems.join("; ")))
        .remedy("see \"Validating Your Backup Configuration\" in Alation's procedure; never set the Backup V2 keys by hand")
        .with_result(keys.result().as_object().cloned().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use alation_shell::testing::{Behaviour, FakeAlation};

    use super::*;

    fn host(v2: &str) -> FakeAlation {
        let sets = |value: &str| Behaviour {
            sets: vec![
                ("alation.backup_v2.enabled".into(), value.into()),
                ("pgsql.config.archive_mode".into(), value.into()),
            ],
            ..Behaviour::default()
        };
        FakeAlation::new("8.0.0.1")
            .conf("alation.backup_v2.enabled", v2)
            .conf("pgsql.config.archive_mode", v2)
            .conf("alation.backup.enabled", "True")
            .action("enable_backupv2", sets("True"))
            .action("disable_backupv2", sets("False"))
    }

    #[test]
    fn goes_back_to_v1_once() {
        let fake = host("True");
        let arguments = json!({ "tool": "v1", "verify": "v1", "role": "primary" });
        assert_eq!(fake.run::<Backup>(&arguments).unwrap().result["tool"], "v1");
        assert!(!fake.run::<Backup>(&arguments).unwrap().changed);
        assert_eq!(fake.done(), ["disable_backupv2"]);
    }

    #[test]
    fn enables_v2_after_a_set_up_that_reset_it() {
        let fake = host("False");
        let outcome = fake.run::<Backup>(&json!({ "tool": "v2", "verify": "v2" })).unwrap();
        assert_eq!(outcome.result["tool"], "v2");
        assert_eq!(fake.done(), ["enable_backupv2"]);
    }

    #[test]
    fn reading_changes_nothing() {
        let fake = host("True");
        assert_eq!(fake.run::<Backup>(&json!({})).unwrap().result["v2"], true);
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn a_configuration_that_does_not_agree_with_itself_is_a_failure() {
        let fake = host("True").conf("pgsql.config.archive_mode", "False");
        let failure = fake.run::<Backup>(&json!({ "verify": "any" })).unwrap_err();
        assert!(failure.msg.contains("archive_mode is False"), "{}", failure.msg);
        let failure = host("True").run::<Backup>(&json!({ "verify": "v1" })).unwrap_err();
        assert!(failure.msg.contains("the tool that is on is v2, not v1"), "{}", failure.msg);
    }

    #[test]
    fn an_action_that_changes_nothing_is_a_failure() {
        let fake = host("True").action("disable_backupv2", Behaviour::default());
        assert!(fake.run::<Backup>(&json!({ "tool": "v1" })).unwrap_err().msg.contains("did not change"));
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<Backup>();
    }
}
