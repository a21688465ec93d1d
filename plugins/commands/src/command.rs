use switchover_sdk::Level;
use switchover_sdk::prelude::*;

use crate::condition::Condition;
use crate::report::Report;
use crate::split::split;

#[derive(Params)]
pub struct CommandParams {
    /// The program and its arguments as text: split at blanks, with quotes, without the features of a shell.
    pub _raw_params: Option<String>,
    /// The same, by name.
    pub cmd: Option<String>,
    /// The program and its arguments as a list.
    pub argv: Option<Vec<String>>,
    #[param(flatten)]
    pub condition: Condition,
    /// What `shell` takes. A command needs no shell: it is left out, with a warning, as Ansible does.
    pub executable: Option<String>,
    /// Text for the program's standard input.
    pub stdin: Option<String>,
    /// Ends the standard input with a newline.
    #[param(default = true)]
    pub stdin_add_newline: bool,
    /// Removes empty lines at the end of the output.
    #[param(default = true)]
    pub strip_empty_ends: bool,
    /// Replaces `$NAME` and a leading `~` in arguments.
    #[param(default = true)]
    pub expand_argument_vars: bool,
}

pub struct CommandModule;

impl Module for CommandModule {
    type Params = CommandParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.command",
        aliases: &["command"],
        summary: "Runs a program, without a shell.",
        free_form: true,
        one_exec: true,
        mutually_exclusive: &[&["_raw_params", "cmd", "argv"]],
        required_one_of: &[&["_raw_params", "cmd", "argv"]],
        examples: &[
            ("Look", "command: uptime"),
            ("Once only", "command: { cmd: make install, chdir: /src, creates: /usr/local/bin/tool }"),
            ("Arguments with blanks", "command: { argv: [touch, /tmp/a b] }"),
        ],
        returns: RETURNS,
        ..Spec::DEFAULT
    };

    fn check(params: &CommandParams, host: &Host) -> Result<Delta, Failure> {
        let cmd = json!(params.words()?);
        look_first(&params.condition, &cmd, host)
    }

    fn apply(params: &CommandParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let words = params.words()?;
        if params.executable.is_some() {
            host.log(
                Level::Warning,
                "the parameter 'executable' is no longer supported with the 'command' module and is left out",
            )?;
        }
        let command = if params.expand_argument_vars {
            Command::expanding(words.clone())
        } else {
            Command::new(words.clone())
        };
        let command =
            with_input(command, params.condition.chdir.as_deref(), &params.stdin, params.stdin_add_newline);
        Report { cmd: json!(words), strip_empty_ends: params.strip_empty_ends }.run(&command, host)
    }
}

/// Return keys of `command` and `shell`.
pub const RETURNS: &[(&str, &str)] = &[
    ("cmd", "what was run: a list for `command`, text for `shell`"),
    ("rc", "the exit code; 128 + N when signal N ended the program"),
    ("stdout", "what it wrote; `stdout_lines` as a list"),
    ("stderr", "its errors; `stderr_lines` as a list"),
    ("start", "when it began, by the controller's clock; `end`, `delta`"),
    ("msg", "`non-zero return code`, or why it did not run"),
];

impl CommandParams {
    fn words(&self) -> Result<Vec<String>, Failure> {
        let words = match (&self.argv, self.cmd.as_ref().or(self._raw_params.as_ref())) {
            (Some(argv), _) => argv.clone(),
            (None, Some(text)) => split(text).map_err(|error| Failure::arguments(error.to_string()))?,
            (None, None) => Vec::new(),
        };
        if words.is_empty() { Err(no_command()) } else { Ok(words) }
    }
}

/// The failure of a task that names no program.
pub fn no_command() -> Failure {
    Failure::arguments("no command given")
}

/// Answers `check` for a program: only `creates` and `removes` can tell beforehand.
pub fn look_first(condition: &Condition, cmd: &Value, host: &Host) -> Result<Delta, Failure> {
    if let Some(idle) = condition.idle(host)? {
        return Ok(Delta::none_with(idle.result(cmd, host.about.check_mode)));
    }
    if !host.about.check_mode {
        return Ok(Delta::unknown());
    }
    // Tasks that read the result in check mode find a program that said nothing.
    let result = json!({
        "cmd": cmd, "rc": 0, "start": null, "end": null, "delta": null, "stdout": "", "stderr": "",
        "stdout_lines": [], "stderr_lines": [], "msg": "Command would have run if not in check mode",
    });
    if condition.is_given() {
        return Ok(Delta::changes(Vec::new()).with_result(result));
    }
    Ok(Delta::none_with(result).with_result(json!({ "skipped": true })))
}

/// Adds folder, input and live output.
pub fn with_input(command: Command, chdir: Option<&str>, stdin: &Option<String>, newline: bool) -> Command {
    let command = match chdir {
        Some(folder) => command.cwd(folder),
        None => command,
    };
    let command = match stdin {
        Some(text) if newline => command.stdin(format!("{text}\n")),
        Some(text) => command.stdin(text.as_str()),
        None => command,
    };
    command.live()
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<CommandModule>(env!("CARGO_MANIFEST_DIR"));
        examples::<CommandModule>();
    }

    #[test]
    fn measures_how_long_it_took() {
        let host = FakeHost::new().command("true", 0, "");
        let outcome = host.run::<CommandModule>(json!({ "_raw_params": "true" })).unwrap();
        assert!(outcome.result["delta"].as_str().unwrap().starts_with("0:00:0"));
        assert_eq!(outcome.result["start"].as_str().unwrap().len(), "2026-11-23 03:21:32.487930".len());
    }
}
