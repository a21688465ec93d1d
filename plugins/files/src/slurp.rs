use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use switchover_sdk::prelude::*;

use crate::steps::look;

#[derive(Params)]
pub struct SlurpParams {
    /// The file on the host.
    #[param(alias = "path")]
    pub src: HostPath,
}

pub struct Slurp;

impl Module for Slurp {
    type Params = SlurpParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.slurp",
        aliases: &["slurp"],
        summary: "Reads a file of the host, at most 16 MiB, as Base64.",
        effect: Spec::READS,
        examples: &[("A key", "slurp: { src: /etc/ssh/ssh_host_ed25519_key.pub }")],
        returns: &[
            ("content", "the file in Base64"),
            ("encoding", "`base64`"),
            ("source", "the file's path"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &SlurpParams, host: &Host) -> Result<Delta, Failure> {
        let path = &*params.src;
        match look(path, host)? {
            (None, _) => Err(Failure::new(format!("File not found: {path}"))),
            (Some(stat), _) if stat.kind == FileKind::Directory => {
                Err(Failure::new(format!("Source is a directory and must be a file: {path}")))
            }
            (Some(_), content) => {
                let content = STANDARD.encode(content.unwrap_or_default().0);
                Ok(Delta::none_with(json!({ "content": content, "encoding": "base64", "source": path })))
            }
        }
    }

    fn apply(_: &SlurpParams, _: &Delta, _: &Host) -> Result<Outcome, Failure> {
        Ok(Outcome::default())
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Slurp>(env!("CARGO_MANIFEST_DIR"));
        examples::<Slurp>();
    }
}
