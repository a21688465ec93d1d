use switchover_sdk::prelude::*;

use super::login::Login;
use crate::client;

/// Parts the answers to several statements. Programs do not write it.
pub const MARK: char = '\u{1e}';

/// One statement that changes something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub sql: String,
    /// What results show: no secret.
    pub shown: String,
}

impl Statement {
    /// Returns a statement that may be shown.
    pub fn new(sql: impl Into<String>) -> Self {
        let sql = sql.into();
        Self { shown: sql.clone(), sql }
    }
}

/// Returns the statements as results show them.
pub fn shown(statements: &[Statement]) -> Value {
    json!(statements.iter().map(|statement| &statement.shown).collect::<Vec<_>>())
}

impl Login {
    /// Gives text to psql and returns what it wrote, or why it could not: the text is ours, its values are quoted.
    pub fn psql(&self, database: &str, text: &str, reads: bool, host: &Host) -> Result<String, Failure> {
        let output = self.try_psql(database, text, reads, host)?;
        match output.rc {
            0 => Ok(output.stdout.to_text()),
            rc => Err(Failure::new(format!("Database query failed: {}", said(&output)))
                .with("rc", rc)
                .with("stderr", output.stderr.to_text())),
        }
    }

    /// As [`Login::psql`], for a caller who knows what to say about a statement that failed.
    pub fn try_psql(
        &self,
        database: &str,
        text: &str,
        reads: bool,
        host: &Host,
    ) -> Result<ExecOutput, Failure> {
        let fixed = ["-X", "-w", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-", "-d"];
        let mut arguments: Vec<String> = fixed.map(str::to_owned).to_vec();
        arguments.push(self.conninfo(database)?);
        let role = match &self.session_role {
            Some(role) => format!("SET SESSION ROLE {};\n", crate::sql::Dialect::Postgres.identifier(role)),
            None => String::new(),
        };
        let command = self.program(r#"exec "$0" "$@""#, "psql", &arguments, &format!("{role}{text}\n"))?;
        let command = if reads { command.reads() } else { command };
        let output = host.exec(&command)?;
        if let Some(failure) = client::missing("psql", &output) {
            return Err(failure);
        }
        if output.rc == 2 {
            let stderr = output.stderr.to_text();
            let why = stderr.trim().trim_start_matches("psql: ").trim_start_matches("error: ");
            return Err(
                Failure::new(format!("unable to connect to database: {why}")).with("stderr", stderr.clone())
            );
        }
        Ok(output)
    }

    /// Reads one value of JSON; null when there is no row.
    pub fn read(&self, database: &str, query: &str, host: &Host) -> Result<Value, Failure> {
        let said = self.psql(database, &format!("{query};"), true, host)?;
        match said.trim() {
            "" => Ok(Value::Null),
            text => json(text),
        }
    }

    /// Runs statements that change something, each on its own.
    pub fn run(&self, database: &str, statements: &[Statement], host: &Host) -> Result<(), Failure> {
        let text: Vec<String> = statements.iter().map(|statement| format!("{};\n", statement.sql)).collect();
        self.psql(database, &text.concat(), false, host).map(drop)
    }
}

/// Reads JSON that the server wrote.
pub fn json(text: &str) -> Result<Value, Failure> {
    text.parse().map_err(|error| Failure::new(format!("the server's answer is no JSON ({error}): {text}")))
}

/// Returns what the server said of a statement that failed, without the place in our own text.
pub fn said(output: &ExecOutput) -> String {
    let stderr = output.stderr.to_text();
    let text = match stderr.split_once("ERROR:  ") {
        Some((_, text)) => text,
        None => &stderr,
    };
    text.trim_end().to_owned()
}
