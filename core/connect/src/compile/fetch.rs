use std::path::Path;

use switchover_protocol::{HostError, HostReply};

use crate::plan::{Part, Raw, failed, words};
use crate::quote::path;

/// Streams the file into a temporary one beside `to`, which takes its place at the end.
pub(super) fn compile(what: String, name: &str, to: &str) -> Result<Part, HostError> {
    let to = Path::new(to);
    let here = |what: &str, error: std::io::Error| HostError::Failed {
        what: format!("{what} {} on the controller", to.display()),
        rc: error.raw_os_error().unwrap_or(1),
        stderr: error.to_string(),
    };
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
        temporary.persist(&to).map_err(|error| HostError::Failed {
            what: format!("putting {} into place on the controller", to.display()),
            rc: error.error.raw_os_error().unwrap_or(1),
            stderr: error.error.to_string(),
        })?;
        Ok(HostReply::Done)
    });
    Ok(part)
}
