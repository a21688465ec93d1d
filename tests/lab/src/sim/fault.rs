use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Something that goes wrong on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    RpmHeader,
    LowDisk,
    UpdateFailsHalfway,
    UpdateDropsSession,
    #[serde(rename = "action-prompts-YES")]
    ActionPromptsYes,
    ActionHangsWaiting,
    ExitZeroWithErrorText,
    ReplicationStuckUnknown,
    LagGrows,
    KvstoreDiesHalfway,
    SshdDown,
    SshdDownDuringCopy,
    SudoRefused,
    DiskFullOnUpload,
    SlowLink,
    KeysNeverRotated,
}

impl Fault {
    /// Every fault with its name and what it does, for help texts.
    pub const ALL: [(Self, &'static str, &'static str); 16] = [
        (Self::RpmHeader, "rpm-header", "rpm refuses every package file with the headerRead error"),
        (Self::LowDisk, "low-disk", "df shows little room, and the update exits early"),
        (
            Self::UpdateFailsHalfway,
            "update-fails-halfway",
            "the update stops in its middle, services stay down",
        ),
        (Self::UpdateDropsSession, "update-drops-session", "all sessions of the host end during the update"),
        (Self::ActionPromptsYes, "action-prompts-YES", "destroying actions ask for YES on stdin [=ACTION]"),
        (Self::ActionHangsWaiting, "action-hangs-waiting", "actions wait for input for ever [=ACTION]"),
        (
            Self::ExitZeroWithErrorText,
            "exit-zero-with-error-text",
            "actions print an error, do nothing and exit 0 [=ACTION]",
        ),
        (
            Self::ReplicationStuckUnknown,
            "replication-stuck-unknown",
            "the lag stays unknown (set on either host)",
        ),
        (Self::LagGrows, "lag-grows", "the lag grows instead of falling (set on either host)"),
        (Self::KvstoreDiesHalfway, "kvstore-dies-halfway", "the KVStore copy fails at one half"),
        (Self::SshdDown, "sshd-down", "no SSH for [=SECONDS] real seconds (3), then it turns itself off"),
        (
            Self::SshdDownDuringCopy,
            "sshd-down-during-copy",
            "turns sshd-down on [=SECONDS] once, when Postgres is half copied to this host",
        ),
        (Self::SudoRefused, "sudo-refused", "the login user is not in the sudoers file"),
        (Self::DiskFullOnUpload, "disk-full-on-upload", "no file larger than 64 KiB can be written"),
        (Self::SlowLink, "slow-link", "[=KIBIBYTES] per second and session and direction (128)"),
        (Self::KeysNeverRotated, "keys-never-rotated", "no key rotation was ever done on the instance"),
    ];

    /// Returns the name used on the command line.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(fault, ..)| *fault == self).map_or("", |(_, name, _)| name)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a text names no fault.
#[derive(Debug, thiserror::Error)]
pub enum FaultError {
    #[error("no fault is named {name:?}; there are: {}", Fault::ALL.map(|(_, name, _)| name).join(", "))]
    Name { name: String },
    #[error("fault {fault} takes a number, not {value:?}")]
    Number { fault: Fault, value: String },
    #[error("fault {fault} takes no value, but {value:?} was given")]
    NoValue { fault: Fault, value: String },
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        Self::ALL
            .iter()
            .find(|(_, name, _)| *name == text)
            .map(|(fault, ..)| *fault)
            .ok_or_else(|| FaultError::Name { name: text.to_owned() })
    }
}

/// A fault as it is asked for: `NAME[=VALUE][@HOST]`; without a host it is meant for all.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultSpec {
    pub fault: Fault,
    pub value: Option<String>,
    pub host: Option<String>,
}

impl FromStr for FaultSpec {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (rest, host) = match text.split_once('@') {
            Some((rest, host)) => (rest, Some(host.to_owned())),
            None => (text, None),
        };
        let (name, value) = match rest.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (rest, None),
        };
        let fault: Fault = name.parse()?;
        check_value(fault, value.as_deref())?;
        Ok(Self { fault, value, host })
    }
}

fn check_value(fault: Fault, value: Option<&str>) -> Result<(), FaultError> {
    let Some(value) = value else { return Ok(()) };
    match fault {
        Fault::SshdDown | Fault::SshdDownDuringCopy | Fault::SlowLink => match value.parse::<f64>() {
            Ok(number) if number > 0.0 => Ok(()),
            _ => Err(FaultError::Number { fault, value: value.to_owned() }),
        },
        Fault::ActionPromptsYes | Fault::ActionHangsWaiting | Fault::ExitZeroWithErrorText => Ok(()),
        _ => Err(FaultError::NoValue { fault, value: value.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_written_as_it_is_named() {
        for (fault, name, _) in Fault::ALL {
            assert_eq!(serde_json::to_string(&fault).unwrap(), format!("{name:?}"));
            assert_eq!(name.parse::<Fault>().unwrap(), fault);
        }
    }

    #[test]
    fn reads_value_and_host() {
        let spec: FaultSpec = "sshd-down=2@primary".parse().unwrap();
        assert_eq!(spec.fault, Fault::SshdDown);
        assert_eq!(spec.value.as_deref(), Some("2"));
        assert_eq!(spec.host.as_deref(), Some("primary"));
    }

    #[test]
    fn refuses_a_value_that_means_nothing() {
        assert!("low-disk=3".parse::<FaultSpec>().is_err());
        assert!("sshd-down=soon".parse::<FaultSpec>().is_err());
        assert!("no-such-fault".parse::<FaultSpec>().is_err());
    }
}
