use switchover_sdk::prelude::*;

use crate::attributes::path_result;

#[derive(Params)]
pub struct TempfileParams {
    /// What is made.
    #[param(default = "file")]
    pub state: State,
    /// The folder it is made in; the host's temporary folder without it.
    pub path: Option<HostPath>,
    /// How its name begins.
    #[param(default = "ansible.")]
    pub prefix: String,
    /// How its name ends.
    #[param(default = "")]
    pub suffix: String,
}

#[derive(Choice, PartialEq, Eq)]
pub enum State {
    File,
    Directory,
}

pub struct Tempfile;

impl Module for Tempfile {
    type Params = TempfileParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.tempfile",
        aliases: &["tempfile"],
        summary: "Makes a temporary file or folder that only its owner can read.",
        examples: &[("A folder", "tempfile: { state: directory, suffix: .build }")],
        returns: &[("path", "what was made")],
        ..Spec::DEFAULT
    };

    fn check(_: &TempfileParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &TempfileParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        if params.prefix.contains('/') || params.suffix.contains('/') {
            return Err(Failure::arguments("prefix and suffix may not hold a slash"));
        }
        let folder = params.path.as_deref().unwrap_or_default();
        let flag = if params.state == State::Directory { "-d" } else { "" };
        let text = "d=${2:-${TMPDIR:-/tmp}}; p=$(mktemp $1 \"$d/$3XXXXXXXX\") || exit; \
            if [ -n \"$4\" ]; then mv -n -- \"$p\" \"$p$4\" && p=$p$4; fi; printf %s \"$p\"";
        let command = Command::new(["sh", "-c", text, "sh", flag, folder, &params.prefix, &params.suffix]);
        let output = host.exec(&command)?;
        let (path, stderr) = (output.stdout.to_text(), output.stderr.to_text());
        if output.rc != 0 {
            return Err(Failure::new(stderr.trim().to_owned()).with("rc", output.rc));
        }
        let mut outcome = Outcome::changed(json!({ "path": path }));
        if let Some(stat) = host.stat(&path)? {
            outcome.result.extend(path_result(&stat));
        }
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::ExecOutput;
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    #[test]
    fn tells_what_was_made() {
        let output = ExecOutput { stdout: "/tmp/ansible.x1.log".into(), ..ExecOutput::default() };
        let host = FakeHost::new().file("/tmp/ansible.x1.log", "").script("mktemp", output);
        let outcome = host.run::<Tempfile>(json!({ "suffix": ".log" })).unwrap();
        assert!(outcome.changed);
        assert_eq!(outcome.result["path"], "/tmp/ansible.x1.log");
        assert_eq!(outcome.result["state"], "file");
        examples::<Tempfile>();
    }
}
