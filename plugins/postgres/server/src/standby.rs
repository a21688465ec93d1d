use switchover_sdk::prelude::*;

use crate::{Settings, Source, auto_conf};

/// What makes a server a standby: whom it follows, under which name, and which slot keeps the log for it.
#[derive(Params, Clone)]
pub struct Standby {
    #[param(flatten)]
    pub source: Source,
    /// The replication slot on the source that keeps the log for this server.
    pub slot: Option<String>,
    /// The name that the source shows for this server; the host's name in the inventory unless given.
    pub application_name: Option<String>,
}

impl Standby {
    /// Returns `primary_conninfo`.
    pub fn conninfo(&self, host: &Host) -> String {
        let known = host.about.facts.get("inventory_hostname").and_then(Value::as_str);
        match self.application_name.as_deref().or(known) {
            Some(name) => self.source.conninfo(&[("application_name", name)]),
            None => self.source.conninfo(&[]),
        }
    }

    /// Returns `postgresql.auto.conf` as it has to be.
    pub fn auto_conf(&self, host: &Host, text: &str) -> String {
        let conninfo = self.conninfo(host);
        auto_conf::set(text, &[("primary_conninfo", Some(&conninfo)), ("primary_slot_name", self.slot())])
    }

    /// Reads the `postgresql.auto.conf` of a data directory.
    pub fn read(host: &Host, settings: &Settings) -> Result<String, Failure> {
        Ok(host.read(&format!("{}/postgresql.auto.conf", settings.data))?.to_text())
    }

    /// Returns the slot, when there is one.
    pub fn slot(&self) -> Option<&str> {
        self.slot.as_deref().filter(|slot| !slot.is_empty())
    }
}
