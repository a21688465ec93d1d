use postgres_server::{Server, Settings, script, sql};
use switchover_sdk::prelude::*;

/// What starts and stops the server on this host.
#[derive(Params)]
pub struct Control {
    /// What starts and stops it. `pg_ctl` starts it as the connected user; `pg_ctlcluster` is Debian's; `systemd` needs a
    /// user who may run systemctl (see `sudo`).
    #[param(default = "pg_ctl")]
    pub control: Tool,
    /// The name of the cluster, for `pg_ctlcluster` and for the default of `unit`.
    #[param(default = "main")]
    pub cluster: String,
    /// The unit of systemd; `postgresql@MAJOR-CLUSTER` unless given.
    pub unit: Option<String>,
    /// What makes a command run as root, as text for `sh`; for `systemd`.
    #[param(default = "sudo -n")]
    pub sudo: String,
    /// The file that takes what a server started by `pg_ctl` says; beside the data directory unless given.
    pub log: Option<HostPath>,
    /// How sessions are treated when the server stops.
    #[param(default = "fast")]
    pub stop_mode: StopMode,
    /// Seconds that a start or a stop may take.
    #[param(default = 300)]
    pub timeout: u64,
}

#[derive(Choice, Clone, Copy, PartialEq)]
pub enum Tool {
    PgCtl,
    #[param(name = "pg_ctlcluster")]
    PgCtlcluster,
    Systemd,
}

#[derive(Choice, Clone, Copy, PartialEq)]
pub enum StopMode {
    /// Waits until all clients have left.
    Smart,
    Fast,
}

const START: &str = r#"
[ -z "$CONFIG" ] || set -- -o "-c config_file='$CONFIG'"
pg_ctl start -D "$DATA" -w -t "$LIMIT" -l "$LOG" "$@" </dev/null && exit
rc=$?; tail -n 5 "$LOG" >&2; exit $rc
"#;

impl Control {
    /// Starts the server and waits until it answers.
    pub fn start(&self, host: &Host, settings: &Settings, server: &Server) -> Result<(), Failure> {
        let body = match self.control {
            Tool::PgCtl => START.to_owned(),
            Tool::PgCtlcluster => format!("pg_ctlcluster {} \"$CLUSTER\" start </dev/null", major(server)),
            Tool::Systemd => format!("{} systemctl start \"$UNIT\" </dev/null", self.sudo),
        };
        self.run(host, settings, server, &body, "started")
    }

    /// Stops the server and waits for its end.
    pub fn stop(&self, host: &Host, settings: &Settings, server: &Server) -> Result<(), Failure> {
        let body = match self.control {
            Tool::PgCtl => "pg_ctl stop -D \"$DATA\" -w -t \"$LIMIT\" -m \"$MODE\" </dev/null".to_owned(),
            Tool::PgCtlcluster => {
                format!(
                    "pg_ctlcluster {} \"$CLUSTER\" stop -m \"$MODE\" -- -t \"$LIMIT\" </dev/null",
                    major(server)
                )
            }
            Tool::Systemd => format!("{} systemctl stop \"$UNIT\" </dev/null", self.sudo),
        };
        self.run(host, settings, server, &body, "stopped")
    }

    fn run(
        &self,
        host: &Host,
        settings: &Settings,
        server: &Server,
        body: &str,
        what: &str,
    ) -> Result<(), Failure> {
        let log = self.log.as_ref().map_or_else(|| settings.beside("log"), ToString::to_string);
        let unit =
            self.unit.clone().unwrap_or_else(|| format!("postgresql@{}-{}", major(server), self.cluster));
        let command = script(settings, body, None, "")
            .env("CONFIG", settings.config_file.as_deref().unwrap_or_default())
            .env("LIMIT", self.timeout.to_string())
            .env("LOG", log.clone())
            .env("CLUSTER", self.cluster.as_str())
            .env("UNIT", unit)
            .env("MODE", self.stop_mode.word())
            // pg_ctl keeps the limit itself and leaves the server alone when it is over; this one only ends the waiting.
            .timeout(self.timeout + 60);
        let output = host.exec(&command)?;
        if output.rc == 0 {
            return Ok(());
        }
        let (stdout, stderr) = (output.stdout.to_text(), output.stderr.to_text());
        let said = if stderr.trim().is_empty() { &stdout } else { &stderr };
        Err(Failure::new(format!("the server could not be {what}: {}", sql::complaint(said)))
            .remedy(format!("see its log ({log} with pg_ctl); run again when it is mended"))
            .with("rc", output.rc)
            .with("stdout", stdout)
            .with("stderr", stderr))
    }
}

fn major(server: &Server) -> u32 {
    server.data_major.unwrap_or_default()
}
