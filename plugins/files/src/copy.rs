mod folder;
mod json_text;
mod tree;

use switchover_sdk::Algorithm;
use switchover_sdk::prelude::*;

use crate::attributes::Wanted;
use crate::plan::Plan;
use crate::put::Put;
use crate::source::Source;
use crate::steps;
use tree::Tree;

#[derive(Params)]
pub struct CopyParams {
    /// File or folder of the controller (searched in `files`), or of the host with `remote_src`. A folder with a slash at its end
    /// stands for what is in it.
    pub src: Option<String>,
    /// The content itself, instead of `src`.
    pub content: Option<Value>,
    /// The path on the host; with a slash at its end, a folder that is made when it is not there.
    pub dest: HostPath,
    /// `src` is on the host.
    #[param(default = false)]
    pub remote_src: bool,
    /// Replaces a file that differs.
    #[param(default = true, alias = "thirsty")]
    pub force: bool,
    /// Keeps the old file, with a time in its name.
    #[param(default = false)]
    pub backup: bool,
    /// A command that must succeed before the file goes into place; `%s` stands for the file.
    pub validate: Option<String>,
    /// Permission bits of folders that are made.
    pub directory_mode: Option<Mode>,
    /// Writes to what a link at `dest` leads to.
    #[param(default = false)]
    pub follow: bool,
    /// Copies what links in a folder of the controller lead to.
    #[param(default = true)]
    pub local_follow: bool,
    /// The SHA-1 that the file must have.
    pub checksum: Option<String>,
    /// Decrypts a file that is encrypted with a vault; `false` copies it as it is.
    #[param(default = true)]
    pub decrypt: bool,
    #[param(flatten)]
    pub attributes: FileAttributes,
}

pub struct Copy;

impl Module for Copy {
    type Params = CopyParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.copy",
        aliases: &["copy"],
        summary: "Puts files of the controller, or given content, on the host.",
        description: "Mode `preserve` keeps the source's permission bits.",
        missing: Some("dest is required"),
        examples: &[
            ("A file", "copy: { src: app.conf, dest: /etc/app.conf, owner: root, mode: '0644' }"),
            ("Content", "copy: { content: \"hello\\n\", dest: /etc/motd }"),
            ("What is in a folder", "copy: { src: site/, dest: /var/www/site }"),
            ("Checked first", "copy: { src: sudoers, dest: /etc/sudoers, validate: visudo -cf %s }"),
        ],
        returns: &[
            ("dest", "the path on the host"),
            ("src", "where it came from"),
            ("checksum", "SHA-1 of the file; `md5sum` after a change"),
            ("backup_file", "the copy of the old file, when one was kept"),
            ("mode", "its mode; also `owner`, `group`, `uid`, `gid`, `size`, `state`"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &CopyParams, host: &Host) -> Result<Delta, Failure> {
        match (&params.src, &params.content) {
            (None, None) => Err(Failure::arguments("src (or content) is required")),
            (Some(_), Some(_)) => Err(Failure::arguments("src and content are mutually exclusive")),
            (None, Some(content)) => {
                let source = Source::inline(json_text::text(content), "content of the task");
                params.put(source, None, params.wanted(None)?, host)
            }
            (Some(src), None) if params.remote_src => params.check_remote(src, host),
            (Some(src), None) => params.check_controller(src, host),
        }
    }

    fn apply(_: &CopyParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        Plan::apply(delta, host)
    }
}

impl CopyParams {
    /// Returns the wanted attributes; mode `preserve` stands for the source's.
    fn wanted(&self, source_mode: Option<u32>) -> Result<Wanted, Failure> {
        let mut wanted = Wanted::from(&self.attributes);
        if wanted.mode.as_deref() == Some("preserve") {
            let bits = source_mode
                .ok_or_else(|| Failure::arguments("mode `preserve` needs a file to take it from"))?;
            wanted.mode = Some(crate::mode::octal(bits));
        }
        Ok(wanted)
    }

    fn folders(&self) -> Result<Wanted, Failure> {
        let mode = self.directory_mode.as_ref().map(|mode| mode.0.clone());
        Ok(Wanted { mode, ..Wanted::from(&self.attributes) })
    }

    fn put(&self, source: Source, name: Option<&str>, wanted: Wanted, host: &Host) -> Result<Delta, Failure> {
        let put = Put {
            source,
            name: name.map(str::to_owned),
            dest: &self.dest,
            wanted,
            folders: self.folders()?,
            force: self.force,
            backup: self.backup,
            validate: self.validate.as_deref(),
            follow: self.follow,
            expected: self.checksum.as_deref(),
        };
        put.check(host)
    }

    fn check_controller(&self, src: &str, host: &Host) -> Result<Delta, Failure> {
        let file = host.controller_file(src, Some("files"))?;
        if file.is_dir {
            let root =
                if src.ends_with('/') && !file.path.ends_with('/') { file.path + "/" } else { file.path };
            return folder::check(
                self,
                &Tree::of_controller(&root, self.local_follow, self.decrypt, host)?,
                host,
            );
        }
        let mode = match self.attributes.mode.as_ref().map(|mode| mode.0.as_str()) {
            Some("preserve") => Some(host.controller_mode(&file.path)?),
            _ => None,
        };
        let name = steps::split(&file.path).1.to_owned();
        let source = Source::plain(file, self.decrypt, host)?;
        self.put(source, Some(&name), self.wanted(mode)?, host)
    }

    fn check_remote(&self, src: &str, host: &Host) -> Result<Delta, Failure> {
        let src = host.expand(src)?;
        let stat = host
            .stat_with(&src, true, Some(Algorithm::Sha1))?
            .ok_or_else(|| Failure::new(format!("Source {src} not found")))?;
        if stat.kind == FileKind::Directory {
            return folder::check_remote(self, &src, stat.mode, host);
        }
        let name = steps::split(&src).1.to_owned();
        self.put(Source::host(&src, &stat)?, Some(&name), self.wanted(Some(stat.mode))?, host)
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Copy>(env!("CARGO_MANIFEST_DIR"));
        examples::<Copy>();
    }
}
