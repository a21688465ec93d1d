use switchover_sdk::prelude::*;

use crate::{Lsn, Settings, script, sql};

/// The other server of a pair, as this host reaches it: by a connection for replication.
#[derive(Params, Clone)]
pub struct Source {
    /// The address of the other server, as this host reaches it.
    pub source_host: String,
    /// Its port.
    #[param(default = 5432)]
    pub source_port: u16,
    /// The user for replication.
    #[param(default = "replicator")]
    pub source_user: String,
    /// The password file (mode 0600) on this host; without it libpq looks at ~/.pgpass. Passwords are given in no other way.
    pub source_passfile: Option<HostPath>,
}

/// What a server tells everybody who may replicate from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub system_identifier: String,
    pub timeline: u32,
    pub in_recovery: bool,
}

const IDENTIFY: &str = r#"
PGCONNECT_TIMEOUT=10; export PGCONNECT_TIMEOUT
ask -F ' ' -d "$SOURCE" -c IDENTIFY_SYSTEM -c 'SHOW in_hot_standby' </dev/null
"#;

const HISTORY: &str = r#"
PGCONNECT_TIMEOUT=10; export PGCONNECT_TIMEOUT
ask -F ' ' -d "$SOURCE" -c "TIMELINE_HISTORY $TIMELINE" </dev/null
"#;

impl Source {
    /// Returns the connection string, with further keywords.
    pub fn conninfo(&self, more: &[(&str, &str)]) -> String {
        let port = self.source_port.to_string();
        let mut words = vec![
            ("host", self.source_host.as_str()),
            ("port", port.as_str()),
            ("user", self.source_user.as_str()),
        ];
        words.extend(self.source_passfile.as_ref().map(|path| ("passfile", &**path)));
        words.extend(more);
        words
            .iter()
            .map(|(key, value)| format!("{key}={}", conninfo_value(value)))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Returns `host:port`, for messages.
    pub fn place(&self) -> String {
        format!("{}:{}", self.source_host, self.source_port)
    }

    /// Asks the other server who it is; the inner error says why it does not answer.
    pub fn identify(&self, host: &Host, settings: &Settings) -> Result<Result<Identity, String>, Failure> {
        let command = script(settings, IDENTIFY, None, "")
            .env("SOURCE", self.conninfo(&[("replication", "true")]))
            .reads()
            .timeout(settings.read_timeout);
        let output = host.exec(&command)?;
        if output.rc != 0 || output.timed_out {
            return Ok(Err(sql::complaint(&output.stderr.to_text()).to_owned()));
        }
        let text = output.stdout.to_text();
        Ok(Identity::read(&text).ok_or_else(|| format!("its answer cannot be read: {}", text.trim())))
    }

    /// Asks where the timelines before `timeline` ended; empty when the other server does not tell.
    pub fn history(
        &self,
        host: &Host,
        settings: &Settings,
        timeline: u32,
    ) -> Result<Vec<(u32, Lsn)>, Failure> {
        let command = script(settings, HISTORY, None, "")
            .env("SOURCE", self.conninfo(&[("replication", "true")]))
            .env("TIMELINE", timeline.to_string())
            .reads()
            .timeout(settings.read_timeout);
        let output = host.exec(&command)?;
        Ok(if output.rc == 0 { history(&output.stdout.to_text()) } else { Vec::new() })
    }

    /// As [`Source::identify`], and it must be a primary of this system; `mine` is empty where there is no data yet.
    pub fn primary(
        &self,
        host: &Host,
        settings: &Settings,
        mine: &str,
        doing: &str,
    ) -> Result<Identity, Failure> {
        let place = self.place();
        let identity = self.identify(host, settings)?.map_err(|why| {
            cluster_kit::refuse(doing, &format!("needs the primary at {place}, which does not answer: {why}"))
                .remedy("see that it runs, that pg_hba.conf lets the user for replication in, and source_host, source_port, source_passfile")
        })?;
        if identity.in_recovery {
            return Err(cluster_kit::refuse(
                doing,
                &format!("needs a primary, and the server at {place} is a standby"),
            )
            .remedy("the roles look swapped: correct the inventory"));
        }
        if !mine.is_empty() && mine != identity.system_identifier {
            let theirs = &identity.system_identifier;
            return Err(cluster_kit::refuse(
                doing,
                &format!("needs a primary of the same system: {place} has the system identifier {theirs}, this data directory {mine}"),
            )
            .remedy("this is another cluster: correct source_host and source_port, or the data directory"));
        }
        Ok(identity)
    }
}

impl Identity {
    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let mut words = lines.next()?.split_whitespace();
        Some(Self {
            system_identifier: words.next()?.to_owned(),
            timeline: words.next()?.parse().ok()?,
            in_recovery: lines.next()?.trim() == "on",
        })
    }
}

/// Reads a history file, with its name in front of the first line: `00000002.history 1\t0/3000148\tno recovery target`.
fn history(text: &str) -> Vec<(u32, Lsn)> {
    let ended = |line: &str| {
        let mut words = line.split_whitespace().skip_while(|word| word.ends_with(".history"));
        Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
    };
    text.lines().filter_map(ended).collect()
}

/// Quotes a value of a connection string by libpq's rules.
fn conninfo_value(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:%".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\\', r"\\").replace('\'', r"\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_string_holds_any_value() {
        let arguments = json!({ "source_host": "db-a", "source_user": "it's me", "source_passfile": "/p" });
        let source = Source::parse(arguments.as_object().unwrap()).unwrap();
        let text = source.conninfo(&[("application_name", "b")]);
        assert_eq!(text, r"host=db-a port=5432 user='it\'s me' passfile=/p application_name=b");
    }

    #[test]
    fn a_history_tells_where_timelines_ended() {
        let text = "00000003.history 1\t0/3000148\tno recovery target specified\n\n2\t0/50000A0\tno recovery target specified\n";
        assert_eq!(history(text), [(1, Lsn(0x300_0148)), (2, Lsn(0x500_00A0))]);
        assert_eq!(history("# a word\n"), []);
    }

    #[test]
    fn an_identity_is_read() {
        let identity = Identity::read("7412 3 0/5000060 \noff\n").unwrap();
        assert_eq!(identity, Identity { system_identifier: "7412".into(), timeline: 3, in_recovery: false });
        assert_eq!(Identity::read("7412 3 0/5000060 \n"), None);
    }
}
