use switchover_sdk::prelude::*;
use switchover_sdk::{Bytes, HostCall, HostReply};

use super::Deb822RepositoryParams;

/// Where keys of repositories live.
pub const FOLDER: &str = "/etc/apt/keyrings";

/// How a key in letters begins.
const ARMOR: &str = "-----BEGIN PGP";

/// Prints what is at an address. `$1` address.
const DOWNLOAD: &str = r#"case $1 in file://*) exec cat -- "${1#file://}" ;; esac
if command -v curl >/dev/null; then exec curl -fsSL -- "$1"
elif command -v wget >/dev/null; then exec wget -q -O - -- "$1"
else echo 'neither curl nor wget is on the host' >&2; exit 127; fi"#;

/// The key of a repository.
#[derive(Default)]
pub struct Key {
    /// The value of `Signed-By`.
    pub signed_by: Option<String>,
    pub file: Option<String>,
    /// What was fetched, when it is not what the file holds.
    pub fetched: Option<Bytes>,
}

impl Key {
    /// Finds out what `signed_by` means; an address is fetched on the host.
    pub fn find(params: &Deb822RepositoryParams, host: &Host) -> Result<Self, Failure> {
        let Some(signed_by) = &params.signed_by else { return Ok(Self::default()) };
        if signed_by.trim_start().starts_with(ARMOR) {
            return Ok(Self { signed_by: Some(folded(signed_by)), ..Self::default() });
        }
        if signed_by.starts_with('/') {
            return Ok(Self {
                signed_by: Some(signed_by.clone()),
                file: Some(signed_by.clone()),
                fetched: None,
            });
        }
        if !signed_by.contains("://") {
            return Ok(Self { signed_by: Some(signed_by.clone()), ..Self::default() });
        }
        let command = Command::new(["sh", "-c", DOWNLOAD, "sh", signed_by]).reads();
        let output = host.exec(&command)?;
        if output.rc != 0 {
            return Err(command.failure(&output));
        }
        let kind = if output.stdout.0.starts_with(ARMOR.as_bytes()) { "asc" } else { "gpg" };
        let file = params.key_path(kind);
        let read = HostCall::Read { path: file.clone(), limit: 16 * 1024 * 1024 };
        let known = match host.call(HostCall::Many(vec![read]))? {
            HostReply::Many(replies) => replies.into_iter().next(),
            other => return host.fail_with(Some(other)),
        };
        let same = matches!(&known, Some(HostReply::Content(bytes)) if *bytes == output.stdout);
        Ok(Self {
            signed_by: Some(file.clone()),
            file: Some(file),
            fetched: (!same).then_some(output.stdout),
        })
    }
}

/// Returns a key in letters as lines of one field: indented, with a dot for an empty line.
fn folded(key: &str) -> String {
    let lines = key.trim().lines().map(|line| match line.trim() {
        "" => "\n    .".to_owned(),
        line => format!("\n    {line}"),
    });
    lines.collect()
}
