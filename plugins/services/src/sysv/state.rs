use switchover_sdk::prelude::*;

/// What a step of an init script said.
#[derive(Clone, Debug)]
pub struct Ran {
    pub rc: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Reads the end of a program.
    pub fn read(output: &ExecOutput) -> Self {
        Self { rc: output.rc, stdout: output.stdout.to_text(), stderr: output.stderr.to_text() }
    }

    /// Fails when it did; `msg` gets what was said last.
    pub fn or_fail(self, msg: impl Fn(&str) -> String) -> Result<Self, Failure> {
        if self.rc == 0 {
            return Ok(self);
        }
        let said = if self.stderr.trim().is_empty() { &self.stdout } else { &self.stderr };
        Err(Failure::new(msg(said.trim()))
            .with("rc", self.rc)
            .with("stdout", self.stdout.clone())
            .with("stderr", self.stderr.clone()))
    }

    /// Returns it as results of `sysvinit` show a step.
    pub fn shown(step: Option<&Self>) -> Value {
        match step {
            Some(ran) => json!({ "changed": true, "rc": ran.rc, "stdout": ran.stdout, "stderr": ran.stderr }),
            None => json!({ "changed": false, "rc": null, "stdout": null, "stderr": null }),
        }
    }
}

/// Returns whether a service runs, by what its `status` said. Words come first, because the exit codes of init
/// scripts lie more often; `None` when neither tells.
pub fn is_running(name: &str, said: &str, rc: i64) -> Option<bool> {
    let clean = said.to_lowercase().replace(&name.to_lowercase(), "");
    if name == "iptables" && said.contains("ACCEPT") {
        return Some(true);
    }
    if said.matches('\n').count() <= 1 {
        let stopped = ["stop", "is dead ", "dead but ", "could not access pid file", "inactive"];
        if stopped.iter().any(|word| clean.contains(word)) {
            return Some(false);
        }
        if !clean.contains("not ") && ["run", "start", "active"].iter().any(|word| clean.contains(word)) {
            return Some(true);
        }
    }
    match rc {
        0 => Some(true),
        1..=4 | 69 => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_before_the_exit_code() {
        assert_eq!(is_running("x", "x is running\n", 3), Some(true));
        assert_eq!(is_running("x", "x is not running\n", 0), Some(true));
        assert_eq!(is_running("x", "x is not running\n", 3), Some(false));
        assert_eq!(is_running("runit", "runit is dead but pid file exists\n", 0), Some(false));
        assert_eq!(is_running("x", "", 3), Some(false));
        assert_eq!(is_running("x", "a\nb\nstopped\n", 0), Some(true));
        assert_eq!(is_running("x", "", 200), None);
    }
}
