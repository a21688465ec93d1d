use std::net::Ipv4Addr;

use super::product::Product;

/// How often a secondary pulls its configuration, in simulated seconds (documented: every minute).
pub const PULL_SECONDS: f64 = 60.0;

pub const MODE: &str = "alation.cluster.replication_mode";
pub const PROTECTED: &str = "alation.cluster.protected_instance";
pub const OVERRIDE_IP: &str = "alation.cluster.override_ip";
pub const ENABLE_OVERRIDE_IP: &str = "alation.cluster.enable_override_ip";
pub const BACKUP_V1: &str = "alation.backup.enabled";
pub const BACKUP_V2: &str = "alation.backup_v2.enabled";
pub const ARCHIVE_MODE: &str = "pgsql.config.archive_mode";
/// The lab's own key: the real one is not known.
pub const SCHEDULING: &str = "alation.query_exec.scheduling.enabled";

/// Why a configuration value cannot be read or set.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum ConfError {
    #[error("no such key: {key}")]
    Unknown { key: String },
    #[error("{key} is set by the cluster actions only")]
    ReadOnly { key: String },
    #[error("{key} takes True or False, not {value:?}")]
    Switch { key: String, value: String },
    #[error("{key} takes an IPv4 address, not {value:?}")]
    Address { key: String, value: String },
}

impl Product {
    /// Fills in the values that a fresh installation has.
    pub fn set_usual_conf(&mut self, base_url: &str, backup_v2: bool) {
        let texts = [
            (OVERRIDE_IP, ""),
            ("alation.install.base_url", base_url),
            ("alation.backup.scheduled_hour", "2"),
            ("alation.backup.scheduled_minute", "0"),
            ("alation.backup.chef_timeout", "21600"),
            ("alation.backup.restore_file", ""),
            ("alation.backup.eb_restore_file", ""),
            ("pgsql.config.archive_command", ""),
            // The real tool prints some secrets in clear, so a runner must mask them.
            ("alation_analytics-v2.pgsql.password", "lab-secret-password"),
            ("site_id", "lab"),
        ];
        for (key, value) in texts {
            self.conf.insert(key.to_owned(), value.to_owned());
        }
        let switches = [
            (PROTECTED, false),
            (ENABLE_OVERRIDE_IP, false),
            (BACKUP_V1, true),
            (SCHEDULING, true),
            ("alation.feature_flags.enable_pgbackrest", false),
            ("alation.postgresql.full_scan", false),
            ("datadog.enabled", false),
        ];
        for (key, on) in switches {
            self.switch(key, on);
        }
        self.switch_backup_v2(backup_v2);
    }

    /// Returns the lines for a key: its own, or those of all keys that contain the text.
    pub fn read_conf(&self, key: &str) -> Result<Vec<String>, ConfError> {
        let mode = (MODE.to_owned(), self.mode.word().to_owned());
        let mut all: Vec<(String, String)> =
            self.conf.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        all.push(mode);
        all.sort();
        let exact = all.iter().any(|(known, _)| known == key);
        let lines: Vec<String> = all
            .into_iter()
            .filter(|(known, _)| if exact { known == key } else { known.contains(key) })
            .map(|(known, value)| format!("{known} = {value}"))
            .collect();
        if lines.is_empty() { Err(ConfError::Unknown { key: key.to_owned() }) } else { Ok(lines) }
    }

    /// Sets one value; switches are kept as `True` or `False` however they are written.
    pub fn set_conf(&mut self, key: &str, value: &str) -> Result<(), ConfError> {
        if key == MODE {
            return Err(ConfError::ReadOnly { key: key.to_owned() });
        }
        let Some(present) = self.conf.get_mut(key) else {
            return Err(ConfError::Unknown { key: key.to_owned() });
        };
        if matches!(present.as_str(), "True" | "False") {
            *present = match value.to_ascii_lowercase().as_str() {
                "true" => "True".to_owned(),
                "false" => "False".to_owned(),
                _ => return Err(ConfError::Switch { key: key.to_owned(), value: value.to_owned() }),
            };
            return Ok(());
        }
        if key == OVERRIDE_IP && value.parse::<Ipv4Addr>().is_err() {
            return Err(ConfError::Address { key: key.to_owned(), value: value.to_owned() });
        }
        *present = value.to_owned();
        Ok(())
    }
}

/// Copies the primary's configuration to a secondary, but for what belongs to the member itself.
pub fn pull(master: &Product, slave: &mut Product) {
    for (key, value) in &master.conf {
        if !key.starts_with("alation.cluster.") {
            slave.conf.insert(key.clone(), value.clone());
        }
    }
}
