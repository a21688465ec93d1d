pub mod job;
mod tab;

use switchover_sdk::prelude::*;

use switchover_sdk::script::{change, script};

use crate::sections::Sections;
use job::{SpecialTime, Times};
use tab::Tab;

#[derive(Params)]
pub struct CronParams {
    /// What the job is known by: a comment above it; with `env`, the variable's name.
    pub name: String,
    /// The command; with `env`, the variable's value.
    #[param(alias = "value")]
    pub job: Option<String>,
    /// Whether it is there.
    #[param(default = "present")]
    pub state: State,
    /// Whose table; your own without it. A `cron_file` needs it.
    pub user: Option<String>,
    /// A file for this job instead of a user's table; a name without `/` is one in `/etc/cron.d`.
    pub cron_file: Option<HostPath>,
    /// Keeps the old table in a temporary file.
    #[param(default = false)]
    pub backup: bool,
    /// A day without a time of the clock.
    pub special_time: Option<SpecialTime>,
    #[param(flatten)]
    pub times: Times,
    /// Keeps the job as a comment.
    #[param(default = false)]
    pub disabled: bool,
    /// Keeps a variable instead of a job.
    #[param(default = false)]
    pub env: bool,
    /// Puts a new variable after this one.
    pub insertafter: Option<String>,
    /// Puts a new variable before this one.
    pub insertbefore: Option<String>,
}

/// Whether a job or variable is there.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct Cron;

/// Prints a user's table (`$1`, or your own); the second section is `1` when there is one.
const LOOK: &str = r#"command -v crontab >/dev/null 2>&1 || exit 64
LC_ALL=C crontab ${1:+-u "$1"} -l; rc=$?; printf '\036'; [ $rc = 0 ] && printf 1; :"#;

/// Puts standard input into a user's table (`$1`); with `$2`, keeps the old one and prints where.
const WRITE: &str = r#"if [ -n "$2" ]; then
old=$(mktemp "${TMPDIR:-/tmp}/crontabXXXXXXXX") || exit
crontab ${1:+-u "$1"} -l >"$old" 2>/dev/null
printf %s "$old"
fi
crontab ${1:+-u "$1"} -"#;

/// Keeps a copy of a file (`$1`) and prints where.
const KEEP: &str = r#"old=$(mktemp "${TMPDIR:-/tmp}/crontabXXXXXXXX") && { [ ! -e "$1" ] || cat -- "$1" >"$old"; } && printf %s "$old""#;

impl Module for Cron {
    type Params = CronParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.cron",
        aliases: &["cron"],
        summary: "Keeps jobs and variables in tables of cron.",
        mutually_exclusive: &[&["insertafter", "insertbefore"]],
        examples: &[
            ("Each night", "cron: { name: backup, hour: '2', minute: '0', job: /usr/local/bin/backup }"),
            (
                "A file of its own",
                "cron: { name: rotate, special_time: daily, user: root, cron_file: rotate, job: /bin/rotate }",
            ),
            ("A variable", "cron: { name: MAILTO, env: true, job: ops@example.com }"),
        ],
        returns: &[
            ("jobs", "the names of all jobs of the table"),
            ("envs", "the names of all variables of the table"),
            ("cron_file", "the file, when one was given"),
            ("backup_file", "where the old table is kept"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &CronParams, host: &Host) -> Result<Delta, Failure> {
        params.refuse_nonsense()?;
        let before = params.read(host)?;
        let mut tab = Tab::read(&before, params.file().is_none());
        params.edit(&mut tab)?;
        let after = tab.text();
        let unended = !before.is_empty() && !before.ends_with(['\n', '\r']);
        let mut result = Map::new();
        if let Some(file) = &params.cron_file {
            result.insert("cron_file".into(), json!(**file));
        }
        let removes =
            params.file().is_some() && params.state == State::Absent && tab.is_empty() && !before.is_empty();
        if removes {
            result.insert("state".into(), json!("absent"));
        } else {
            result.insert("jobs".into(), json!(tab.jobs()));
            result.insert("envs".into(), json!(tab.envs()));
        }
        if !tab.changed && !unended && !removes {
            return Ok(Delta::None { result });
        }
        let what = params.file().unwrap_or_else(|| "crontab".to_owned());
        let title = match (params.file(), &params.user) {
            (Some(file), _) => file,
            (None, Some(user)) => format!("crontab for user \"{user}\""),
            (None, None) => "crontab".to_owned(),
        };
        let after_title = if removes { "/dev/null".to_owned() } else { title.clone() };
        let change = Change {
            what,
            before: json!(before),
            after: json!(after),
            before_header: Some(title),
            after_header: Some(after_title),
        };
        Ok(Delta::Some {
            changes: vec![change],
            result,
            state: if removes { Value::Null } else { json!(after) },
        })
    }

    fn apply(params: &CronParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
        let mut result = result.clone();
        let kept = match (params.file(), state.as_str()) {
            (Some(file), text) => params.write_file(&file, text, host)?,
            (None, text) => {
                let keep = if params.backup { "1" } else { "" };
                let user = params.user.as_deref().unwrap_or_default();
                let write = script(WRITE, &[user, keep]).stdin(text.unwrap_or_default());
                change(&write, |said| format!("Failed to install new cronfile: {said}"), host)?
            }
        };
        if params.backup {
            result.insert("backup_file".into(), json!(kept));
        }
        Ok(Outcome { changed: true, result, ..Outcome::default() })
    }
}

impl CronParams {
    /// Returns the file that a task means; `None` for a user's table.
    fn file(&self) -> Option<String> {
        let file = self.cron_file.as_ref().filter(|file| !file.is_empty())?;
        Some(if file.contains('/') { file.0.clone() } else { format!("/etc/cron.d/{file}") })
    }

    fn refuse_nonsense(&self) -> Result<(), Failure> {
        let msg = if self.name.contains('\n') {
            "the name of a job has one line"
        } else if self.cron_file.is_some() && self.user.is_none() && self.state == State::Present {
            "To use cron_file=... parameter you must specify user=... as well"
        } else if (self.insertafter.is_some() || self.insertbefore.is_some()) && !self.env {
            "Insertafter and insertbefore parameters are valid only with env=yes"
        } else if self.special_time.is_some() && self.times.is_given() {
            "You cannot combine special_time with any of the time or day/date parameters."
        } else if self.state == State::Present && self.job.is_none() {
            "You must specify 'job' to install a new cron job or variable"
        } else {
            return Ok(());
        };
        Err(Failure::arguments(msg))
    }

    fn read(&self, host: &Host) -> Result<String, Failure> {
        if let Some(file) = self.file() {
            let read = script(r#"[ ! -e "$1" ] || cat -- "$1""#, &[file]).reads();
            return host.output(&read);
        }
        let user = self.user.as_deref().unwrap_or_default();
        let said = Sections::look(LOOK, &[user], 2, "crontab", host)?;
        Ok(if said.get(1) == "1" { said.get(0).to_owned() } else { String::new() })
    }

    fn edit(&self, tab: &mut Tab) -> Result<(), Failure> {
        match (self.state, self.env) {
            (State::Absent, true) => tab.remove_env(&self.name),
            (State::Absent, false) => tab.remove_job(&self.name),
            (State::Present, true) => {
                let line = format!("{}=\"{}\"", self.name, self.job.as_deref().unwrap_or_default());
                let (after, before) = (self.insertafter.as_deref(), self.insertbefore.as_deref());
                return tab.put_env(&self.name, line, after, before);
            }
            (State::Present, false) => tab.put_job(&self.name, self.line()),
        }
        Ok(())
    }

    /// Returns the line of the job.
    fn line(&self) -> String {
        let when = match self.special_time {
            Some(special) => format!("@{}", special.word()),
            None => self.times.line(),
        };
        let user = match (&self.user, self.file()) {
            (Some(user), Some(_)) => format!("{user} "),
            _ => String::new(),
        };
        let hidden = if self.disabled { "#" } else { "" };
        format!("{hidden}{when} {user}{}", self.job.as_deref().unwrap_or_default().trim_matches(['\r', '\n']))
    }

    /// Puts the file there, or removes it; returns where the old one is kept.
    fn write_file(&self, file: &str, text: Option<&str>, host: &Host) -> Result<String, Failure> {
        let kept = if self.backup { host.output(&script(KEEP, &[file]))? } else { String::new() };
        let Some(text) = text else {
            host.remove(file, false)?;
            return Ok(kept);
        };
        host.write_file(WriteFile {
            path: file.to_owned(),
            content: Content::Inline(text.into()),
            attributes: Attributes { mode: Some("0644".into()), ..Attributes::default() },
            backup: false,
            validate: None,
            follow: true,
        })?;
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Cron>(env!("CARGO_MANIFEST_DIR"));
        examples::<Cron>();
    }

    #[test]
    fn the_table_goes_in_by_standard_input() {
        let looked = ExecOutput { stdout: "1 * * * * /bin/a\n\u{1e}1".into(), ..ExecOutput::default() };
        let host = FakeHost::new().script("printf 1", looked).script("mktemp", ExecOutput::default());
        host.run::<Cron>(json!({ "name": "b", "job": "echo $secret" })).unwrap();
        let calls = host.calls();
        let switchover_sdk::HostCall::Exec(write) = &calls[1] else { panic!("{calls:?}") };
        let input = write.stdin.as_ref().unwrap().to_text();
        assert_eq!(input, "1 * * * * /bin/a\n#Ansible: b\n* * * * * echo $secret\n");
        assert!(!host.programs()[1].contains("secret"));
    }
}
