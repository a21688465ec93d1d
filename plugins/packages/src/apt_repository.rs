mod line;
mod lists;

use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, from_value};

use crate::tool::{failed, missing};
use line::Line;
use lists::Lists;
use switchover_sdk::text_file::{octal, write};

#[derive(Params)]
pub struct AptRepositoryParams {
    /// The repository as a line of `sources.list`: `deb http://... bookworm main`.
    pub repo: String,
    /// Whether it should be there.
    #[param(default = "present")]
    pub state: State,
    /// The file in `sources.list.d` that a new line goes to, without `.list`; made of the address by default.
    pub filename: Option<String>,
    /// The permission bits of a new file, in octal digits.
    pub mode: Option<Mode>,
    /// Reads the lists of packages anew after a change.
    #[param(default = true, alias = "update-cache")]
    pub update_cache: bool,
    /// How often that is tried again.
    #[param(default = 5)]
    pub update_cache_retries: u32,
    /// The longest time between two such tries, in seconds.
    #[param(default = 12)]
    pub update_cache_retry_max_delay: u32,
    /// Checks the certificate of Launchpad; means nothing here, where `ppa:` is not supported.
    #[param(default = true)]
    #[expect(dead_code, reason = "taken because playbooks give it; apt itself checks certificates")]
    pub validate_certs: bool,
    /// The distribution of a `ppa:`; not supported.
    pub codename: Option<String>,
    /// Means nothing here: nothing of Python is needed.
    #[param(default = true)]
    #[expect(dead_code, reason = "taken because playbooks give it; there is no Python to install")]
    pub install_python_apt: bool,
}

#[derive(Choice, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct AptRepository;

/// Prints the path and the content of each list, ended by NUL.
const LOOK: &str = r#"command -v apt-get >/dev/null || exit 127
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  [ -f "$file" ] || continue
  printf '%s\0' "$file"
  cat -- "$file"
  printf '\0'
done"#;

/// Reads the lists of packages anew; a list that cannot be fetched is an error, not a warning. `$1` tries after the first, `$2` the longest pause in seconds.
const UPDATE: &str = r#"export LC_ALL=C DEBIAN_FRONTEND=noninteractive
pause=1 left=$1
until apt-get -q -o APT::Update::Error-Mode=any update; do
  rc=$?
  [ "$left" -gt 0 ] || exit "$rc"
  left=$((left - 1))
  sleep "$pause"
  pause=$((pause * 2))
  [ "$pause" -le "$2" ] || pause=$2
done"#;

impl Module for AptRepository {
    type Params = AptRepositoryParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.apt_repository",
        aliases: &["apt_repository"],
        summary: "Keeps a repository of packages for apt, in the one-line form.",
        examples: &[
            (
                "A repository",
                "apt_repository: { repo: 'deb https://mirror.example.org/debian bookworm-backports main', filename: backports }",
            ),
            (
                "No such repository",
                "apt_repository: { repo: 'deb http://x/y ./', state: absent, update_cache: false }",
            ),
        ],
        returns: &[
            ("repo", "as asked"),
            ("state", "as asked"),
            ("sources_added", "files that were made"),
            ("sources_removed", "files that were removed"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &AptRepositoryParams, host: &Host) -> Result<Delta, Failure> {
        let wanted = params.wanted()?;
        let command = Command::shell(LOOK).reads();
        let output = host.exec(&command)?;
        match output.rc {
            0 => {}
            127 => return Err(missing("apt-get")),
            _ => return Err(command.failure(&output)),
        }
        let before = Lists::read(&output.stdout.to_text());
        let after = match params.state {
            State::Present => before.with(&wanted, &params.file(&wanted)),
            State::Absent => before.without(&wanted),
        };
        let changes = before.changes(&after);
        let (added, removed) = (after.paths_not_in(&before), before.paths_not_in(&after));
        let result = json!({
            "repo": params.repo, "state": params.state.word(), "sources_added": added, "sources_removed": removed,
        });
        if changes.is_empty() {
            return Ok(Delta::none_with(result));
        }
        let state = json!({ "do": params.calls(&before, &after), "undo": params.calls(&after, &before) });
        Ok(Delta::changes(changes).with_result(result).with_state(state))
    }

    fn apply(params: &AptRepositoryParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
        let calls = |way: &str| -> Result<Vec<HostCall>, Failure> {
            from_value(state[way].clone())
                .map_err(|error| Failure::new(format!("the plan of `check` cannot be read: {error}")))
        };
        host.many(calls("do")?)?;
        if params.update_cache {
            let retries = params.update_cache_retries.to_string();
            let pause = params.update_cache_retry_max_delay.to_string();
            let output = host.exec(&Command::new(["sh", "-c", UPDATE, "sh", &retries, &pause]).live())?;
            if output.rc != 0 {
                host.many(calls("undo")?)?;
                let said = output.stderr.to_text();
                let errors: Vec<&str> =
                    said.lines().filter(|line| line.starts_with("E:") || line.starts_with("W:")).collect();
                let msg =
                    format!("Failed to update apt cache, so the lists are as before: {}", errors.join(", "));
                return Err(failed(msg, &output));
            }
        }
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

impl AptRepositoryParams {
    fn wanted(&self) -> Result<Line, Failure> {
        let ppa = self.repo.starts_with("ppa:");
        if ppa || self.codename.is_some() {
            let failure = Failure::arguments("`ppa:` is not supported: it asks Launchpad for the key");
            return Err(failure.remedy("name the address and the key with deb822_repository"));
        }
        if let Some(mode) = &self.mode {
            octal(&mode.0)?;
        }
        if self
            .filename
            .as_ref()
            .is_some_and(|file| file.is_empty() || file.contains("..") || file.contains('\n'))
        {
            return Err(Failure::arguments("filename cannot be the name of a file"));
        }
        let line = Line::read(&self.repo).filter(|line| line.enabled && !self.repo.contains('\n'));
        line.ok_or_else(|| Failure::arguments(format!("Invalid repository string: {}", self.repo)))
    }

    /// Returns the file that a new line goes to.
    fn file(&self, wanted: &Line) -> String {
        match &self.filename {
            Some(file) if file.starts_with('/') => format!("{file}.list"),
            Some(file) => format!("/etc/apt/sources.list.d/{file}.list"),
            None => format!("/etc/apt/sources.list.d/{}.list", wanted.file_name()),
        }
    }

    fn calls(&self, from: &Lists, to: &Lists) -> Vec<HostCall> {
        let mut calls = Vec::new();
        for path in from.paths_not_in(to) {
            calls.push(HostCall::Remove { path, recursive: false });
        }
        for (path, text) in to.files().filter(|(path, text)| from.text(path) != Some(text)) {
            let new = from.text(path).is_none();
            let mode = self.mode.as_ref().map_or("0644", |mode| &mode.0).to_owned();
            let attributes = Attributes { mode: new.then_some(mode), ..Attributes::default() };
            calls.push(write(path, text, attributes));
        }
        calls
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    const LIST: &str = "/etc/apt/sources.list";

    fn host(files: &[(&str, &str)]) -> FakeHost {
        let said: String = files.iter().map(|(path, text)| format!("{path}\0{text}\0")).collect();
        let said = ExecOutput { stdout: said.into(), ..ExecOutput::default() };
        let host = files.iter().fold(FakeHost::new(), |host, (path, text)| host.file(path, text));
        host.script("apt/sources.list.d/*.list", said)
    }

    #[test]
    fn adds_a_line_to_a_file_named_after_the_address() {
        let host = host(&[(LIST, "deb http://d/debian bookworm main\n")]);
        let args = json!({ "repo": "deb [arch=amd64]  http://u:p@h.org:9/deb/x/ jammy main", "update_cache": false });
        let outcome = host.run::<AptRepository>(args).unwrap();
        let file = "/etc/apt/sources.list.d/h_org_9_deb_x.list";
        assert_eq!(outcome.result["sources_added"], json!([file]));
        assert_eq!(host.content(file).unwrap(), "deb [arch=amd64] http://u:p@h.org:9/deb/x/ jammy main\n");
        assert_eq!(host.path(file).unwrap().stat.mode, 0o644);
        assert_eq!(host.round_trips(), 2);
        examples::<AptRepository>();
    }

    #[test]
    fn finds_a_line_however_it_is_spaced() {
        let host = host(&[(LIST, "deb  http://d/debian   bookworm main # mine\n")]);
        let args = json!({ "repo": "deb http://d/debian bookworm  main" });
        let Delta::None { result } = host.check::<AptRepository>(args).unwrap() else {
            panic!("something to do")
        };
        assert_eq!(result["sources_added"], json!([]));
    }

    #[test]
    fn switches_a_line_on() {
        let host = host(&[(LIST, "# a comment\n# deb http://d/debian bookworm main\n")]);
        let args = json!({ "repo": "deb http://d/debian bookworm main", "update_cache": false });
        host.run::<AptRepository>(args).unwrap();
        assert_eq!(host.content(LIST).unwrap(), "# a comment\ndeb http://d/debian bookworm main\n");
    }

    #[test]
    fn removes_a_line_and_a_file_that_is_empty_then() {
        let file = "/etc/apt/sources.list.d/x.list";
        let host = host(&[(LIST, "deb http://d x y\ndeb http://e x y\n"), (file, "deb http://d x y\n")]);
        let args = json!({ "repo": "deb http://d x y", "state": "absent", "update_cache": false });
        let outcome = host.run::<AptRepository>(args).unwrap();
        assert_eq!(outcome.result["sources_removed"], json!([file]));
        assert_eq!(host.content(file), None);
        assert_eq!(host.content(LIST).unwrap(), "deb http://e x y\n");
    }

    #[test]
    fn puts_all_back_when_the_lists_cannot_be_read() {
        let output = ExecOutput { rc: 100, stderr: "E: no such host\n".into(), ..ExecOutput::default() };
        let host = host(&[(LIST, "")]).script("any update", output);
        let failure =
            host.run::<AptRepository>(json!({ "repo": "deb http://d x y", "filename": "d" })).unwrap_err();
        assert_eq!(failure.msg, "Failed to update apt cache, so the lists are as before: E: no such host");
        assert_eq!(host.content("/etc/apt/sources.list.d/d.list"), None);
    }

    #[test]
    fn refuses_what_is_no_repository() {
        let msg = |repo: &str| host(&[]).run::<AptRepository>(json!({ "repo": repo })).unwrap_err().msg;
        assert_eq!(msg("garbage"), "Invalid repository string: garbage");
        assert_eq!(msg("ppa:x/y"), "`ppa:` is not supported: it asks Launchpad for the key");
    }
}
