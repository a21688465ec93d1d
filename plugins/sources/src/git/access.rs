use switchover_sdk::prelude::*;
use switchover_sdk::quote;

/// How git gets at a repository.
#[derive(Params)]
pub struct Access {
    /// Another git.
    #[param(default = "git")]
    pub executable: HostPath,
    /// A private key of the host for ssh.
    pub key_file: Option<HostPath>,
    /// Takes any key of an unknown or changed host. Unsafe.
    #[param(default = false)]
    pub accept_hostkey: bool,
    /// Takes the key of an unknown host, and refuses one that changed.
    #[param(default = false)]
    pub accept_newhostkey: bool,
    /// More options for ssh.
    pub ssh_opts: Option<String>,
}

/// Takes the credentials from standard input, where no other user can see them, and defines `g`, which is git. The first
/// two arguments are its program and the command for ssh.
pub const PRELUDE: &str = r#"IFS= read -r SWITCHOVER_USER; IFS= read -r SWITCHOVER_PASSWORD; export SWITCHOVER_USER SWITCHOVER_PASSWORD
exec </dev/null
git=$1; GIT_SSH_COMMAND=${2:-${GIT_SSH_COMMAND:-ssh -o BatchMode=yes}} GIT_TERMINAL_PROMPT=0 LC_ALL=C; shift 2
export GIT_SSH_COMMAND GIT_TERMINAL_PROMPT LC_ALL
command -v "$git" >/dev/null 2>&1 || exit 64
g() { if [ -z "$SWITCHOVER_USER" ]; then "$git" "$@"; else
"$git" -c credential.helper= -c 'credential.helper=!f() { [ "$1" = get ] && printf "username=%s\npassword=%s\n" "$SWITCHOVER_USER" "$SWITCHOVER_PASSWORD"; }; f' "$@"
fi; }
"#;

impl Access {
    /// Returns the repository as git shall see it, and user and password as two lines.
    pub fn repository(&self, repo: &str) -> (String, String) {
        let (url, credentials) = without_credentials(repo);
        let url = if url.starts_with('/') { format!("file://{url}") } else { url };
        let (user, password) = credentials.split_once(':').unwrap_or((&credentials, ""));
        (url, format!("{}\n{}\n", decoded(user), decoded(password)))
    }

    /// Returns a script after [`PRELUDE`]; `repo` only gives the credentials.
    pub fn script(&self, text: &str, repo: &str, arguments: &[&str]) -> Command {
        let ssh = self.ssh();
        let fixed = [&*self.executable, &ssh];
        let arguments: Vec<&str> = fixed.into_iter().chain(arguments.iter().copied()).collect();
        switchover_sdk::script::script(&format!("{PRELUDE}{text}"), &arguments).stdin(self.repository(repo).1)
    }

    /// Returns the command for ssh; empty when the host's own settings are enough.
    fn ssh(&self) -> String {
        let mut words = Vec::new();
        if self.accept_hostkey {
            words.push("-o StrictHostKeyChecking=no".to_owned());
        } else if self.accept_newhostkey {
            words.push("-o StrictHostKeyChecking=accept-new".to_owned());
        }
        if let Some(key) = &self.key_file {
            words.push(format!("-i {} -o IdentitiesOnly=yes", quote(key)));
        }
        words.extend(self.ssh_opts.clone());
        if words.is_empty() { String::new() } else { format!("ssh -o BatchMode=yes {}", words.join(" ")) }
    }
}

/// Splits `user:password` off a web address; other addresses have none that is secret.
pub fn without_credentials(repo: &str) -> (String, String) {
    let split = || {
        let (scheme, rest) = repo.split_once("://")?;
        let end = rest.find('/').unwrap_or(rest.len());
        let at = rest[..end].rfind('@').filter(|_| matches!(scheme, "http" | "https"))?;
        Some((format!("{scheme}://{}", &rest[at + 1..]), rest[..at].to_owned()))
    };
    split().unwrap_or_else(|| (repo.to_owned(), String::new()))
}

/// Reads `%XX`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(key: Option<&str>) -> Access {
        Access {
            executable: HostPath("git".into()),
            key_file: key.map(|key| HostPath(key.into())),
            accept_hostkey: false,
            accept_newhostkey: true,
            ssh_opts: None,
        }
    }

    #[test]
    fn credentials_leave_the_address() {
        let (url, credentials) = access(None).repository("https://me:p%40ss@example.com/a@b.git");
        assert_eq!(url, "https://example.com/a@b.git");
        assert_eq!(credentials, "me\np@ss\n");
        assert_eq!(access(None).repository("ssh://git@h/x").0, "ssh://git@h/x");
        assert_eq!(access(None).repository("/srv/x").0, "file:///srv/x");
    }

    #[test]
    fn the_key_is_one_word_for_ssh() {
        assert_eq!(
            access(Some("/k e'y")).ssh(),
            r"ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new -i '/k e'\''y' -o IdentitiesOnly=yes"
        );
    }
}
