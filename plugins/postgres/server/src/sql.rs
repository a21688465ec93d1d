//! Statements for the server of a data directory.

use switchover_sdk::prelude::*;

use crate::{Settings, script};

/// Runs statements that change nothing, and returns what the last one printed.
pub fn ask(host: &Host, settings: &Settings, statements: &str) -> Result<String, Failure> {
    let command = script(settings, "reach; ask", settings.db_password.as_ref(), statements);
    run(host, settings, statements, command.reads().timeout(settings.read_timeout))
}

/// Runs statements that change something; `timeout` in seconds.
pub fn execute(host: &Host, settings: &Settings, statements: &str, timeout: u64) -> Result<String, Failure> {
    let command = script(settings, "reach; ask", settings.db_password.as_ref(), statements).timeout(timeout);
    run(host, settings, statements, command)
}

/// Runs a statement that returns one JSON value.
pub fn json(host: &Host, settings: &Settings, statement: &str) -> Result<Value, Failure> {
    let text = ask(host, settings, statement)?;
    text.trim()
        .parse()
        .map_err(|_| Failure::new(format!("the server's answer cannot be read: {}", text.trim())))
}

fn run(host: &Host, settings: &Settings, statements: &str, command: Command) -> Result<String, Failure> {
    let output = host.exec(&command)?;
    if output.rc == 0 && !output.timed_out {
        return Ok(output.stdout.to_text());
    }
    let said = output.stderr.to_text();
    let what = statements.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
    let failure = if output.timed_out {
        Failure::new(format!("the server of {} did not answer in time ({what})", settings.data))
    } else {
        Failure::new(format!("the server of {} refused ({what}): {}", settings.data, complaint(&said)))
    };
    Err(failure.with("rc", output.rc).with("stderr", said))
}

/// Returns the line of `psql` that says what is wrong.
pub fn complaint(said: &str) -> &str {
    let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines().find(|line| ["ERROR:", "FATAL:", "error:"].iter().any(|word| line.contains(word)));
    let line = line.or_else(|| lines().next_back()).unwrap_or("it said nothing");
    ["FATAL:", "ERROR:"].iter().find_map(|word| line.split_once(word)).map_or(line, |(_, rest)| rest.trim())
}

/// Returns text as a literal of SQL.
pub fn literal(text: &str) -> String {
    if text.contains('\\') {
        return format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"));
    }
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_cannot_be_left() {
        assert_eq!(literal("a'; DROP"), "'a''; DROP'");
        assert_eq!(literal(r"a\'b"), r"E'a\\''b'");
    }

    #[test]
    fn the_complaint_is_the_line_that_matters() {
        let said = "psql:<stdin>:1: ERROR:  slot \"a\" does not exist\nLINE 1: x\n";
        assert_eq!(complaint(said), "slot \"a\" does not exist");
        assert_eq!(complaint(""), "it said nothing");
    }
}
