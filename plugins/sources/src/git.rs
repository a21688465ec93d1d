mod access;
mod archive;
mod fetch;
mod found;
#[cfg(test)]
mod tests;
mod wanted;

use switchover_sdk::prelude::*;

use access::Access;
pub use access::without_credentials;
use found::Found;

#[derive(Params)]
pub struct GitParams {
    /// Where it comes from: an URL, `host:path`, or a folder of the host. A password in it reaches git by an
    /// environment that nobody else can read, and is not kept in the clone.
    #[param(alias = "name")]
    pub repo: String,
    /// The folder of the clone.
    pub dest: HostPath,
    /// A branch, a tag, or a commit.
    #[param(default = "HEAD")]
    pub version: String,
    /// What the remote repository is called.
    #[param(default = "origin")]
    pub remote: String,
    /// One more refspec to be fetched.
    pub refspec: Option<String>,
    /// Gives up local changes.
    #[param(default = false)]
    pub force: bool,
    /// Only so many commits of the history.
    pub depth: Option<u32>,
    /// Makes a clone that is not there.
    #[param(default = true)]
    pub clone: bool,
    /// Brings a clone that is there up to date.
    #[param(default = true)]
    pub update: bool,
    /// Without files.
    #[param(default = false)]
    pub bare: bool,
    /// With all submodules.
    #[param(default = true)]
    pub recursive: bool,
    /// Only the history of one branch.
    #[param(default = false)]
    pub single_branch: bool,
    /// Submodules follow their branches, not the commits that are noted.
    #[param(default = false)]
    pub track_submodules: bool,
    /// A repository of the host that lends its objects.
    pub reference: Option<String>,
    /// Where the repository itself goes, apart from its files.
    pub separate_git_dir: Option<HostPath>,
    /// Fails unless the commit has a good signature.
    #[param(default = false)]
    pub verify_commit: bool,
    /// Keys that may sign.
    #[param(default = [], alias = "gpg_whitelist", refused = "verify_commit trusts the keys of the user's keyring")]
    pub gpg_allowlist: Vec<String>,
    /// The umask for new files.
    pub umask: Option<Mode>,
    /// A file of the host that becomes an archive of the files: `.zip`, `.tar.gz`, `.tar` or `.tgz`.
    pub archive: Option<HostPath>,
    /// Goes before each name in the archive.
    pub archive_prefix: Option<String>,
    #[param(flatten)]
    pub access: Access,
}

pub struct Git;

impl Module for Git {
    type Params = GitParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.git",
        aliases: &["git"],
        summary: "Keeps a clone of a repository at a branch, tag or commit.",
        long: true,
        required_by: &[("archive_prefix", &["archive"])],
        examples: &[
            ("A tag", "git: { repo: 'https://example.com/product.git', dest: /srv/product, version: v1.4 }"),
            (
                "Only the last commit",
                "git: { repo: 'git@example.com:a/b.git', dest: /srv/b, depth: 1, key_file: /root/.ssh/deploy }",
            ),
        ],
        returns: &[
            ("before", "the commit before; null for a new clone"),
            ("after", "the commit now"),
            ("submodules_changed", "whether submodules are at other commits now"),
            ("remote_url_changed", "whether the clone had another source"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &GitParams, host: &Host) -> Result<Delta, Failure> {
        params.refuse_nonsense()?;
        let found = Found::look(params, host)?;
        match wanted::delta(params, &found)? {
            // Only writing it tells whether an archive is another one.
            Delta::None { result } if params.archive.is_some() && !host.about.check_mode => {
                Ok(Delta::unknown().with_state(Value::Object(result)))
            }
            delta => Ok(delta),
        }
    }

    fn apply(params: &GitParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let done = match delta {
            Delta::Unknown { state } => Outcome::unchanged(state.clone()),
            delta => fetch::apply(params, delta, host)?,
        };
        match &params.archive {
            Some(path) if params.clone || delta.state()["new"] != true => {
                let changed = archive::write(params, path, host)?;
                Ok(Outcome { changed: done.changed || changed, ..done })
            }
            _ => Ok(done),
        }
    }
}

impl GitParams {
    fn refuse_nonsense(&self) -> Result<(), Failure> {
        if let Some(path) = &self.archive {
            archive::format(path)?;
        }
        let words = [&self.version, &self.remote, &self.access.repository(&self.repo).0];
        if let Some(word) = words.iter().find(|word| word.starts_with('-') || word.is_empty()) {
            return Err(Failure::arguments(format!("`{word}` would be an option of git")));
        }
        if let Some(umask) = self.umask.as_ref().filter(|umask| u32::from_str_radix(&umask.0, 8).is_err()) {
            return Err(Failure::arguments(format!("umask must be octal digits, not `{}`", umask.0)));
        }
        if self.depth == Some(0) {
            return Err(Failure::arguments("depth must be 1 or more"));
        }
        Ok(())
    }
}
