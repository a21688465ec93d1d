/// What `pg_controldata` tells of a data directory, whether its server runs or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ControlData {
    pub system_identifier: String,
    /// `in production`, `shut down`, `in archive recovery`, `shut down in recovery`...
    pub state: String,
    /// Where the latest checkpoint begins; after a clean end this is the last record.
    pub checkpoint: String,
    pub timeline: u32,
    /// Up to where a standby has to replay to be consistent; empty for a primary.
    pub replayed_at_least: String,
    /// Whether `pg_rewind` can work: hint bits are logged or pages have checksums.
    pub can_rewind: bool,
}

impl ControlData {
    /// Reads the lines; `None` when they are not those of a control file.
    pub fn read(text: &str) -> Option<Self> {
        let value = |key: &str| {
            text.lines()
                .find_map(|line| line.split_once(':').filter(|(left, _)| *left == key))
                .map(|(_, v)| v.trim())
        };
        let on = |key: &str, off: &str| value(key).is_some_and(|value| value != off);
        Some(Self {
            system_identifier: value("Database system identifier")?.to_owned(),
            state: value("Database cluster state")?.to_owned(),
            checkpoint: value("Latest checkpoint location")?.to_owned(),
            timeline: value("Latest checkpoint's TimeLineID")?.parse().ok()?,
            replayed_at_least: value("Minimum recovery ending location").unwrap_or_default().to_owned(),
            can_rewind: on("wal_log_hints setting", "off") || on("Data page checksum version", "0"),
        })
    }

    /// Returns whether the server was ended in order, so that its last checkpoint is its last word.
    pub fn is_clean(&self) -> bool {
        self.state.starts_with("shut down")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "pg_control version number:            1300\n\
        Database system identifier:           7412345678901234567\n\
        Database cluster state:               shut down in recovery\n\
        Latest checkpoint location:           0/3000028\n\
        Latest checkpoint's TimeLineID:       2\n\
        wal_log_hints setting:                off\n\
        Data page checksum version:           1\n";

    #[test]
    fn a_control_file_is_read() {
        let control = ControlData::read(TEXT).unwrap();
        assert_eq!(control.system_identifier, "7412345678901234567");
        assert_eq!((control.timeline, control.checkpoint.as_str()), (2, "0/3000028"));
        assert!(control.can_rewind && control.is_clean());
    }

    #[test]
    fn without_checksums_and_hints_there_is_no_rewind() {
        let control =
            ControlData::read(&TEXT.replace("version:           1", "version:           0")).unwrap();
        assert!(!control.can_rewind);
    }

    #[test]
    fn anything_else_is_no_control_file() {
        assert_eq!(ControlData::read("pg_controldata: error: could not open file"), None);
    }
}
