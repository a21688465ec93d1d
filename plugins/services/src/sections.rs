use switchover_sdk::prelude::*;
use switchover_sdk::script::{MISSING, missing, script, sections};

/// What a script said, section by section; for scripts that several modules read parts of.
pub struct Sections(Vec<String>);

impl Sections {
    /// Runs a script that looks. `count` sections must come; the exit code 64 means that `tool` is missing.
    pub fn look<S: AsRef<str>>(
        text: &str,
        arguments: &[S],
        count: usize,
        tool: &str,
        host: &Host,
    ) -> Result<Self, Failure> {
        let output = host.exec(&script(text, arguments).reads())?;
        if output.rc == MISSING {
            return Err(missing(tool));
        }
        let found = Self::split(&output.stdout.to_text());
        if output.rc != 0 || found.0.len() < count {
            let stderr = output.stderr.to_text();
            return Err(Failure::new(format!("the host did not tell how it is: {}", stderr.trim()))
                .with("rc", output.rc)
                .with("stderr", stderr));
        }
        Ok(found)
    }

    /// Splits what a script wrote.
    pub fn split(text: &str) -> Self {
        Self(sections(text).into_iter().map(str::to_owned).collect())
    }

    /// Returns a section; empty when there is none.
    pub fn get(&self, index: usize) -> &str {
        self.0.get(index).map_or("", String::as_str)
    }

    /// Returns a section as a number; -1 when it is none.
    pub fn number(&self, index: usize) -> i64 {
        self.get(index).trim().parse().unwrap_or(-1)
    }
}
