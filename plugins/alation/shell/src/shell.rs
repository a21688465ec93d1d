use switchover_sdk::prelude::*;

use crate::{Settings, ShellMode, access, quote};

const BEGIN: &str = "@@switchover-begin@@";
const END: &str = "@@switchover-end@@";

/// The Alation shell of one host: turns a command line into a program for the host, and its output back.
#[derive(Clone, Debug)]
pub struct Shell {
    prefix: String,
    mode: ShellMode,
    read_timeout: u64,
}

/// What a command in the Alation shell said and how it ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ran {
    pub rc: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Shell {
    /// Returns the shell that the settings describe.
    pub fn new(settings: &Settings) -> Self {
        Self {
            prefix: settings.shell_prefix(),
            mode: settings.shell_mode,
            read_timeout: settings.read_timeout,
        }
    }

    /// Returns the program that runs one command line in the shell. `input` is what the command may read; without it
    /// the command reads nothing, and it never gets a terminal.
    pub fn command(&self, line: &str, input: Option<&str>) -> Command {
        match self.mode {
            ShellMode::Argument => {
                let command = Command::shell(format!("{} {}", self.prefix, quote(line)));
                match input {
                    Some(input) => command.stdin(input),
                    None => command,
                }
            }
            ShellMode::Stdin => Command::shell(self.prefix.clone()).stdin(script(line, input)),
        }
    }

    /// Returns the program for a command line that changes nothing.
    pub fn reading(&self, line: &str) -> Command {
        self.command(line, None).reads().timeout(self.read_timeout)
    }

    /// Runs one command line and waits for it.
    pub fn run(&self, host: &Host, command: &Command) -> Result<Ran, Failure> {
        let output = host.exec(command)?;
        let ran = self.read(output.rc, &output.stdout.to_text(), &output.stderr.to_text());
        if output.timed_out {
            let line = command.display();
            return Err(Failure::new(format!("`{line}` did not end within {} seconds", self.read_timeout))
                .with("stdout", ran.stdout)
                .with("stderr", ran.stderr));
        }
        match access::explain(&ran) {
            Some(failure) => Err(failure),
            None => Ok(ran),
        }
    }

    /// Takes the command's own output and exit code out of what the shell wrote.
    pub fn read(&self, rc: i32, stdout: &str, stderr: &str) -> Ran {
        let whole = || Ran { rc, stdout: stdout.to_owned(), stderr: stderr.to_owned() };
        if self.mode == ShellMode::Argument {
            return whole();
        }
        let Some((_, rest)) = stdout.split_once(BEGIN) else {
            return Ran { rc: if rc == 0 { 1 } else { rc }, ..whole() };
        };
        let rest = rest.strip_prefix('\n').unwrap_or(rest);
        match rest.rsplit_once(END) {
            Some((own, end)) => Ran {
                rc: end.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(rc),
                stdout: own.strip_suffix('\n').unwrap_or(own).to_owned(),
                stderr: stderr.to_owned(),
            },
            None => {
                Ran { rc: if rc == 0 { 1 } else { rc }, stdout: rest.to_owned(), stderr: stderr.to_owned() }
            }
        }
    }

    /// Returns the part of the output so far that the command itself wrote.
    pub fn own_output<'a>(&self, stdout: &'a str) -> &'a str {
        if self.mode == ShellMode::Argument {
            return stdout;
        }
        let own = stdout.split_once(BEGIN).map_or("", |(_, rest)| rest.trim_start_matches('\n'));
        own.split_once(END).map_or(own, |(own, _)| own)
    }
}

/// Builds the input of an interactive shell. The marks are put together by `printf`, so that a shell that echoes what
/// it reads does not show them early; everything is on one line, so that prompts stay outside of the marks.
fn script(line: &str, input: Option<&str>) -> String {
    let run = match input {
        Some(input) => format!("printf %s {} | {line}", quote(input)),
        None => format!("{line} </dev/null"),
    };
    format!(
        "printf '\\n@@switchover-%s@@\\n' begin; {run}; printf '\\n@@switchover-%s@@ %s\\n' end \"$?\"; exit\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(arguments: Value) -> Shell {
        Shell::new(&Settings::parse(arguments.as_object().unwrap()).unwrap())
    }

    #[test]
    fn a_command_is_one_argument_of_the_prefix() {
        let command = shell(json!({ "shell": "in-shell -c" })).command("alation_conf a -s 'b c'", None);
        assert_eq!(command.display(), r"in-shell -c 'alation_conf a -s '\''b c'\'''");
    }

    #[test]
    fn an_interactive_shell_is_read_between_the_marks() {
        let shell = shell(json!({ "shell_mode": "stdin" }));
        let noise = "Welcome\n(env) PROD [alation @ip /]$ \n@@switchover-begin@@\n";
        let ran = shell.read(0, &format!("{noise}a.b = c\n\n@@switchover-end@@ 3\nexit\n"), "");
        assert_eq!(ran, Ran { rc: 3, stdout: "a.b = c\n".into(), stderr: String::new() });
    }

    #[test]
    fn a_shell_that_never_ran_the_command_is_not_a_success() {
        let shell = shell(json!({ "shell_mode": "stdin" }));
        assert_eq!(shell.read(0, "no such service\n", "").rc, 1);
        assert_eq!(shell.read(0, "@@switchover-begin@@\nhalf", "").rc, 1);
    }

    #[test]
    fn the_marks_are_not_in_the_text_that_is_sent() {
        let sent = script("alation_action x", Some("YES\n"));
        assert!(!sent.contains(BEGIN));
        assert!(!sent.contains(END));
        assert!(sent.contains("printf %s 'YES\n' | alation_action x"));
    }

    #[test]
    fn a_real_shell_runs_the_script() {
        let script = script("sh -c 'cat; echo o; exit 7'", Some("in\n"));
        let output = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
        let shell = shell(json!({ "shell_mode": "stdin" }));
        let ran = shell.read(0, &String::from_utf8(output.stdout).unwrap(), "");
        assert_eq!(ran, Ran { rc: 7, stdout: "in\no\n".into(), stderr: String::new() });
    }
}
