use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, HostReply, quote};

use crate::condition::Condition;
use crate::report::{streams, verdict};
use crate::split::next_word;

#[derive(Params)]
pub struct ScriptParams {
    /// The script on the controller (searched in `files`), and its arguments as a shell reads them.
    pub _raw_params: Option<String>,
    /// The same, by name.
    pub cmd: Option<String>,
    #[param(flatten)]
    pub condition: Condition,
    /// A program that runs the script, instead of the one in its first line.
    pub executable: Option<String>,
    /// Decrypts a script that is encrypted with a vault; `false` runs it as it is.
    #[param(default = true)]
    pub decrypt: bool,
}

pub struct Script;

impl Module for Script {
    type Params = ScriptParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.script",
        aliases: &["script"],
        summary: "Copies a script of the controller to the host and runs it there.",
        free_form: true,
        mutually_exclusive: &[&["_raw_params", "cmd"]],
        required_one_of: &[&["_raw_params", "cmd"]],
        examples: &[
            ("With arguments", "script: install.sh --force"),
            ("Once only", "script: { cmd: install.sh, creates: /opt/product }"),
        ],
        returns: &[("rc", "the exit code"), ("stdout", "what it wrote"), ("stderr", "its errors")],
        ..Spec::DEFAULT
    };

    fn check(params: &ScriptParams, host: &Host) -> Result<Delta, Failure> {
        let (source, _) = params.split()?;
        host.controller_file(&source, Some("files"))?;
        match params.condition.idle(host)? {
            Some(idle) => Ok(Delta::none_with(idle.skipped())),
            // What has a condition would run, and that is known.
            None if host.about.check_mode && params.condition.is_given() => {
                Ok(Delta::changes(vec![Change { what: source, ..Change::default() }]))
            }
            None if host.about.check_mode => {
                let msg = "Check mode is not supported for this task.";
                Ok(Delta::none_with(json!({ "skipped": true, "msg": msg })))
            }
            None => Ok(Delta::unknown()),
        }
    }

    fn apply(params: &ScriptParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let (source, arguments) = params.split()?;
        let file = host.controller_file(&source, Some("files"))?;
        if file.is_dir {
            return Err(Failure::new(format!("{} is a folder, not a script", file.path)));
        }
        let content = match params.decrypt {
            true => host.controller_plain(&file.path)?,
            false => host.controller_read(&file.path)?,
        };
        let folder = private_folder();
        let name = file.path.rsplit('/').next().unwrap_or("script");
        let path = format!("{folder}/{name}");
        let program = params.executable.clone().or_else(|| interpreter(&content.0));
        let text = [program.as_deref().unwrap_or_default(), &quote(&path), &arguments].join(" ");
        let mut command = Command::shell(text.trim()).live();
        if let Some(folder) = &params.condition.chdir {
            command = command.cwd(&**folder);
        }
        let write = WriteFile {
            path,
            content: Content::Inline(content),
            attributes: mode("0700"),
            backup: false,
            validate: None,
            follow: false,
        };
        let output = run_once(&folder, write, command, host)?;
        let mut outcome = verdict(&output, streams(&output, false))?;
        outcome.result.shift_remove("msg");
        Ok(outcome)
    }
}

impl ScriptParams {
    /// Returns the script's path and the text after it.
    fn split(&self) -> Result<(String, String), Failure> {
        let text = self.cmd.as_deref().or(self._raw_params.as_deref()).unwrap_or_default().trim();
        match next_word(text).map_err(|error| Failure::arguments(error.to_string()))? {
            Some((source, end)) => Ok((source, text[end..].trim().to_owned())),
            None => Err(Failure::arguments("no script given")),
        }
    }
}

/// Makes the folder, puts the script there, runs it and removes all, in one round trip.
fn run_once(folder: &str, write: WriteFile, command: Command, host: &Host) -> Result<ExecOutput, Failure> {
    let remove = HostCall::Remove { path: folder.to_owned(), recursive: true };
    let calls = vec![
        HostCall::Mkdir { path: folder.to_owned(), attributes: mode("0700") },
        HostCall::Write(write),
        HostCall::Exec(command.into_exec()),
        remove.clone(),
    ];
    let replies = match host.many(calls) {
        Ok(replies) => replies,
        Err(failure) => {
            // What could not be written must not stay either; the first failure is the one to tell.
            let _ = host.done(remove);
            return Err(failure);
        }
    };
    match replies.into_iter().nth(2) {
        Some(HostReply::Exec(output)) => Ok(output),
        other => Err(Failure::new(format!("the host did not say how the script ended: {other:?}"))),
    }
}

fn mode(mode: &str) -> Attributes {
    Attributes { mode: Some(mode.to_owned()), ..Attributes::default() }
}

/// Returns what the first line of a script names, so that it also runs where `/tmp` forbids programs.
fn interpreter(content: &[u8]) -> Option<String> {
    let line = content.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?.trim();
    let (program, argument) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let argument = argument.trim();
    let words: Vec<String> = [program, argument].iter().filter(|w| !w.is_empty()).map(|w| quote(w)).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Returns a path that nobody can guess.
fn private_folder() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("/tmp/.switchover-{:016x}{:016x}", random(), random())
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    fn ran(script: &str, arguments: Value) -> (FakeHost, Result<Outcome, Failure>) {
        let output = ExecOutput { stdout: "hi\n".into(), ..ExecOutput::default() };
        let host = FakeHost::new().controller_file("/play/files/s.sh", script).script("/s.sh", output);
        let outcome = host.run::<Script>(arguments);
        (host, outcome)
    }

    fn text(host: &FakeHost) -> String {
        let calls = host.calls();
        let many =
            calls.iter().find_map(|call| if let HostCall::Many(m) = call { Some(m) } else { None }).unwrap();
        let HostCall::Exec(exec) = &many[2] else { panic!("no program") };
        let switchover_sdk::Program::Shell { text, .. } = &exec.program else { panic!("no shell") };
        text.split("/tmp/.switchover-").next().unwrap().to_owned() + text.rsplit('/').next().unwrap()
    }

    #[test]
    fn runs_the_script_with_its_interpreter_and_leaves_nothing_behind() {
        let (host, outcome) = ran("#!/bin/bash -e\nexit 0\n", json!({ "_raw_params": "s.sh 'a b' $HOME" }));
        assert_eq!(outcome.unwrap().result["stdout_lines"], json!(["hi"]));
        assert_eq!(text(&host), "'/bin/bash' '-e' 's.sh' 'a b' $HOME");
        assert_eq!(host.round_trips(), 1);
    }

    #[test]
    fn an_executable_comes_before_the_first_line() {
        let (host, _) = ran("#!/bin/sh\n", json!({ "cmd": "s.sh", "executable": "python3 -u" }));
        assert_eq!(text(&host), "python3 -u 's.sh'");
    }

    #[test]
    fn says_what_it_skipped() {
        let host = FakeHost::new()
            .controller_file("/play/files/s.sh", "x")
            .script("there()", ExecOutput { stdout: "exists\n".into(), ..ExecOutput::default() });
        let outcome = host.run::<Script>(json!({ "cmd": "s.sh", "creates": "/etc" })).unwrap();
        assert_eq!(outcome.result["msg"], "/etc exists, matching creates option");
        assert_eq!(outcome.result["skipped"], true);
        examples::<Script>();
    }
}
