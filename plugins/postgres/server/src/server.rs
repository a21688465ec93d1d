use switchover_sdk::prelude::*;

use crate::{ControlData, Lsn, Settings, Version, script, sql};

/// What a data directory and the server on it say of themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct Server {
    pub state: State,
    /// The version of the programs on the disk.
    pub installed: Option<Version>,
    /// The version that the data directory is of.
    pub data_major: Option<u32>,
    pub control: Option<ControlData>,
    /// It will start as a standby.
    pub standby_signal: bool,
    /// A copy that was not started yet.
    pub backup_label: bool,
    /// A rewind began here and did not end.
    pub half_rewound: bool,
    /// What the running server answers.
    pub live: Option<Live>,
}

/// Where a data directory stands.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// There is no such folder, or it is empty.
    Absent,
    /// The folder holds something else.
    Foreign,
    Stopped,
    /// A server runs and does not answer questions; with what it said.
    Silent(String),
    Running,
}

/// The answer of a running server.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    pub in_recovery: bool,
    pub version: String,
    pub timeline: u32,
    /// Written by a primary; replayed by a standby.
    pub lsn: String,
    pub facts: Map,
}

/// What a server is in its pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Role {
    Primary,
    Standby,
    Stopped,
    /// A server runs and does not answer.
    Silent,
    /// There is no data.
    Absent,
}

const LOOK: &str = r#"
printf '\n@@installed\n'; postgres --version
printf '\n@@data\n'
if [ -r "$DATA/PG_VERSION" ]; then cat "$DATA/PG_VERSION"
elif [ ! -e "$DATA" ]; then echo absent
elif ! ls -A "$DATA" >/dev/null; then exit 1
elif [ -z "$(ls -A "$DATA")" ]; then echo absent
else echo foreign; fi
printf '\n@@signals\n'
for name in standby.signal backup_label; do [ -e "$DATA/$name" ] && echo "$name"; done
[ -e "$DATA.rewinding" ] && echo rewinding
printf '\n@@control\n'; [ -e "$DATA/PG_VERSION" ] && pg_controldata -D "$DATA"
printf '\n@@answer\n'
if [ -e "$DATA/PG_VERSION" ] && pg_ctl status -D "$DATA" >/dev/null 2>&1; then
  reach
  if answer=$(printf '%s' "$QUESTION" | ask 2>&1); then printf '%s\n' "$answer"; else printf 'silent %s\n' "$answer"; fi
else
  echo down
fi
true
"#;

const QUESTION: &str = "SELECT json_build_object(
  'in_recovery', pg_is_in_recovery(),
  'version', current_setting('server_version'),
  'timeline', CASE WHEN pg_is_in_recovery()
    THEN coalesce((SELECT received_tli FROM pg_stat_wal_receiver), (SELECT timeline_id FROM pg_control_checkpoint()))
    ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END,
  'lsn', CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
  'size', (SELECT sum(pg_database_size(oid)) FROM pg_database),
  'sessions', (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()),
  'receiver', (SELECT status FROM pg_stat_wal_receiver),
  'slots', (SELECT coalesce(json_agg(json_build_object('name', slot_name, 'type', slot_type, 'active', active) ORDER BY slot_name), '[]')
    FROM pg_replication_slots WHERE NOT temporary),
  'archiving', (SELECT json_build_object('mode', current_setting('archive_mode'), 'command', current_setting('archive_command'),
    'archived', archived_count, 'failed', failed_count,
    'failing', coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false)) FROM pg_stat_archiver),
  'pending_restart', (SELECT coalesce(json_agg(name ORDER BY name), '[]') FROM pg_settings WHERE pending_restart))";

impl Server {
    /// Looks, in one round trip.
    pub fn look(host: &Host, settings: &Settings) -> Result<Self, Failure> {
        let command = script(settings, LOOK, settings.db_password.as_ref(), "").env("QUESTION", QUESTION);
        let command = command.reads().timeout(settings.read_timeout);
        let output = host.exec(&command)?;
        let (stdout, stderr) = (output.stdout.to_text(), output.stderr.to_text());
        if output.rc == 0 && !output.timed_out {
            return Self::read(&stdout);
        }
        let failure =
            Failure::new(format!("{} cannot be looked at: {}", settings.data, sql::complaint(&stderr)));
        let remedy = match output.rc {
            127 => "set `bin` (postgres_bin) to the folder that holds pg_controldata",
            _ => "connect as, or become, the user who owns the data directory (become_user: postgres)",
        };
        Err(failure.remedy(remedy).with("rc", output.rc).with("stderr", stderr))
    }

    fn read(text: &str) -> Result<Self, Failure> {
        let part = |name: &str| {
            let rest = text.split_once(&format!("@@{name}\n")).map_or("", |(_, rest)| rest);
            rest.split("\n@@").next().unwrap_or_default().trim()
        };
        let data = part("data");
        let answer = part("answer");
        let signals = part("signals");
        let has = |name: &str| signals.lines().any(|line| line == name);
        let live = if answer.starts_with('{') { Some(Live::read(answer)?) } else { None };
        Ok(Self {
            state: match (data, answer) {
                ("absent", _) => State::Absent,
                ("foreign", _) => State::Foreign,
                (_, "down") => State::Stopped,
                _ if live.is_some() => State::Running,
                (_, said) => State::Silent(sql::complaint(said.trim_start_matches("silent ")).to_owned()),
            },
            installed: Version::find(part("installed")),
            data_major: data.parse().ok(),
            control: ControlData::read(part("control")),
            standby_signal: has("standby.signal"),
            backup_label: has("backup_label"),
            half_rewound: has("rewinding"),
            live,
        })
    }

    /// Returns what the server is now.
    pub fn role(&self) -> Role {
        match (&self.state, &self.live) {
            (State::Running, Some(live)) if live.in_recovery => Role::Standby,
            (State::Running, _) => Role::Primary,
            (State::Stopped, _) => Role::Stopped,
            (State::Silent(_), _) => Role::Silent,
            (State::Absent | State::Foreign, _) => Role::Absent,
        }
    }

    /// Returns the role in which a stopped server would start, and a running one runs.
    pub fn bent(&self) -> Role {
        match self.role() {
            Role::Stopped | Role::Silent if self.standby_signal => Role::Standby,
            Role::Stopped | Role::Silent => Role::Primary,
            role => role,
        }
    }

    /// Returns the identifier that all servers of one pair share; empty without data.
    pub fn system_identifier(&self) -> &str {
        self.control.as_ref().map_or("", |control| control.system_identifier.as_str())
    }

    /// Returns the timeline; 0 without data.
    pub fn timeline(&self) -> u32 {
        let control = self.control.as_ref().map_or(0, |control| control.timeline);
        self.live.as_ref().map_or(control, |live| live.timeline)
    }

    /// Returns the place up to which a running server has written or replayed.
    pub fn lsn(&self) -> Option<Lsn> {
        self.live.as_ref().and_then(|live| live.lsn.parse().ok())
    }

    /// Returns the return keys that the modules share.
    pub fn to_value(&self) -> Value {
        let control = self.control.clone().unwrap_or_default();
        let live = self.live.as_ref();
        let fact = |name: &str, without: Value| {
            live.and_then(|live| live.facts.get(name)).cloned().unwrap_or(without)
        };
        json!({
            "role": self.role().word(),
            "would_be": self.bent().word(),
            "said": if let State::Silent(said) = &self.state { said.as_str() } else { "" },
            "version": live.map_or("", |live| live.version.as_str()),
            "installed": self.installed.as_ref().map_or("", |version| version.text.as_str()),
            "major": self.data_major,
            "system_identifier": control.system_identifier,
            "timeline": self.timeline(),
            "lsn": live.map_or("", |live| live.lsn.as_str()),
            "clean": control.is_clean(),
            "checkpoint": control.checkpoint,
            "can_rewind": control.can_rewind,
            "half_rewound": self.half_rewound,
            "size": fact("size", json!(0)),
            "sessions": fact("sessions", json!(0)),
            "slots": fact("slots", json!([])),
            "archiving": fact("archiving", json!({})),
            "pending_restart": fact("pending_restart", json!([])),
        })
    }
}

impl Live {
    fn read(text: &str) -> Result<Self, Failure> {
        let facts: Map = text
            .parse::<Value>()
            .ok()
            .and_then(|value| value.as_object().cloned())
            .ok_or_else(|| Failure::new(format!("the server's answer cannot be read: {text}")))?;
        let word = |key: &str| facts.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self {
            in_recovery: facts.get("in_recovery") == Some(&json!(true)),
            version: Version::find(&word("version")).map_or_else(|| word("version"), |version| version.text),
            timeline: facts
                .get("timeline")
                .and_then(Value::as_u64)
                .and_then(|n| n.try_into().ok())
                .unwrap_or(0),
            lsn: word("lsn"),
            facts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTROL: &str = "Database system identifier:           77\nDatabase cluster state:               shut down\n\
        Latest checkpoint location:           0/3000028\nLatest checkpoint's TimeLineID:       1\n";

    fn read(signals: &str, answer: &str) -> Server {
        let text = format!(
            "\n@@installed\npostgres (PostgreSQL) 15.18\n\n@@data\n15\n\n@@signals\n{signals}\n@@control\n{CONTROL}\n@@answer\n{answer}\n"
        );
        Server::read(&text).unwrap()
    }

    #[test]
    fn a_running_server_is_what_it_answers() {
        let server = read(
            "",
            r#"{"in_recovery": true, "version": "15.17 (Debian)", "timeline": 3, "lsn": "0/4000000"}"#,
        );
        assert_eq!((server.role(), server.bent(), server.timeline()), (Role::Standby, Role::Standby, 3));
        assert_eq!(server.to_value()["version"], "15.17");
        assert_eq!(server.to_value()["installed"], "15.18");
    }

    #[test]
    fn a_stopped_server_is_told_by_what_it_would_become() {
        assert_eq!(read("", "down").bent(), Role::Primary);
        let server = read("standby.signal\nbackup_label\n", "down");
        assert_eq!((server.role(), server.bent(), server.backup_label), (Role::Stopped, Role::Standby, true));
        assert_eq!((server.system_identifier(), server.timeline()), ("77", 1));
    }

    #[test]
    fn a_server_that_does_not_answer_is_neither_up_nor_down() {
        let server =
            read("", "silent psql: error: connection failed: FATAL:  the database system is starting up");
        assert_eq!(server.role(), Role::Silent);
        assert_eq!(server.to_value()["said"], "the database system is starting up");
    }

    #[test]
    fn an_empty_folder_has_no_server() {
        let server =
            Server::read("\n@@installed\n\n@@data\nabsent\n\n@@signals\n\n@@control\n\n@@answer\ndown\n")
                .unwrap();
        assert_eq!((server.role(), server.system_identifier()), (Role::Absent, ""));
    }
}
