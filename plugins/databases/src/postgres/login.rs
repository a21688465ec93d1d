use switchover_sdk::prelude::*;

use crate::client;

/// How a task logs in to a PostgreSQL server.
#[derive(Params)]
pub struct Login {
    /// Who logs in.
    #[param(default = "postgres", alias = "login")]
    pub login_user: String,
    /// The password. It goes to psql by standard input and its environment, never on a command line.
    #[param(secret, default = "")]
    pub login_password: Secret,
    /// The host of the server; its socket without it.
    #[param(default = "", alias = "host")]
    pub login_host: String,
    /// The port of the server.
    #[param(default = 5432, alias = "port")]
    pub login_port: u16,
    /// The folder of the socket, when `login_host` is empty or `localhost`.
    #[param(default = "", alias = "unix_socket")]
    pub login_unix_socket: String,
    /// How much TLS must be there.
    #[param(
        default = "prefer",
        choices("allow", "disable", "prefer", "require", "verify-ca", "verify-full")
    )]
    pub ssl_mode: String,
    /// A file with the authorities that may have signed the server's certificate.
    #[param(alias = "ssl_rootcert")]
    pub ca_cert: Option<String>,
    /// A file with the client's certificate.
    pub ssl_cert: Option<HostPath>,
    /// A file with the client's key.
    pub ssl_key: Option<HostPath>,
    /// More parameters for libpq. They come before those of the other arguments.
    #[param(default = {})]
    pub connect_params: Map,
    /// The role to act as after the login.
    pub session_role: Option<String>,
    /// Nothing needs trust here: names and values are always quoted.
    #[param(default = true)]
    #[expect(dead_code, reason = "playbooks give it; with quoted input both values mean the same")]
    pub trust_input: bool,
}

impl Login {
    /// Returns the parameters of libpq, without the password.
    pub fn conninfo(&self, database: &str) -> Result<String, Failure> {
        let local = self.login_host.is_empty() || self.login_host == "localhost";
        let host = if local && !self.login_unix_socket.is_empty() {
            &self.login_unix_socket
        } else {
            &self.login_host
        };
        let mut params = Map::new();
        let mut put = |name: &str, value: &str| {
            if !value.is_empty() {
                params.insert(name.to_owned(), json!(value));
            }
        };
        put("host", host);
        put("port", &self.login_port.to_string());
        put("user", &self.login_user);
        put("dbname", database);
        put("sslmode", &self.ssl_mode);
        put("sslrootcert", self.ca_cert.as_deref().unwrap_or_default());
        put("sslcert", self.ssl_cert.as_deref().unwrap_or_default());
        put("sslkey", self.ssl_key.as_deref().unwrap_or_default());
        for (name, value) in &self.connect_params {
            if matches!(name.as_str(), "password" | "sslpassword") {
                return Err(Failure::arguments(format!(
                    "`{name}` among `connect_params` would be visible on a command line"
                ))
                .remedy("give the password as `login_password`"));
            }
            params.insert(name.clone(), value.clone());
        }
        let words = params.iter().map(|(name, value)| format!("{name}={}", conninfo_value(value)));
        Ok(words.collect::<Vec<_>>().join(" "))
    }

    /// Returns a program of PostgreSQL that has the password in its environment. `$0` of `text` is its name, `$1`
    /// and so on are `arguments`; `input` is its standard input.
    pub fn program(
        &self,
        text: &str,
        tool: &str,
        arguments: &[String],
        input: &str,
    ) -> Result<Command, Failure> {
        const PASSWORD: &str = r#"IFS= read -r password
[ -z "$password" ] || { PGPASSWORD=$password; export PGPASSWORD; }
PGCLIENTENCODING=UTF8 PGDATESTYLE=ISO LC_ALL=C.UTF-8; export PGCLIENTENCODING PGDATESTYLE LC_ALL
command -v "$0" >/dev/null 2>&1 || exit 64
"#;
        client::with_password(
            &format!("{PASSWORD}{text}"),
            tool,
            arguments,
            self.login_password.expose(),
            input,
        )
    }
}

fn conninfo_value(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
