//! `alation_conf`: reading and setting keys.

use std::collections::BTreeMap;

use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, HostReply};

use crate::{Ran, Shell, access, quote_if_needed, secret};

/// Returns the value of a key in what `alation_conf` printed. Only the line whose left side is the whole key counts,
/// since a part of a key may match several; the value begins after the first ` = `.
pub fn value_of(key: &str, printed: &str) -> Option<String> {
    printed.lines().find_map(|line| {
        let line = line.trim_end_matches('\r');
        let (left, right) = match line.split_once(" = ") {
            Some(pair) => pair,
            None => (line.trim_end().strip_suffix('=')?, ""),
        };
        (left.trim() == key).then(|| right.trim().to_owned())
    })
}

/// Returns whether two values mean the same: `alation_conf` takes `true` and prints `True`.
pub fn same_value(left: &str, right: &str) -> bool {
    let boolean = |text: &str| text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
    left == right || (boolean(left) && left.eq_ignore_ascii_case(right))
}

/// Reads keys, all in one round trip; a key that the host does not know is absent from the answer.
pub fn read(host: &Host, shell: &Shell, keys: &[&str]) -> Result<BTreeMap<String, String>, Failure> {
    let calls = keys
        .iter()
        .map(|key| reading_call(shell, &format!("alation_conf {}", quote_if_needed(key))))
        .collect();
    let mut values = BTreeMap::new();
    for (key, reply) in keys.iter().zip(host.many(calls)?) {
        let HostReply::Exec(output) = reply else {
            return Err(Failure::new("the host side gave an answer of the wrong kind"));
        };
        let ran = shell.read(output.rc, &output.stdout.to_text(), &output.stderr.to_text());
        if let Some(failure) = access::explain(&ran) {
            return Err(failure);
        }
        if output.timed_out {
            return Err(Failure::new(format!("reading {key} did not end in time"))
                .remedy("see whether the Alation services answer, or raise alation_read_timeout"));
        }
        if let Some(value) = value_of(key, &ran.stdout) {
            values.insert((*key).to_owned(), value);
        }
    }
    Ok(values)
}

/// Reads one key that must be there.
pub fn read_one(host: &Host, shell: &Shell, key: &str) -> Result<String, Failure> {
    let command = shell.reading(&format!("alation_conf {}", quote_if_needed(key)));
    let ran = shell.run(host, &command)?;
    value_of(key, &ran.stdout).ok_or_else(|| no_value(key, &ran))
}

/// Sets one key, and reads it back.
pub fn set(host: &Host, shell: &Shell, key: &str, value: &str) -> Result<(), Failure> {
    let line = format!("alation_conf {} -s {}", quote_if_needed(key), quote_if_needed(value));
    let command = shell.command(&line, None);
    let ran = shell.run(host, &command)?;
    let shown = secret::masked(key, value);
    if ran.rc != 0 {
        let last = last_line(&ran);
        return Err(Failure::new(format!(
            "setting {key} to {shown} ended with exit code {}: {last}",
            ran.rc
        ))
        .with("rc", ran.rc)
        .with("stdout", secret::masked_lines(&ran.stdout))
        .with("stderr", ran.stderr));
    }
    let now = read_one(host, shell, key)?;
    if same_value(&now, value) {
        return Ok(());
    }
    let now = secret::masked(key, &now).to_owned();
    Err(Failure::new(format!("{key} was set to {shown}, but reads {now} afterwards")).with("value", now))
}

fn reading_call(shell: &Shell, line: &str) -> HostCall {
    HostCall::Exec(shell.reading(line).into_exec())
}

fn no_value(key: &str, ran: &Ran) -> Failure {
    let last = last_line(ran);
    Failure::new(format!("alation_conf told no value of {key}: {last}"))
        .remedy("check the key's name, and that alation_shell leads into the Alation shell")
        .with("rc", ran.rc)
        .with("stdout", secret::masked_lines(&ran.stdout))
        .with("stderr", ran.stderr.clone())
}

fn last_line(ran: &Ran) -> String {
    let said = if ran.stderr.trim().is_empty() { &ran.stdout } else { &ran.stderr };
    let line = said.trim_end().rsplit('\n').next().unwrap_or_default();
    if line.is_empty() { "it printed nothing".to_owned() } else { secret::masked_lines(line) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_key_counts() {
        let printed = "alation.install.base_url = https://a/b\nbase_url = x\n";
        assert_eq!(value_of("base_url", printed).unwrap(), "x");
        assert_eq!(value_of("url", printed), None);
    }

    #[test]
    fn a_value_may_hold_equal_signs_and_be_empty() {
        assert_eq!(value_of("a.b", "a.b = x = y\n").unwrap(), "x = y");
        assert_eq!(value_of("a.b", "a.b = \n").unwrap(), "");
        assert_eq!(value_of("a.b", "a.b =\n").unwrap(), "");
    }

    #[test]
    fn noise_around_the_answer_is_ignored() {
        let printed = "Last login: Mon\r\nalation.cluster.replication_mode = standalone\r\n$ ";
        assert_eq!(value_of("alation.cluster.replication_mode", printed).unwrap(), "standalone");
    }

    #[test]
    fn booleans_are_the_same_in_any_case() {
        assert!(same_value("True", "true"));
        assert!(!same_value("True", "False"));
        assert!(!same_value("Master", "master"));
    }
}
