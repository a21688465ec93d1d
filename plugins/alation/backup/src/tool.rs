use alation_shell::{Settings, Shell, conf};
use switchover_sdk::prelude::*;

const V2: &str = "alation.backup_v2.enabled";
const V1: &str = "alation.backup.enabled";
const ARCHIVE_MODE: &str = "pgsql.config.archive_mode";
const ARCHIVE_COMMAND: &str = "pgsql.config.archive_command";

/// The keys of the backup configuration, as the procedure lists them. A key that the release does not know is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct BackupKeys {
    pub v2: Option<bool>,
    pub v1: Option<bool>,
    pub archive_mode: Option<bool>,
    pub archive_command: Option<String>,
}

impl BackupKeys {
    /// Asks the host.
    pub fn read(host: &Host, settings: &Settings) -> Result<Self, Failure> {
        let keys = [V2, V1, ARCHIVE_MODE, ARCHIVE_COMMAND];
        let mut values = conf::read(host, &Shell::new(settings), &keys)?;
        let flag =
            |key: &str| values.get(key).map(|value| ["true", "on"].contains(&value.to_lowercase().as_str()));
        Ok(Self {
            v2: flag(V2),
            v1: flag(V1),
            archive_mode: flag(ARCHIVE_MODE),
            archive_command: values.remove(ARCHIVE_COMMAND),
        })
    }

    /// Returns the tool that backs up on schedule: V2 wins over V1.
    pub fn tool(&self) -> &'static str {
        match (self.v2, self.v1) {
            (Some(true), _) => "v2",
            (_, Some(true)) => "v1",
            _ => "none",
        }
    }

    /// Returns what does not agree with the procedure's tables. The expected archive command is not public, so it is
    /// not looked at.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let v2 = self.v2.unwrap_or(false);
        if self.v2.is_some() && self.archive_mode.is_some_and(|mode| mode != v2) {
            let word = |flag: bool| if flag { "True" } else { "False" };
            problems.push(format!("{V2} is {}, but {ARCHIVE_MODE} is {}", word(v2), word(!v2)));
        }
        if self.tool() == "none" {
            problems
                .push("neither Backup V2 nor Backup V1 is on: nothing is backed up on schedule".to_owned());
        }
        problems
    }

    /// Returns the return keys.
    pub fn result(&self) -> Value {
        json!({
            "tool": self.tool(),
            "v2": self.v2.unwrap_or(false),
            "v1": self.v1.unwrap_or(false),
            "archive_mode": self.archive_mode,
            "archive_command": self.archive_command,
            "problems": self.problems(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(v2: Option<bool>, v1: Option<bool>, mode: Option<bool>) -> BackupKeys {
        BackupKeys { v2, v1, archive_mode: mode, archive_command: None }
    }

    #[test]
    fn v2_wins_over_v1() {
        assert_eq!(keys(Some(true), Some(true), None).tool(), "v2");
        assert_eq!(keys(Some(false), Some(true), None).tool(), "v1");
        assert_eq!(keys(None, Some(true), None).tool(), "v1");
        assert_eq!(keys(Some(false), Some(false), None).tool(), "none");
    }

    #[test]
    fn the_tables_of_the_procedure_hold() {
        assert!(keys(Some(true), Some(true), Some(true)).problems().is_empty());
        assert!(keys(Some(false), Some(true), Some(false)).problems().is_empty());
        assert!(keys(None, Some(true), None).problems().is_empty());
        assert!(keys(Some(true), Some(true), Some(false)).problems()[0].contains("archive_mode is False"));
        assert!(keys(Some(false), Some(true), Some(true)).problems()[0].contains("archive_mode is True"));
        assert!(keys(Some(false), Some(false), Some(false)).problems()[0].contains("nothing is backed up"));
    }
}
