use switchover_sdk::prelude::*;

use crate::clock::{Clock, Times};

/// What was run, as the result shows it, and how its output is tidied.
pub struct Report {
    /// Words of a `command`, text of a `shell`.
    pub cmd: Value,
    pub strip_empty_ends: bool,
}

impl Report {
    /// Runs a program and reports it with Ansible's keys; an exit code other than 0 is a failure.
    pub fn run(&self, command: &Command, host: &Host) -> Result<Outcome, Failure> {
        let clock = Clock::start();
        let output = host.exec(command)?;
        self.outcome(&output, command.folder(), &clock.after(output.waited_us).stop())
    }

    fn outcome(&self, output: &ExecOutput, folder: Option<&str>, times: &Times) -> Result<Outcome, Failure> {
        if let Some(failure) = self.not_found(output) {
            return Err(failure);
        }
        if self.no_folder(output, folder) {
            return Err(self.unstarted("Unable to change directory before execution."));
        }
        let mut result = streams(output, self.strip_empty_ends);
        result.insert("cmd".into(), self.cmd.clone());
        result.insert("start".into(), json!(times.start));
        result.insert("end".into(), json!(times.end));
        result.insert("delta".into(), json!(times.delta));
        verdict(output, result)
    }

    /// Returns whether the shell could not enter the folder, and so never came to the program.
    fn no_folder(&self, output: &ExecOutput, folder: Option<&str>) -> bool {
        let said = output.stderr.to_text();
        let one_line = said.trim_end().lines().count() == 1 && said.contains("cd: ");
        output.rc != 0
            && output.stdout.0.is_empty()
            && one_line
            && folder.is_some_and(|folder| said.contains(folder))
    }

    /// The failure of a program that was never started.
    fn unstarted(&self, msg: &str) -> Failure {
        let keys = ["rc", "start", "end", "delta"].map(|key| (key.to_owned(), Value::Null));
        let mut result = streams(&ExecOutput::default(), true);
        result.extend(keys);
        Failure::new(msg).with_result(result).with("cmd", self.cmd.clone())
    }

    /// A shell says with 127 that a program is not there, and with 126 that it cannot be run; Ansible tells
    /// these apart from programs that end so.
    fn not_found(&self, output: &ExecOutput) -> Option<Failure> {
        let program = self.cmd.as_array()?.first()?.as_str()?;
        let said = output.stderr.to_text();
        let said = said.trim_end();
        let (rc, why) = match output.rc {
            127 if said.ends_with("not found") || said.ends_with("No such file or directory") => {
                (2, "is not")
            }
            126 if said.ends_with("ermission denied") => (13, "cannot be run"),
            _ => return None,
        };
        if said.contains('\n') || !said.contains(program) || !output.stdout.0.is_empty() {
            return None;
        }
        let words: Vec<&str> = self.cmd.as_array()?.iter().filter_map(Value::as_str).collect();
        let failure = Failure::new("Error executing command.")
            .remedy(format!("`{program}` {why} on the host's PATH: {said}"))
            .with("cmd", words.join(" "))
            .with("rc", rc)
            .with("changed", false);
        Some(failure.with_result(streams(&ExecOutput::default(), true)).with("rc", rc))
    }
}

/// Returns `rc`, `stdout`, `stderr` and their lines.
pub fn streams(output: &ExecOutput, strip: bool) -> Map {
    let tidy = |text: String| if strip { text.trim_end_matches(['\r', '\n']).to_owned() } else { text };
    let (stdout, stderr) = (tidy(output.stdout.to_text()), tidy(output.stderr.to_text()));
    let mut result = Map::new();
    result.insert("rc".into(), json!(output.rc));
    result.insert("stdout_lines".into(), json!(lines(&stdout)));
    result.insert("stderr_lines".into(), json!(lines(&stderr)));
    result.insert("stdout".into(), json!(stdout));
    result.insert("stderr".into(), json!(stderr));
    result
}

/// Splits text where Python's `splitlines` does, as far as programs write such ends.
fn lines(text: &str) -> Vec<&str> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    if text.is_empty() {
        Vec::new()
    } else {
        text.split('\n').map(|line| line.trim_end_matches('\r')).collect()
    }
}

/// Returns an outcome, or the failure of a program that ended with another exit code than 0.
pub fn verdict(output: &ExecOutput, mut result: Map) -> Result<Outcome, Failure> {
    if output.timed_out {
        result.insert("changed".into(), json!(true));
        return Err(Failure::new("the time limit ended the command").with_result(result));
    }
    if output.rc != 0 {
        result.insert("changed".into(), json!(true));
        return Err(Failure::new("non-zero return code").with_result(result));
    }
    result.insert("msg".into(), json!(""));
    Ok(Outcome { changed: true, result, ..Outcome::default() })
}
