use switchover_sdk::prelude::*;

use super::login::Login;
use crate::client;
use crate::sql::Dialect::Mysql;

/// What a task wants of its session before anything else.
#[derive(Clone, Debug, Default)]
pub struct Session<'a> {
    /// The database to use.
    pub database: Option<&'a str>,
    /// Tries root without a password first.
    pub implicit: bool,
    /// Leaves the changes out of the binary log.
    pub unlogged: bool,
    pub variables: Option<&'a Map>,
    /// More arguments for the client.
    pub arguments: Vec<String>,
}

impl Session<'_> {
    /// Runs statements and returns what the client wrote; `None` of its failures are hidden.
    pub fn run(&self, login: &Login, text: &str, reads: bool, host: &Host) -> Result<String, Failure> {
        let output = self.try_run(login, text, reads, host)?;
        if output.rc == 0 {
            return Ok(output.stdout.to_text());
        }
        Err(Failure::new(said(&output)).with("rc", output.rc).with("stderr", output.stderr.to_text()))
    }

    /// Runs statements, for a caller who knows what to say when one fails.
    pub fn try_run(
        &self,
        login: &Login,
        text: &str,
        reads: bool,
        host: &Host,
    ) -> Result<ExecOutput, Failure> {
        let mut arguments = vec![
            "--batch".to_owned(),
            "--binary-mode".to_owned(),
            "--default-character-set=utf8mb4".to_owned(),
            format!("--connect-timeout={}", login.connect_timeout),
        ];
        arguments.extend(self.arguments.iter().cloned());
        arguments.extend(self.database.map(|database| format!("--database={database}")));
        let run = r#"exec "$tool" --defaults-file=/dev/fd/3 "$@""#;
        let input = format!("{}{text}\n", self.prelude());
        let command = login.program(run, ["mysql", "mariadb"], &arguments, self.implicit, &input)?;
        let output = host.exec(&if reads { command.reads() } else { command })?;
        match client::missing("mysql", &output) {
            Some(failure) => Err(failure),
            None => Ok(output),
        }
    }

    /// Reads rows of JSON, one a line.
    pub fn read(&self, login: &Login, query: &str, host: &Host) -> Result<Vec<Value>, Failure> {
        let session =
            Session { arguments: vec!["--raw".to_owned(), "--skip-column-names".to_owned()], ..self.clone() };
        let said = session.run(login, &format!("{query};"), true, host)?;
        let row = |line: &str| {
            line.parse()
                .map_err(|error| Failure::new(format!("the server's answer is no JSON ({error}): {line}")))
        };
        said.lines().map(row).collect()
    }

    /// Values are quoted with backslashes, so their meaning must be the usual one.
    fn prelude(&self) -> String {
        let mut text = "SET SESSION sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '');\n".to_owned();
        if self.unlogged {
            text.push_str("SET SESSION sql_log_bin = 0;\n");
        }
        for (name, value) in self.variables.into_iter().flatten() {
            text.push_str(&format!("SET SESSION {} = {};\n", Mysql.identifier(name), Mysql.value(value)));
        }
        text
    }
}

/// Returns what the server said, as `(1146, "Table 'a.t' doesn't exist")`.
pub fn said(output: &ExecOutput) -> String {
    let stderr = output.stderr.to_text();
    let line = stderr.lines().find(|line| line.starts_with("ERROR ")).unwrap_or(stderr.trim());
    let number = line.strip_prefix("ERROR ").and_then(|rest| rest.split(' ').next());
    match (number, line.split_once(": ")) {
        (Some(number), Some((_, text))) if number.parse::<u32>().is_ok() => format!("({number}, \"{text}\")"),
        _ => line.to_owned(),
    }
}
