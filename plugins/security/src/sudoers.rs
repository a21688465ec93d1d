use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, HostReply};

#[derive(Params)]
pub struct SudoersParams {
    /// The rule, and the name of its file.
    pub name: String,
    /// Whether the rule is there.
    #[param(default = "present")]
    pub state: State,
    /// Who may.
    pub user: Option<String>,
    /// Whose members may.
    pub group: Option<String>,
    /// The commands, with their full paths, or `ALL`.
    pub commands: Option<Vec<String>>,
    /// The host that the rule is for.
    #[param(default = "ALL")]
    pub host: String,
    /// As whom the commands run.
    pub runas: Option<String>,
    /// Asks for no password.
    #[param(default = true)]
    pub nopassword: bool,
    /// Lets a caller keep the environment.
    #[param(default = false)]
    pub setenv: bool,
    /// Keeps the commands from starting others.
    #[param(default = false)]
    pub noexec: bool,
    /// The folder of the rules.
    #[param(default = "/etc/sudoers.d")]
    pub sudoers_path: HostPath,
    /// Whether visudo looks at the rule first: `detect` where there is one.
    #[param(default = "detect", choices("absent", "detect", "required"))]
    pub validation: String,
}

/// Whether a rule is there.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct Sudoers;

impl Module for Sudoers {
    type Params = SudoersParams;
    const SPEC: Spec = Spec {
        name: "community.general.sudoers",
        aliases: &["sudoers"],
        summary: "Keeps a rule of sudo, in a file of its own.",
        description: "A rule that visudo does not take is never written.",
        mutually_exclusive: &[&["user", "group"]],
        required_if: &[("state", "present", &["commands"])],
        examples: &[
            (
                "Restart one service",
                "sudoers: { name: deploy, user: deploy, commands: /bin/systemctl restart app }",
            ),
            ("No longer", "community.general.sudoers: { name: deploy, state: absent }"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &SudoersParams, host: &Host) -> Result<Delta, Failure> {
        let path = params.path()?;
        let calls = vec![
            HostCall::Stat { path: path.clone(), follow: false, checksum: None },
            HostCall::Stat { path: params.sudoers_path.0.clone(), follow: true, checksum: None },
        ];
        let there = match host.many(calls)?.as_slice() {
            [HostReply::Stat(_), HostReply::Stat(None)] if params.state == State::Present => {
                return Err(Failure::new(format!("the folder {} is not there", params.sudoers_path.0)));
            }
            [HostReply::Stat(stat), _] => stat.is_some(),
            _ => return Err(Failure::new("the host did not say whether there is a rule")),
        };
        if params.state == State::Absent {
            let gone = Delta::change(&path, "present", "absent");
            return Ok(if there { gone } else { Delta::none() });
        }
        let after = params.rule()?;
        let before = if there { host.read(&path)?.to_text() } else { String::new() };
        if before == after {
            return Ok(Delta::none());
        }
        params.validate(&after, host)?;
        Ok(Delta::change(path, before, after.clone()).with_state(json!(after)))
    }

    fn apply(params: &SudoersParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let path = params.path()?;
        match delta.state().as_str() {
            None => host.remove(&path, false)?,
            Some(rule) => {
                let mode = Some("0440".to_owned());
                host.write_file(WriteFile {
                    path,
                    content: Content::Inline(rule.into()),
                    attributes: Attributes { mode, ..Attributes::default() },
                    backup: false,
                    validate: None,
                    follow: false,
                })?;
            }
        }
        Ok(Outcome::changed(json!({})))
    }
}

impl SudoersParams {
    fn path(&self) -> Result<String, Failure> {
        // sudo passes over names with a dot or a tilde at the end, so such a rule would do nothing.
        if self.name.is_empty() || self.name.contains(['/', '.', '~']) {
            return Err(Failure::arguments(format!("sudo reads no file with the name `{}`", self.name))
                .remedy("take a name without `.`, `~` and `/`"));
        }
        Ok(format!("{}/{}", self.sudoers_path.trim_end_matches('/'), self.name))
    }

    fn rule(&self) -> Result<String, Failure> {
        let who = match (&self.user, &self.group) {
            (Some(user), _) => user.clone(),
            (None, Some(group)) => format!("%{group}"),
            (None, None) => return Err(Failure::arguments("one of the following is required: user, group")),
        };
        let runas = self.runas.as_ref().map(|user| format!("({user})")).unwrap_or_default();
        let tags = [(self.noexec, "NOEXEC:"), (self.nopassword, "NOPASSWD:"), (self.setenv, "SETENV:")];
        let tags: String = tags.into_iter().filter(|(on, _)| *on).map(|(_, tag)| tag).collect();
        let commands = self.commands.as_deref().unwrap_or_default().join(", ");
        let rule = format!("{who} {}={runas}{tags} {commands}\n", self.host);
        if rule.trim_end().contains('\n') {
            return Err(Failure::arguments("a rule of sudo is one line: no value may hold a line break"));
        }
        Ok(rule)
    }

    fn validate(&self, rule: &str, host: &Host) -> Result<(), Failure> {
        if self.validation == "absent" {
            return Ok(());
        }
        let output = host.exec(&Command::new(["visudo", "-c", "-f", "-"]).stdin(rule).reads())?;
        match output.rc {
            0 => Ok(()),
            126 | 127 if self.validation == "detect" => Ok(()),
            126 | 127 => Err(Failure::new("visudo is not on the host").remedy("install sudo on the host")),
            rc => {
                let said = output.stderr.to_text();
                let msg = format!("Failed to validate sudoers rule:\n{}{said}", output.stdout.to_text());
                Err(Failure::new(msg).with("rc", rc).with("stderr", said))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Sudoers>(env!("CARGO_MANIFEST_DIR"));
        examples::<Sudoers>();
    }
}
