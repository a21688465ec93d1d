//! What must survive a broken run: a small file in the home of the user who runs the procedure.
//!
//! The update changes what later steps depend on (release, backup tool), so what was there before is written down
//! on the host before anything changes.

use cluster_kit::Note;
use switchover_sdk::prelude::*;

use crate::Role;

/// The keys of the jobs that belong to one procedure and are forgotten when the next one begins.
pub const JOBS: &[&str] = &[
    "alation.split",
    "alation.master_mode",
    "alation.add_slaves",
    "alation.kvstore_copy",
    "alation.postgres_replicate",
    "alation.kafka_sync",
    "alation.backup",
    "alation.query_scheduling",
];

/// What one host remembers of the procedure that it is in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    pub role: String,
    pub from_build: String,
    pub from_release: String,
    pub to_build: String,
    pub to_release: String,
    /// Facts from before the update, such as which backup tool was on.
    pub before: Map,
    /// Seconds since 1970, by the host's clock.
    pub begun: u64,
    /// Seconds since 1970, once the pair was seen replicating again.
    pub finished: Option<u64>,
}

impl Record {
    /// Reads the record of this host; `None` when no procedure was ever begun by this user.
    pub fn read(host: &Host) -> Result<Option<Self>, Failure> {
        Ok(note().read(host)?.as_ref().map(Self::from_map))
    }

    /// Writes the record atomically, readable by its owner only.
    pub fn write(&self, host: &Host) -> Result<(), Failure> {
        note().write(host, &self.to_value())
    }

    /// Returns the record as the modules report it.
    pub fn to_value(&self) -> Value {
        json!({
            "role": self.role,
            "from_build": self.from_build,
            "from_release": self.from_release,
            "to_build": self.to_build,
            "to_release": self.to_release,
            "before": self.before,
            "begun": self.begun,
            "finished": self.finished,
        })
    }

    fn from_map(map: &Map) -> Self {
        let text = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self {
            role: text("role"),
            from_build: text("from_build"),
            from_release: text("from_release"),
            to_build: text("to_build"),
            to_release: text("to_release"),
            before: map.get("before").and_then(Value::as_object).cloned().unwrap_or_default(),
            begun: map.get("begun").and_then(Value::as_u64).unwrap_or_default(),
            finished: map.get("finished").and_then(Value::as_u64),
        }
    }

    /// Returns the failure of a host that began this procedure in the other role.
    pub fn contradicts(&self, role: Option<Role>) -> Option<Failure> {
        let declared = role?.word();
        (self.finished.is_none() && !self.role.is_empty() && self.role != declared).then(|| {
            Failure::new(format!(
                "the inventory calls this host the {declared}, but it began this update as the {}",
                self.role
            ))
            .remedy("the roles look swapped: correct alation_primary and alation_secondary in the inventory")
        })
    }
}

fn note() -> Note {
    Note::new("alation/procedure")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_survives_being_written_down() {
        let record = Record {
            role: "primary".into(),
            from_release: "2021.3".into(),
            to_build: "10.0.0.147420".into(),
            before: Map::from_iter([("backup".to_owned(), json!({ "v2": true }))]),
            begun: 7,
            finished: Some(9),
            ..Record::default()
        };
        assert_eq!(Record::from_map(record.to_value().as_object().unwrap()), record);
    }

    #[test]
    fn a_procedure_keeps_its_roles_until_it_is_finished() {
        let record = Record { role: "primary".into(), ..Record::default() };
        assert!(record.contradicts(Some(Role::Secondary)).is_some());
        assert!(record.contradicts(Some(Role::Primary)).is_none());
        assert!(Record { finished: Some(1), ..record }.contradicts(Some(Role::Secondary)).is_none());
    }
}
