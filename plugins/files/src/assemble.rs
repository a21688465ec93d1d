use switchover_sdk::prelude::*;

use crate::attributes::Wanted;
use crate::plan::Plan;
use crate::put::Put;
use crate::regex::{Flags, compile, found};
use crate::source::Source;

#[derive(Params)]
pub struct AssembleParams {
    /// The folder with the pieces.
    pub src: String,
    /// The file on the host.
    pub dest: HostPath,
    /// `src` is on the host.
    #[param(default = true)]
    pub remote_src: bool,
    /// What stands between two pieces.
    pub delimiter: Option<String>,
    /// Takes only pieces in whose names this Python expression is found.
    pub regexp: Option<String>,
    /// Leaves out pieces whose names begin with a dot.
    #[param(default = false)]
    pub ignore_hidden: bool,
    /// Keeps the old file, with a time in its name.
    #[param(default = false)]
    pub backup: bool,
    /// A command that must succeed before the file goes into place; `%s` stands for the file.
    pub validate: Option<String>,
    /// Decrypts pieces of the controller that are encrypted with a vault.
    #[param(default = true)]
    pub decrypt: bool,
    #[param(flatten)]
    pub attributes: FileAttributes,
}

pub struct Assemble;

impl Module for Assemble {
    type Params = AssembleParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.assemble",
        aliases: &["assemble"],
        summary: "Makes a file of pieces, in the order of their names.",
        missing: Some("src and dest are required"),
        examples: &[("A configuration", "assemble: { src: /etc/app/conf.d, dest: /etc/app/app.conf }")],
        returns: &[("dest", "the file"), ("checksum", "SHA-1 of the file; `md5sum` after a change")],
        ..Spec::DEFAULT
    };

    fn check(params: &AssembleParams, host: &Host) -> Result<Delta, Failure> {
        let pieces = if params.remote_src { params.on_host(host)? } else { params.on_controller(host)? };
        let put = Put {
            source: Source::inline(params.joined(pieces)?, &params.src),
            name: None,
            dest: &params.dest,
            wanted: Wanted::from(&params.attributes),
            folders: Wanted::default(),
            force: true,
            backup: params.backup,
            validate: params.validate.as_deref(),
            follow: false,
            expected: None,
        };
        let mut delta = put.check(host)?.with_result(json!({ "msg": "OK", "src": params.src }));
        // Only `copy` and `template` tell of a diff as a list.
        if let Delta::Some { result, .. } = &mut delta
            && let Some(Value::Array(mut parts)) = result.remove("diff")
        {
            result.insert("diff".into(), if parts.is_empty() { json!({}) } else { parts.remove(0) });
        }
        Ok(delta)
    }

    fn apply(_: &AssembleParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        Plan::apply(delta, host).map_err(crate::failures::of_an_edit)
    }
}

/// Name and content.
type Piece = (String, Vec<u8>);

impl AssembleParams {
    fn on_host(&self, host: &Host) -> Result<Vec<Piece>, Failure> {
        let src = host.expand(&self.src)?;
        match host.stat_with(&src, true, None)? {
            None => return Err(Failure::new(format!("Source ({src}) does not exist"))),
            Some(stat) if stat.kind != FileKind::Directory => {
                return Err(Failure::new(format!("Source ({src}) is not a directory")));
            }
            Some(_) => {}
        }
        let mut pieces = Vec::new();
        for entry in host.list(&src, false)? {
            let name = entry.path.rsplit('/').next().unwrap_or_default().to_owned();
            let is_file = match entry.stat.kind {
                FileKind::File => true,
                FileKind::Link => host
                    .stat_with(&entry.path, true, None)?
                    .is_some_and(|target| target.kind == FileKind::File),
                _ => false,
            };
            if is_file && self.takes(&name)? {
                pieces.push((name, host.read(&entry.path)?.0));
            }
        }
        Ok(pieces)
    }

    fn on_controller(&self, host: &Host) -> Result<Vec<Piece>, Failure> {
        let folder = host.controller_file(&self.src, Some("files"))?;
        if !folder.is_dir {
            return Err(Failure::new(format!("Source ({}) is not a directory", self.src)));
        }
        let mut pieces = Vec::new();
        for entry in host.controller_list(&folder.path)? {
            let path = format!("{}/{}", folder.path, entry.path);
            let is_file = match entry.stat.kind {
                FileKind::File => true,
                // A link to nothing is no piece.
                FileKind::Link => host.controller_file(&path, None).is_ok_and(|file| !file.is_dir),
                _ => false,
            };
            if is_file && !entry.path.contains('/') && self.takes(&entry.path)? {
                let content =
                    if self.decrypt { host.controller_plain(&path)? } else { host.controller_read(&path)? };
                pieces.push((entry.path, content.0));
            }
        }
        Ok(pieces)
    }

    fn takes(&self, name: &str) -> Result<bool, Failure> {
        if self.ignore_hidden && name.starts_with('.') {
            return Ok(false);
        }
        match &self.regexp {
            Some(pattern) => found(&compile(pattern, Flags::default())?, name),
            None => Ok(true),
        }
    }

    /// Joins the pieces; each ends with a newline before the next, or before a delimiter, begins.
    fn joined(&self, mut pieces: Vec<Piece>) -> Result<Vec<u8>, Failure> {
        pieces.sort();
        let delimiter = self.delimiter.as_ref().map(|text| text.replace("\\n", "\n").replace("\\t", "\t"));
        let mut out: Vec<u8> = Vec::new();
        for (index, (_, content)) in pieces.iter().enumerate() {
            if index > 0 {
                if !out.ends_with(b"\n") && !out.is_empty() {
                    out.push(b'\n');
                }
                if let Some(delimiter) = &delimiter {
                    out.extend(delimiter.as_bytes());
                    if !delimiter.ends_with('\n') {
                        out.push(b'\n');
                    }
                }
            }
            out.extend(content);
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Assemble>(env!("CARGO_MANIFEST_DIR"));
        examples::<Assemble>();
    }
}
