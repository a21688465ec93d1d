use switchover_sdk::prelude::*;

use crate::command::{RETURNS, look_first, no_command, with_input};
use crate::condition::Condition;
use crate::report::Report;

#[derive(Params)]
pub struct ShellParams {
    /// The text that the shell gets.
    pub _raw_params: Option<String>,
    /// The same, by name.
    pub cmd: Option<String>,
    #[param(flatten)]
    pub condition: Condition,
    /// Another shell than `/bin/sh`, by its absolute path.
    pub executable: Option<HostPath>,
    /// Text for standard input.
    pub stdin: Option<String>,
    /// Ends the standard input with a newline.
    #[param(default = true)]
    pub stdin_add_newline: bool,
    /// Removes empty lines at the end of the output.
    #[param(default = true)]
    pub strip_empty_ends: bool,
    /// What only `command` takes: a shell replaces variables itself.
    #[param(refused = "the shell replaces variables itself; `command` takes it")]
    pub expand_argument_vars: Option<bool>,
}

pub struct Shell;

impl Module for Shell {
    type Params = ShellParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.shell",
        aliases: &["shell"],
        summary: "Runs text in a shell, with pipes and redirections.",
        free_form: true,
        one_exec: true,
        mutually_exclusive: &[&["_raw_params", "cmd"]],
        required_one_of: &[&["_raw_params", "cmd"]],
        examples: &[
            ("A pipe", "shell: ls /tmp | wc -l"),
            ("Another shell", "shell: { cmd: set -o pipefail; false | cat, executable: /bin/bash }"),
        ],
        returns: RETURNS,
        ..Spec::DEFAULT
    };

    fn check(params: &ShellParams, host: &Host) -> Result<Delta, Failure> {
        look_first(&params.condition, &json!(params.text()?), host)
    }

    fn apply(params: &ShellParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let text = params.text()?;
        let command = match &params.executable {
            Some(shell) => Command::shell_in(text, &**shell),
            None => Command::shell(text),
        };
        let command =
            with_input(command, params.condition.chdir.as_deref(), &params.stdin, params.stdin_add_newline);
        Report { cmd: json!(text), strip_empty_ends: params.strip_empty_ends }.run(&command, host)
    }
}

impl ShellParams {
    fn text(&self) -> Result<&str, Failure> {
        let text = self.cmd.as_deref().or(self._raw_params.as_deref()).unwrap_or_default();
        if text.trim().is_empty() { Err(no_command()) } else { Ok(text) }
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Shell>(env!("CARGO_MANIFEST_DIR"));
        examples::<Shell>();
    }
}
