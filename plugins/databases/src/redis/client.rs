use switchover_sdk::prelude::*;

use crate::client;

/// How a task logs in to a Redis server. Whether TLS is used is said by each module, because their defaults differ.
#[derive(Params)]
pub struct Login {
    /// The host of the server.
    #[param(default = "localhost")]
    pub login_host: String,
    /// The port of the server.
    #[param(default = 6379)]
    pub login_port: u16,
    /// Who logs in, where the server knows users.
    pub login_user: Option<String>,
    /// The password. It goes to the client by standard input and its environment, never on a command line.
    #[param(secret)]
    pub login_password: Option<Secret>,
    /// Checks the server's certificate.
    #[param(default = true)]
    pub validate_certs: bool,
    /// A file with the authorities that may have signed the server's certificate.
    pub ca_certs: Option<HostPath>,
    /// A file with the client's certificate.
    pub client_cert_file: Option<HostPath>,
    /// A file with the client's key.
    pub client_key_file: Option<HostPath>,
}

/// `$0` is redis-cli. The password is the first line of the input; the rest is the command's last argument.
const RUN: &str = r#"IFS= read -r REDISCLI_AUTH; [ -n "$REDISCLI_AUTH" ] && export REDISCLI_AUTH || unset REDISCLI_AUTH
tool=$0; command -v "$tool" >/dev/null 2>&1 || tool=valkey-cli; command -v "$tool" >/dev/null 2>&1 || exit 64
last=$1; shift
if [ "$last" = x ]; then exec "$tool" -x "$@"; else exec "$tool" "$@" </dev/null; fi"#;

/// How many seconds a server has to answer a question: one that speaks no TLS never answers to it.
const PATIENCE: u64 = 30;

impl Login {
    /// Runs one command and returns what the server answered, as text.
    pub fn ask(&self, tls: bool, command: &[&str], reads: bool, host: &Host) -> Result<String, Failure> {
        self.run(tls, None, command, None, reads, host)
    }

    /// Runs a command, in a database, with a last argument that comes by standard input: it may hold anything.
    pub fn run(
        &self,
        tls: bool,
        db: Option<u64>,
        command: &[&str],
        last: Option<&str>,
        reads: bool,
        host: &Host,
    ) -> Result<String, Failure> {
        let mut arguments = vec![if last.is_some() { "x" } else { "" }.to_owned()];
        arguments.extend(self.options(tls));
        if let Some(db) = db {
            arguments.extend(["-n".to_owned(), db.to_string()]);
        }
        arguments.extend(command.iter().map(|word| (*word).to_owned()));
        let password = self.login_password.as_ref().map(Secret::expose).unwrap_or_default();
        let run = client::with_password(RUN, "redis-cli", &arguments, password, last.unwrap_or_default())?;
        let output = host.exec(&if reads { run.reads().timeout(PATIENCE) } else { run })?;
        if output.timed_out {
            let failure =
                Failure::new(format!("unable to connect to database: no answer in {PATIENCE} seconds"));
            return Err(failure
                .remedy("say `tls: false` where the server speaks no TLS, or `tls: true` where it does"));
        }
        if let Some(failure) = client::missing("redis-cli", &output) {
            return Err(failure);
        }
        let (stdout, stderr) = (output.stdout.to_text(), output.stderr.to_text());
        let refused = [stderr.as_str(), &stdout].into_iter().find(|said| said.contains("Could not connect"));
        if let Some(said) = refused {
            return Err(
                Failure::new(format!("unable to connect to database: {}", said.trim())).with("stderr", said)
            );
        }
        // With `-e` the client ends with 1 for an error of the server.
        if output.rc != 0 {
            let said = if stderr.trim().is_empty() { &stdout } else { &stderr };
            return Err(Failure::new(said.trim().to_owned()).with("rc", output.rc));
        }
        Ok(stdout.strip_suffix('\n').unwrap_or(&stdout).to_owned())
    }

    fn options(&self, tls: bool) -> Vec<String> {
        let mut words: Vec<String> =
            ["-e", "--raw", "-h", &self.login_host, "-p"].map(str::to_owned).to_vec();
        words.push(self.login_port.to_string());
        if let Some(user) = &self.login_user {
            words.extend(["--user".to_owned(), user.clone()]);
        }
        if tls {
            words.push("--tls".to_owned());
            words.extend((!self.validate_certs).then(|| "--insecure".to_owned()));
            let files = [
                ("--cacert", &self.ca_certs),
                ("--cert", &self.client_cert_file),
                ("--key", &self.client_key_file),
            ];
            for (flag, file) in files {
                words.extend(file.iter().flat_map(|file| [flag.to_owned(), file.0.clone()]));
            }
        }
        words
    }
}
