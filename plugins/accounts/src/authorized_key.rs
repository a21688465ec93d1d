mod lines;

use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, from_value};

use crate::accounts::{Passwd, refuse_bad_name};
use crate::key_line::KeyLine;
use lines::Lines;

#[derive(Params)]
pub struct AuthorizedKeyParams {
    /// Whose file it is.
    pub user: String,
    /// The public keys, one a line, or the address (http or https) where the host finds them.
    pub key: String,
    /// The file; the user's `~/.ssh/authorized_keys` by default.
    pub path: Option<HostPath>,
    /// Makes the folder of the file, and sets its owner and mode.
    #[param(default = true)]
    pub manage_dir: bool,
    /// Whether the keys should be there.
    #[param(default = "present")]
    pub state: State,
    /// What stands before the keys, such as `no-port-forwarding,from="10.0.1.1"`; replaces what the keys say.
    pub key_options: Option<String>,
    /// Removes everything else from the file.
    #[param(default = false)]
    pub exclusive: bool,
    /// Checks the certificate of an https address.
    #[param(default = true)]
    pub validate_certs: bool,
    /// What stands behind the keys; replaces what they say.
    pub comment: Option<String>,
    /// Follows a link at the path instead of replacing it.
    #[param(default = false)]
    pub follow: bool,
}

#[derive(Choice, PartialEq, Eq)]
pub enum State {
    Present,
    Absent,
}

pub struct AuthorizedKey;

/// Prints the user's line, then the path of the file, then its content. `$1` user, `$2` path or nothing.
const LOOK: &str = r#"line=$(getent passwd "$1")
printf '%s\n' "$line"
home=${line#*:*:*:*:*:}
home=${home%%:*}
file=${2:-$home/.ssh/authorized_keys}
printf '%s\n' "$file"
[ ! -e "$file" ] || cat -- "$file""#;

/// Prints what is at an address. `$1` address, `$2` `insecure` or nothing.
const DOWNLOAD: &str = r#"if command -v curl >/dev/null; then exec curl -fsSL ${2:+-k} -- "$1"
elif command -v wget >/dev/null; then exec wget -q ${2:+--no-check-certificate} -O - -- "$1"
else echo 'neither curl nor wget is on the host' >&2; exit 127; fi"#;

impl Module for AuthorizedKey {
    type Params = AuthorizedKeyParams;
    const SPEC: Spec = Spec {
        name: "ansible.posix.authorized_key",
        aliases: &["authorized_key", "ansible.builtin.authorized_key"],
        summary: "Keeps public SSH keys with which a user may log in.",
        examples: &[
            (
                "A key of the controller",
                "authorized_key: { user: deploy, key: \"{{ lookup('file', 'deploy.pub') }}\" }",
            ),
            (
                "These and no others",
                "ansible.posix.authorized_key: { user: root, key: '{{ keys }}', exclusive: true }",
            ),
        ],
        returns: &[
            ("keyfile", "the file"),
            ("user", "as asked"),
            ("key", "as asked"),
            ("key_options", "as asked"),
            ("exclusive", "as asked"),
            ("manage_dir", "as asked"),
            ("state", "as asked"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &AuthorizedKeyParams, host: &Host) -> Result<Delta, Failure> {
        refuse_bad_name(&params.user)?;
        let wanted = params.keys(host)?;
        let path = params.path.as_deref().unwrap_or_default();
        let said = host.output(&Command::new(["sh", "-c", LOOK, "sh", &params.user, path]).reads())?;
        let (line, rest) = said.split_once('\n').unwrap_or((&said, ""));
        let (file, before) = rest.split_once('\n').unwrap_or((rest, ""));
        let user = Passwd::read(line).filter(|user| user.name == params.user);
        if user.is_none() && !(host.about.check_mode && params.path.is_some()) {
            return Err(Failure::new(format!("Failed to lookup user {}: there is none", params.user)));
        }
        let mut lines = Lines::read(before);
        match params.state {
            State::Present => lines.add(&wanted, params.exclusive),
            State::Absent => lines.remove(&wanted),
        }
        let after = lines.text();
        let result = params.result(file);
        if Lines::read(before).text() == after {
            return Ok(Delta::none_with(result));
        }
        let calls = params.calls(file, &after, user.as_ref());
        let change = Change {
            what: file.to_owned(),
            before: json!(before),
            after: json!(after),
            before_header: Some(file.to_owned()),
            after_header: Some(file.to_owned()),
        };
        Ok(Delta::changes(vec![change]).with_result(result).with_state(json!(calls)))
    }

    fn apply(_: &AuthorizedKeyParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
        let calls: Vec<HostCall> = from_value(state.clone())
            .map_err(|error| Failure::new(format!("the plan of `check` cannot be read: {error}")))?;
        host.many(calls)?;
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

impl AuthorizedKeyParams {
    /// Returns the keys that are asked for, as lines of the file.
    fn keys(&self, host: &Host) -> Result<Vec<KeyLine>, Failure> {
        let text = if self.key.starts_with("http://") || self.key.starts_with("https://") {
            let insecure = if self.validate_certs { "" } else { "insecure" };
            host.output(&Command::new(["sh", "-c", DOWNLOAD, "sh", &self.key, insecure]).reads())?
        } else {
            self.key.clone()
        };
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(|line| self.key_line(line)).collect()
    }

    fn key_line(&self, line: &str) -> Result<KeyLine, Failure> {
        let mut key = KeyLine::read(line)
            .ok_or_else(|| Failure::arguments(format!("invalid key specified: {line}")))?;
        if let Some(options) = &self.key_options {
            key.options.clone_from(options);
        }
        if let Some(comment) = &self.comment {
            key.comment.clone_from(comment);
        }
        if key.options.contains('\n') || key.comment.contains('\n') {
            return Err(Failure::arguments("options and comments of keys are one line"));
        }
        Ok(key)
    }

    /// Returns the calls that write the file; sshd wants it to be writable by its owner alone.
    fn calls(&self, file: &str, after: &str, user: Option<&Passwd>) -> Vec<HostCall> {
        let owned = |mode: &str| Attributes {
            mode: Some(mode.to_owned()),
            owner: user.map(|user| user.uid.to_string()),
            group: user.map(|user| user.gid.to_string()),
            ..Attributes::default()
        };
        let folder = file.rsplit_once('/').map_or(".", |(folder, _)| folder).to_owned();
        let mut calls = Vec::new();
        if self.manage_dir {
            calls.push(HostCall::Mkdir { path: folder.clone(), attributes: owned("0700") });
            let attributes = owned("0700");
            calls.push(HostCall::SetAttributes { path: folder, attributes, recursive: false, follow: true });
        } else {
            calls.push(HostCall::Mkdir { path: folder, attributes: Attributes::default() });
        }
        calls.push(HostCall::Write(WriteFile {
            path: file.to_owned(),
            content: Content::Inline(after.into()),
            attributes: owned("0600"),
            backup: false,
            validate: None,
            follow: self.follow,
        }));
        calls
    }

    fn result(&self, file: &str) -> Value {
        json!({
            "user": self.user, "key": self.key, "path": self.path.as_deref(), "manage_dir": self.manage_dir,
            "state": self.state.word(), "key_options": self.key_options, "exclusive": self.exclusive,
            "validate_certs": self.validate_certs, "comment": self.comment, "follow": self.follow,
            "keyfile": file,
        })
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn cases_hold() {
        cases::<AuthorizedKey>(env!("CARGO_MANIFEST_DIR"));
        examples::<AuthorizedKey>();
    }
}
