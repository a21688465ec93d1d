use postgres_server::{Lsn, sql};
use switchover_sdk::prelude::*;

use crate::ReplicationParams;

const QUESTION: &str = "SELECT CASE WHEN pg_is_in_recovery() THEN json_build_object('in_recovery', true,
  'state', (SELECT status FROM pg_stat_wal_receiver),
  'from', (SELECT sender_host || ':' || sender_port FROM pg_stat_wal_receiver),
  'replayed', pg_last_wal_replay_lsn(),
  'lag', greatest(pg_wal_lsn_diff(greatest((SELECT latest_end_lsn FROM pg_stat_wal_receiver), pg_last_wal_receive_lsn()),
    pg_last_wal_replay_lsn()), 0)::bigint,
  'lag_seconds', CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
    ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp())::float8 END)
ELSE json_build_object('in_recovery', false,
  'standbys', (SELECT coalesce(json_agg(json_build_object('name', application_name, 'state', state, 'sync', sync_state,
    'lag', greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::bigint,
    'lag_seconds', extract(epoch FROM replay_lag)::float8) ORDER BY application_name), '[]')
    FROM pg_stat_replication WHERE state <> 'backup' AND replay_lsn IS NOT NULL)) END";

/// One look at the replication of a server.
pub struct View {
    facts: Value,
    state: Option<String>,
    lag: Option<u64>,
    pub seconds: Option<f64>,
    /// Why there is no lag to tell.
    missing: String,
    /// Several standbys are there, and none was named: waiting does not change that.
    pub ambiguous: bool,
}

impl View {
    pub fn look(host: &Host, params: &ReplicationParams) -> Result<Self, Failure> {
        let facts = sql::json(host, &params.settings, QUESTION)?;
        Ok(if facts["in_recovery"] == json!(true) {
            Self::of_standby(facts)
        } else {
            Self::of_primary(facts, params.standby.as_deref())
        })
    }

    fn of_standby(facts: Value) -> Self {
        let state = facts["state"].as_str().map(str::to_owned);
        let lag = facts["lag"].as_u64().filter(|_| state.is_some());
        let seconds = facts["lag_seconds"].as_f64();
        Self {
            state,
            lag,
            seconds,
            missing: "this standby receives from nobody".to_owned(),
            ambiguous: false,
            facts,
        }
    }

    fn of_primary(facts: Value, wanted: Option<&str>) -> Self {
        let standbys = facts["standbys"].as_array().cloned().unwrap_or_default();
        let names: Vec<&str> = standbys.iter().filter_map(|standby| standby["name"].as_str()).collect();
        let found = match wanted {
            Some(name) => standbys.iter().find(|standby| standby["name"] == name),
            None => standbys.first().filter(|_| standbys.len() == 1),
        };
        let missing = match (wanted, names.is_empty()) {
            (_, true) => "no standby is connected".to_owned(),
            (Some(name), false) => {
                format!("no standby with the name {name} is connected (but {})", names.join(", "))
            }
            (None, false) => {
                format!("several standbys are connected ({}): name one with `standby`", names.join(", "))
            }
        };
        let of = |key: &str| found.map_or(&Value::Null, |standby| &standby[key]);
        let (state, lag) = (of("state").as_str().map(str::to_owned), of("lag").as_u64());
        let ambiguous = wanted.is_none() && names.len() > 1;
        Self { state, lag, seconds: of("lag_seconds").as_f64(), missing, ambiguous, facts }
    }

    /// Returns the bytes that a standby which really streams is behind.
    pub fn lag(&self) -> Option<u64> {
        self.lag.filter(|_| self.state.as_deref() == Some("streaming"))
    }

    /// Returns the bytes before this place that are not replayed; 0 once the place is behind.
    pub fn before(&self, place: Lsn) -> Option<u64> {
        let replayed: Lsn = self.facts["replayed"].as_str()?.parse().ok()?;
        // The place is where the last record begins, so the end of what was replayed is past it.
        Some((place.0 + 1).saturating_sub(replayed.0))
    }

    /// Returns it in words.
    pub fn said(&self) -> String {
        match (&self.state, self.lag) {
            (Some(state), Some(lag)) => {
                let seconds = self.seconds.map_or_else(String::new, |seconds| format!(", {seconds:.1} s"));
                format!("{state}, {lag} bytes behind{seconds}")
            }
            _ => self.missing.clone(),
        }
    }

    pub fn to_value(&self) -> Value {
        let standby = self.facts["in_recovery"] == json!(true);
        json!({
            "role": if standby { "standby" } else { "primary" },
            "state": self.state.as_deref().unwrap_or("none"),
            "lag": self.lag.map_or(-1, |lag| i64::try_from(lag).unwrap_or(i64::MAX)),
            "lag_seconds": self.seconds,
            "replayed": self.facts["replayed"],
            "from": self.facts["from"],
            "standbys": self.facts["standbys"],
            "said": self.said(),
        })
    }
}
