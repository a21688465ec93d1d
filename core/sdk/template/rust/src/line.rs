use switchover_sdk::prelude::*;

#[derive(Params)]
pub struct LineParams {
    /// The line, without its end.
    line: String,
    /// The file. It is made when it is missing.
    #[param(alias = "dest")]
    path: HostPath,
    /// Whether the line should be there.
    #[param(default = "present")]
    state: State,
}

#[derive(Choice, Clone, Copy)]
enum State {
    Present,
    Absent,
}

/// Keeps a line in a file, or out of it.
pub struct Line;

impl Module for Line {
    type Params = LineParams;
    const SPEC: Spec = Spec {
        name: "@MODULE@.line",
        summary: "Keeps a line in a file, or out of it.",
        examples: &[
            ("Greet whoever logs in", "@MODULE@.line: { path: /etc/motd, line: Welcome }"),
            ("Take it back", "@MODULE@.line: { path: /etc/motd, line: Welcome, state: absent }"),
        ],
        returns: &[("path", "the file")],
        ..Spec::DEFAULT
    };

    /// Looks and says what would change. The host refuses every write here.
    fn check(params: &LineParams, host: &Host) -> Result<Delta, Failure> {
        if params.line.contains('\n') {
            return Err(Failure::arguments("`line` is more than one line"));
        }
        let before = match host.stat(&params.path)? {
            Some(_) => host.read(&params.path)?.to_text(),
            None => String::new(),
        };
        let after = wanted(&before, params);
        if before == after {
            return Ok(Delta::none_with(json!({ "path": *params.path })));
        }
        // What `check` found is handed to `apply`.
        Ok(Delta::change(&*params.path, before, after.clone()).with_state(json!(after)))
    }

    /// Makes the change that `check` found.
    fn apply(params: &LineParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        host.write(&params.path, delta.state().as_str().unwrap_or_default())?;
        Ok(Outcome::changed(json!({ "path": *params.path })))
    }
}

/// Returns the content that the file should have.
fn wanted(before: &str, params: &LineParams) -> String {
    let is_other = |line: &&str| *line != params.line;
    let mut lines: Vec<&str> = before.lines().collect();
    match params.state {
        State::Present if lines.iter().all(|line| is_other(line)) => lines.push(&params.line),
        State::Present => {}
        State::Absent => lines.retain(is_other),
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, LocalHost, cases, examples};

    use super::*;

    #[test]
    fn cases_hold() {
        cases::<Line>(env!("CARGO_MANIFEST_DIR"));
    }

    #[test]
    fn examples_are_tasks() {
        examples::<Line>();
    }

    #[test]
    fn works_on_real_files() {
        let host = LocalHost::new();
        let path = host.file("etc/motd", "Hello\n");
        let arguments = json!({ "path": path, "line": "Welcome" });
        assert!(host.run::<Line>(arguments.clone()).unwrap().changed);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "Hello\nWelcome\n");
        assert!(!host.run::<Line>(arguments).unwrap().changed);
    }

    #[test]
    fn passes_on_what_the_host_says() {
        let host = FakeHost::new().file("/etc/motd", "").fault("/etc/motd", "Permission denied");
        let failure = host.run::<Line>(json!({ "path": "/etc/motd", "line": "x" })).unwrap_err();
        assert!(failure.msg.contains("Permission denied"), "{}", failure.msg);
    }
}
