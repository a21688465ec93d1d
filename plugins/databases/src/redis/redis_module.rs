use switchover_sdk::prelude::*;

use super::client::Login;

#[derive(Params)]
pub struct RedisParams {
    /// What is done: a setting is kept, data are thrown away, or the server follows another.
    #[param(choices("config", "flush", "replica", "slave"))]
    pub command: String,
    /// The setting, for `config`.
    pub name: Option<String>,
    /// Its value; sizes may be written as `2M`.
    pub value: Option<String>,
    /// Whether all databases are emptied or one.
    #[param(default = "all")]
    pub flush_mode: FlushMode,
    /// The database that is emptied.
    pub db: Option<u64>,
    /// Whether the server follows another.
    #[param(default = "replica", alias = "slave_mode", choices("master", "replica", "slave"))]
    pub replica_mode: String,
    /// The server that is followed.
    pub master_host: Option<String>,
    /// Its port.
    pub master_port: Option<u16>,
    /// Speaks TLS.
    #[param(default = false)]
    pub tls: bool,
    #[param(flatten)]
    pub login: Login,
}

/// What is emptied.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlushMode {
    All,
    Db,
}

pub struct Redis;

impl Module for Redis {
    type Params = RedisParams;
    const SPEC: Spec = Spec {
        name: "community.general.redis",
        aliases: &["redis"],
        summary: "Keeps a setting of Redis, makes it follow another server, or empties it.",
        description: "Settings are those of the running server (`CONFIG SET`); its file stays as it is.",
        effect: Spec::CHANGES,
        required_if: &[("command", "config", &["name", "value"]), ("flush_mode", "db", &["db"])],
        examples: &[
            ("A setting", "redis: { command: config, name: lua-time-limit, value: 100 }"),
            (
                "Follow a server",
                "community.general.redis: { command: replica, master_host: db1, master_port: 6379 }",
            ),
            ("Follow no more", "redis: { command: replica, replica_mode: master }"),
        ],
        returns: &[("name", "the setting"), ("value", "its value"), ("mode", "whether it follows")],
        ..Spec::DEFAULT
    };

    fn check(params: &RedisParams, host: &Host) -> Result<Delta, Failure> {
        match params.command.as_str() {
            "config" => params.check_config(host),
            "flush" => Ok(Delta::change(params.emptied(), "data", "none").with_result(params.flush_result())),
            _ => params.check_replica(host),
        }
    }

    fn apply(params: &RedisParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, .. } = delta else { return Ok(Outcome::default()) };
        let port = params.master_port.map(|port| port.to_string()).unwrap_or_default();
        let follows = params.replica_mode != "master";
        let to =
            if follows { [params.master_host.as_deref().unwrap_or_default(), &port] } else { ["NO", "ONE"] };
        let (db, command, last) = match (params.command.as_str(), params.flush_mode) {
            ("config", _) => (
                None,
                vec!["CONFIG", "SET", params.name.as_deref().unwrap_or_default()],
                params.value.as_deref(),
            ),
            ("flush", FlushMode::All) => (None, vec!["FLUSHALL"], None),
            ("flush", FlushMode::Db) => (params.db, vec!["FLUSHDB"], None),
            _ => (None, vec!["REPLICAOF", to[0], to[1]], None),
        };
        params.login.run(params.tls, db, &command, last, false, host)?;
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

impl RedisParams {
    fn check_config(&self, host: &Host) -> Result<Delta, Failure> {
        let (name, value) =
            (self.name.as_deref().unwrap_or_default(), self.value.as_deref().unwrap_or_default());
        let said = self.login.ask(self.tls, &["CONFIG", "GET", name], true, host)?;
        let Some((_, now)) = said.split_once('\n') else {
            return Err(Failure::new(format!("Invalid configuration parameter: {name}")));
        };
        let secret = name.ends_with("pass") || name.ends_with("auth");
        let size = bytes(value).map(|bytes| bytes.to_string());
        let value = size.as_deref().unwrap_or(value);
        let result = json!({ "name": name, "value": if secret { "********" } else { value } });
        if now == value {
            return Ok(Delta::none_with(result));
        }
        let (before, after) = if secret { (Value::Null, Value::Null) } else { (json!(now), json!(value)) };
        Ok(Delta::change(name, before, after).with_result(result))
    }

    fn check_replica(&self, host: &Host) -> Result<Delta, Failure> {
        let follows = self.replica_mode != "master";
        if follows && (self.master_host.is_none() || self.master_port.is_none()) {
            let missing = if self.master_host.is_none() { "master_host" } else { "master_port" };
            return Err(Failure::arguments(format!("In replica mode {missing} must be provided")));
        }
        let said = self.login.ask(self.tls, &["INFO", "replication"], true, host)?;
        let fact = |key: &str| {
            said.lines()
                .find_map(|line| line.trim_end().strip_prefix(key)?.strip_prefix(':'))
                .unwrap_or_default()
        };
        let now = match fact("role") {
            "slave" => format!("{}:{}", fact("master_host"), fact("master_port")),
            _ => "none".to_owned(),
        };
        let wanted = match (&self.master_host, self.master_port) {
            (Some(host), Some(port)) if follows => format!("{host}:{port}"),
            _ => "none".to_owned(),
        };
        let mode = if follows {
            json!({ "mode": { "status": "replica", "master_host": self.master_host, "master_port": self.master_port } })
        } else {
            json!({ "mode": "master" })
        };
        if now == wanted {
            return Ok(Delta::none_with(mode));
        }
        Ok(Delta::change("server that is followed", now, wanted).with_result(mode))
    }

    fn emptied(&self) -> String {
        match (self.flush_mode, self.db) {
            (FlushMode::Db, Some(db)) => format!("database {db}"),
            _ => "all databases".to_owned(),
        }
    }

    fn flush_result(&self) -> Value {
        match self.flush_mode {
            FlushMode::All => json!({ "flushed": true }),
            FlushMode::Db => json!({ "flushed": true, "db": self.db }),
        }
    }
}

/// Returns a size in bytes: `2M`, `400mb`, `1k`.
fn bytes(text: &str) -> Option<u64> {
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let power = match unit.to_lowercase().as_str() {
        "k" | "kb" => 1,
        "m" | "mb" => 2,
        "g" | "gb" => 3,
        _ => return None,
    };
    Some(number.parse::<u64>().ok()? * 1024_u64.pow(power))
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Redis>(env!("CARGO_MANIFEST_DIR"));
        examples::<Redis>();
    }
}
