use switchover_sdk::prelude::*;

#[derive(Params)]
pub struct PatchParams {
    /// The patch: a file of the controller, searched in `files`, or of the host with `remote_src`.
    #[param(alias = "patchfile")]
    pub src: String,
    /// The one file that is patched.
    #[param(alias = "originalfile")]
    pub dest: Option<HostPath>,
    /// The folder that the patch names its files from.
    pub basedir: Option<HostPath>,
    /// Whether the patch is in, or out.
    #[param(default = "present")]
    pub state: State,
    /// `src` is on the host.
    #[param(default = false)]
    pub remote_src: bool,
    /// How many folders are cut off the names in the patch.
    #[param(default = 0)]
    pub strip: u64,
    /// Keeps the old files, with a number behind their names.
    #[param(default = false)]
    pub backup: bool,
    /// Leaves line ends as they are.
    #[param(default = false)]
    pub binary: bool,
    /// Takes lines for the same that differ in blanks only.
    #[param(default = false)]
    pub ignore_whitespace: bool,
}

/// Whether a patch is in.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct Patch;

impl Module for Patch {
    type Params = PatchParams;
    const SPEC: Spec = Spec {
        name: "ansible.posix.patch",
        aliases: &["patch"],
        summary: "Keeps a patch in files of the host, with GNU patch.",
        description: "A patch that does not fit changes nothing at all.",
        required_one_of: &[&["dest", "basedir"]],
        examples: &[
            ("One file", "patch: { src: app.conf.patch, dest: /etc/app.conf }"),
            ("A tree", "ansible.posix.patch: { src: app.patch, basedir: /srv/app, strip: 1 }"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &PatchParams, host: &Host) -> Result<Delta, Failure> {
        if let Some(dest) = &params.dest
            && host.stat_with(dest, true, None)?.is_none()
        {
            return Err(Failure::new(format!("dest {} doesn't exist or not writable", dest.0)));
        }
        let patch = params.read(host)?;
        let is_in = params.state == State::Present;
        // What can be taken out again is in already.
        if params.run(&patch, is_in, true, host)?.rc == 0 {
            return Ok(Delta::none());
        }
        let output = params.run(&patch, !is_in, true, host)?;
        if output.rc != 0 {
            let said = output.stdout.to_text();
            return Err(Failure::new(said).with("rc", output.rc).with("stderr", output.stderr.to_text()));
        }
        let what = params.dest.as_ref().or(params.basedir.as_ref()).map_or("", |path| path);
        let words = ["without the patch", "with the patch"];
        let (before, after) = if is_in { (words[0], words[1]) } else { (words[1], words[0]) };
        Ok(Delta::change(what, before, after))
    }

    fn apply(params: &PatchParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let patch = params.read(host)?;
        let output = params.run(&patch, params.state == State::Absent, false, host)?;
        if output.rc != 0 {
            let said = output.stdout.to_text();
            return Err(Failure::new(said).with("rc", output.rc).with("stderr", output.stderr.to_text()));
        }
        Ok(Outcome::changed(json!({})))
    }
}

impl PatchParams {
    /// Returns the patch, when it is one of the controller.
    fn read(&self, host: &Host) -> Result<Option<Vec<u8>>, Failure> {
        if self.remote_src {
            let there = host.stat_with(&host.expand(&self.src)?, true, None)?.is_some();
            let missing = || Failure::new(format!("src {} doesn't exist or not readable", self.src));
            return if there { Ok(None) } else { Err(missing()) };
        }
        let file = host.controller_file(&self.src, Some("files"))?;
        Ok(Some(host.controller_plain(&file.path)?.0))
    }

    fn run(
        &self,
        patch: &Option<Vec<u8>>,
        reverse: bool,
        dry: bool,
        host: &Host,
    ) -> Result<ExecOutput, Failure> {
        let mut words = vec!["patch".to_owned(), "--batch".to_owned(), "--silent".to_owned()];
        // Without asking, patch would take a patch that is in for one to take out.
        words.push(if reverse { "--force" } else { "--forward" }.to_owned());
        words.push(format!("--strip={}", self.strip));
        let flags = [
            (reverse, "--reverse"),
            (dry, "--dry-run"),
            (!dry, "--reject-file=-"),
            (self.backup && !dry, "--backup"),
            (self.backup && !dry, "--version-control=numbered"),
            (self.binary, "--binary"),
            (self.ignore_whitespace, "--ignore-whitespace"),
        ];
        words.extend(flags.into_iter().filter(|(on, _)| *on).map(|(_, flag)| flag.to_owned()));
        if let Some(folder) = &self.basedir {
            words.push(format!("--directory={}", folder.0));
        }
        if patch.is_none() {
            words.push(format!("--input={}", host.expand(&self.src)?));
        }
        words.extend(self.dest.iter().flat_map(|dest| ["--".to_owned(), dest.0.clone()]));
        let mut command = Command::new(words);
        if let Some(patch) = patch {
            command = command.stdin(switchover_sdk::Bytes(patch.clone()));
        }
        let output = host.exec(&if dry { command.reads() } else { command })?;
        if output.rc == 127 {
            return Err(Failure::new("patch is not on the host").remedy("install patch on the host"));
        }
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Patch>(env!("CARGO_MANIFEST_DIR"));
        examples::<Patch>();
    }
}
