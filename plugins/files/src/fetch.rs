use switchover_sdk::prelude::*;
use switchover_sdk::{Algorithm, HostCall, ParamKind, ParamType};

use crate::steps::{self, normal, split};

#[derive(Params)]
pub struct FetchParams {
    /// The file on the host.
    pub src: Text,
    /// The folder on the controller; the file goes to DEST/HOST/SRC. With `flat`, the file itself.
    pub dest: String,
    /// Takes `dest` as it is; with a slash at its end, as a folder.
    #[param(default = false)]
    pub flat: bool,
    /// Fails when the file is not there.
    #[param(default = true)]
    pub fail_on_missing: bool,
    /// Compares checksums after the transfer.
    #[param(default = true)]
    pub validate_checksum: bool,
}

/// Text and nothing that could be made into text: a list here is a task that should loop.
pub struct Text(String);

impl ParamType for Text {
    fn kind() -> ParamKind {
        ParamKind::Raw
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        let wrong = "is wrong: Invalid type supplied for source option, it must be a string";
        value.as_str().map(|text| Self(text.to_owned())).ok_or_else(|| wrong.to_owned())
    }
}

pub struct Fetch;

impl Module for Fetch {
    type Params = FetchParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.fetch",
        aliases: &["fetch"],
        summary: "Copies a file of the host to the controller.",
        missing: Some("src and dest are required"),
        examples: &[
            ("One folder for each host", "fetch: { src: /var/log/messages, dest: logs }"),
            ("Exactly there", "fetch: { src: /etc/app.key, dest: keys/app.key, flat: true }"),
        ],
        returns: &[
            ("dest", "the file on the controller"),
            ("checksum", "SHA-1 of the file; also `remote_checksum`"),
            ("md5sum", "MD5 of the file"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &FetchParams, host: &Host) -> Result<Delta, Failure> {
        if host.about.check_mode {
            let msg = "check mode not (yet) supported for this module";
            return Ok(Delta::none_with(json!({ "skipped": true, "msg": msg })));
        }
        let src = host.expand(&params.src.0)?;
        let calls = vec![
            steps::stat(&src, true, Some(Algorithm::Sha1)),
            HostCall::Checksum { path: src.clone(), algorithm: Algorithm::Md5 },
        ];
        let (stat, md5) = match look(calls, host) {
            Err(failure) if failure.msg.contains("Permission denied") => {
                let why = format!("File is not readable: {src}: Permission denied");
                let more = if params.fail_on_missing { "" } else { ", not transferring, ignored" };
                return params.missing(&src, &(why + more));
            }
            looked => looked?,
        };
        let stat = match stat {
            None => return params.missing(&src, "the remote file does not exist, not transferring, ignored"),
            Some(stat) if stat.kind == FileKind::Directory => {
                return params.missing(&src, "remote file is a directory, fetch cannot work on directories");
            }
            Some(stat) if stat.checksum.is_none() => {
                return params.missing(&src, "remote file is not readable, not transferring");
            }
            Some(stat) => stat,
        };
        let dest = params.place(&src, host)?;
        let sum = stat.checksum.unwrap_or_default();
        let local = local_sum(&dest, host);
        let result = json!({ "dest": dest, "checksum": sum, "md5sum": md5 });
        if local.as_ref() == Some(&sum) {
            return Ok(Delta::none_with(result).with_result(json!({ "file": src })));
        }
        let delta = Delta::change(dest, json!(local), json!(sum));
        Ok(delta.with_result(result).with_result(json!({ "remote_checksum": sum, "remote_md5sum": null })))
    }

    fn apply(params: &FetchParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, .. } = delta else { return Ok(Outcome::default()) };
        let src = host.expand(&params.src.0)?;
        let dest = params.place(&src, host)?;
        host.done(HostCall::Fetch { path: src.clone(), to: dest.clone() })?;
        let sum = local_sum(&dest, host);
        if params.validate_checksum && sum.as_deref() != result["checksum"].as_str() {
            return Err(Failure::new("checksum mismatch")
                .with("file", src)
                .with("dest", dest)
                .with("checksum", json!(sum))
                .with("remote_checksum", result["checksum"].clone()));
        }
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

/// Looks at the file and its MD5 in one round trip; a file that cannot be read has no MD5.
fn look(calls: Vec<HostCall>, host: &Host) -> Result<(Option<FileStat>, Option<String>), Failure> {
    use switchover_sdk::HostReply;
    let mut replies = match host.call(HostCall::Many(calls))? {
        HostReply::Many(replies) => replies.into_iter(),
        other => return Err(steps::unexpected(&Some(other))),
    };
    let stat = match replies.next() {
        reply @ Some(HostReply::Error(_)) => return host.fail_with(reply),
        reply => steps::stat_of(reply)?,
    };
    let md5 = match replies.next() {
        Some(HostReply::Checksum(sum)) => sum,
        _ => None,
    };
    Ok((stat, md5))
}

/// Returns the SHA-1 of a file of the controller; `None` when there is none.
fn local_sum(path: &str, host: &Host) -> Option<String> {
    let file = host.controller_file(path, None).ok().filter(|file| !file.is_dir)?;
    host.controller_checksum(&file).ok()
}

impl FetchParams {
    fn missing(&self, src: &str, msg: &str) -> Result<Delta, Failure> {
        if self.fail_on_missing {
            return Err(Failure::new(msg).with("file", src));
        }
        Ok(Delta::none_with(json!({ "msg": msg, "file": src })))
    }

    /// Returns the file's absolute path on the controller; a relative `dest` begins at the playbook's folder.
    fn place(&self, src: &str, host: &Host) -> Result<String, Failure> {
        let fact =
            |name: &str| host.about.facts.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let dest = match self.dest.strip_prefix('/') {
            Some(_) => self.dest.clone(),
            None => format!("{}/{}", fact("playbook_dir"), self.dest),
        };
        let src = normal(src);
        if !self.flat {
            return Ok(normal(&format!("{dest}/{}/{src}", fact("inventory_hostname"))));
        }
        if dest.ends_with('/') {
            let inside = normal(&format!("{dest}/{}", split(&src).1));
            if host.controller_file(&inside, None).is_ok_and(|file| file.is_dir) {
                return Err(Failure::new(format!(
                    "calculated dest '{inside}' is an existing directory, use another path that does not point to an existing \
                     directory"
                )));
            }
            return Ok(inside);
        }
        if host.controller_file(&dest, None).is_ok_and(|file| file.is_dir) {
            return Err(Failure::new(
                "dest is an existing directory, use a trailing slash if you want to fetch src into that directory",
            ));
        }
        Ok(normal(&dest))
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Fetch>(env!("CARGO_MANIFEST_DIR"));
        examples::<Fetch>();
    }
}
