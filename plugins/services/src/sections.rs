use switchover_sdk::prelude::*;

/// Stands between the sections of a script's output. Programs do not write it.
pub const MARK: char = '\u{1e}';

/// Returns a script for `sh` with its data as `$1`, `$2`...
pub fn script<S: AsRef<str>>(text: &str, arguments: &[S]) -> Command {
    let fixed = ["sh", "-c", text, "sh"].into_iter();
    Command::new(fixed.chain(arguments.iter().map(AsRef::as_ref)).map(str::to_owned))
}

/// What a script said, section by section.
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
        let command = script(text, arguments).reads();
        let output = host.exec(&command)?;
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
        Self(text.split(MARK).map(str::to_owned).collect())
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

/// The exit code by which a script says that its tool is not there.
pub const MISSING: i32 = 64;

/// The failure for a tool that the host does not have.
pub fn missing(tool: &str) -> Failure {
    Failure::new(format!("Failed to find required executable \"{tool}\" on the host"))
        .remedy(format!("install the package that has `{tool}`, or use another module"))
}
