use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use switchover_protocol::{HostError, HostReply};

use crate::plan::{Part, Raw, failed, words};
use crate::quote::path;

/// Streams the file into a temporary one beside `to`, which takes its place at the end.
pub(super) fn compile(what: String, name: &str, to: &str) -> Result<Part, HostError> {
    let to = Path::new(to);
    let here = |what: &str, error: std::io::Error| here_failed(what, to, &error);
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|error| here("making the folder of", error))?;
    let temporary = tempfile::Builder::new()
        .prefix(".switchover.")
        .tempfile_in(folder)
        .map_err(|error| here("making a file beside", error))?
        .into_temp_path();
    let script = words(&[b"cat --", &path(name), b"</dev/null"]);
    let mut part = Part::new(what.clone(), script, &[], |_| None);
    part.spool = Some(temporary.to_path_buf());
    let to = to.to_owned();
    part.parse = Box::new(move |raw: Raw| {
        if raw.rc != 0 {
            return Err(failed(what, &raw));
        }
        std::fs::set_permissions(&temporary, permissions(&to))
            .map_err(|error| here_failed("setting the permissions of", &to, &error))?;
        temporary.persist(&to).map_err(|error| here_failed("putting into place", &to, &error.error))?;
        Ok(HostReply::Done)
    });
    Ok(part)
}

fn here_failed(what: &str, to: &Path, error: &std::io::Error) -> HostError {
    HostError::Failed {
        what: format!("{what} {} on the controller", to.display()),
        rc: error.raw_os_error().unwrap_or(1),
        stderr: error.to_string(),
    }
}

/// Returns what a file that was there has, else what any new file of the controller gets: it was closed to others only
/// while it was on its way.
fn permissions(to: &Path) -> Permissions {
    std::fs::metadata(to).map_or_else(|_| Permissions::from_mode(0o666 & !umask()), |it| it.permissions())
}

/// The umask can be read without changing it for every other thread on Linux only.
fn umask() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let digits = status.lines().find_map(|line| line.strip_prefix("Umask:"));
    digits.and_then(|digits| u32::from_str_radix(digits.trim(), 8).ok()).unwrap_or(0o077)
}
