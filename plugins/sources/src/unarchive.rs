#[cfg(test)]
mod tests;
mod unpack;

use switchover_sdk::prelude::*;

use switchover_sdk::script::script;
use unpack::Unpack;

#[derive(Params)]
pub struct UnarchiveParams {
    /// The archive: a file of the controller (searched in `files`), with `remote_src` one of the host, or an URL.
    pub src: String,
    /// The folder, which must be there.
    pub dest: HostPath,
    /// The archive is on the host; an URL is fetched there.
    #[param(default = false)]
    pub remote_src: bool,
    /// The old word for the opposite of `remote_src`.
    #[param(default = true)]
    pub copy: bool,
    /// Does nothing when this is there.
    pub creates: Option<HostPath>,
    /// Returns the names in the archive.
    #[param(default = false)]
    pub list_files: bool,
    /// Names that stay out; patterns of tar or unzip.
    #[param(default = [])]
    pub exclude: Vec<String>,
    /// The only names that are taken.
    #[param(default = [])]
    pub include: Vec<String>,
    /// Keeps files that are newer than those of the archive.
    #[param(default = false)]
    pub keep_newer: bool,
    /// More options for tar or unzip.
    #[param(default = [])]
    pub extra_opts: Vec<String>,
    /// Has no effect: an encrypted archive is refused.
    #[param(default = true)]
    #[expect(dead_code, reason = "what is encrypted is no archive, so the host refuses it either way")]
    pub decrypt: bool,
    /// Looks at the certificate of an URL.
    #[param(default = true)]
    pub validate_certs: bool,
    /// Has no effect: archives are streamed.
    #[param(default = 65536)]
    #[expect(dead_code, reason = "known because playbooks give it")]
    pub io_buffer_size: u64,
    #[param(flatten)]
    pub attributes: FileAttributes,
}

pub struct Unarchive;

/// `$1` the folder, `$2` a path that makes it all idle, `$3` the archive on the host, `$4` something when a context is wanted. Prints the first that holds.
const LOOK: &str = r#"if [ -n "$2" ] && [ -e "$2" ]; then echo created
elif [ ! -d "$1" ]; then echo no-folder
elif [ -n "$3" ] && [ ! -e "$3" ]; then echo no-archive
elif [ -n "$3" ] && [ ! -r "$3" ]; then echo unreadable
elif [ -n "$4" ] && grep -q ' /sys/fs/selinux selinuxfs rw' /proc/mounts 2>/dev/null; then echo selinux
else echo ready; fi"#;

impl Module for Unarchive {
    type Params = UnarchiveParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.unarchive",
        aliases: &["unarchive"],
        summary: "Unpacks an archive into a folder, when the folder does not hold it yet.",
        mutually_exclusive: &[&["include", "exclude"]],
        long: true,
        missing: Some("src (or content) and dest are required"),
        examples: &[
            ("From the controller", "unarchive: { src: product.tgz, dest: /opt }"),
            (
                "From the web, once",
                "unarchive: { src: 'https://example.com/a.zip', dest: /opt, remote_src: true, creates: /opt/a }",
            ),
        ],
        returns: &[
            ("dest", "the folder; also its `owner`, `group`, `uid`, `gid`, `mode`, `size`, `state`"),
            ("src", "the archive on the host"),
            ("handler", "the kind of archive, in Ansible's words"),
            ("files", "the names in the archive, with `list_files`"),
            ("extract_results", "`cmd`, `rc`, `out` and `err`, when something was unpacked"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &UnarchiveParams, host: &Host) -> Result<Delta, Failure> {
        let archive = params.archive(host)?;
        let on_host = archive.on_host().unwrap_or_default();
        let creates = params.creates.as_deref().unwrap_or_default();
        let said =
            host.output(&script(LOOK, &[&*params.dest, creates, on_host, params.context()]).reads())?;
        match said.trim() {
            "created" => {
                let msg = format!("skipped, since {creates} exists");
                return Ok(Delta::none_with(json!({ "skipped": true, "msg": msg })));
            }
            "no-folder" => {
                return Err(Failure::new(format!("dest '{}' must be an existing dir", params.dest)));
            }
            "no-archive" => return Err(Failure::new(format!("Source '{on_host}' does not exist"))),
            "selinux" => {
                return Err(Failure::new("contexts of files from an archive are not set here")
                    .remedy("give them with a task of `file` with `recurse: true`"));
            }
            "unreadable" => return Err(Failure::new(format!("Source '{on_host}' not readable"))),
            _ => {}
        }
        match archive {
            Archive::Host(path) if host.about.check_mode => {
                Unpack { params, path: &path, fetch: false }.look(host)
            }
            _ => Ok(Delta::unknown()),
        }
    }

    fn apply(params: &UnarchiveParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        unpack::apply(params, &params.archive(host)?, host)
    }
}

/// Where an archive comes from.
pub enum Archive {
    /// A path of the controller.
    Controller(String),
    /// A path of the host.
    Host(String),
    Url(String),
}

impl Archive {
    fn on_host(&self) -> Option<&str> {
        if let Self::Host(path) = self { Some(path) } else { None }
    }
}

impl UnarchiveParams {
    /// Returns a part of the wanted context; empty when none is.
    fn context(&self) -> &str {
        let given = &self.attributes;
        let parts = [&given.setype, &given.seuser, &given.serole, &given.selevel];
        parts.into_iter().flatten().next().map_or("", String::as_str)
    }

    fn archive(&self, host: &Host) -> Result<Archive, Failure> {
        if self.remote_src || !self.copy {
            return Ok(match self.src.contains("://") {
                true => Archive::Url(self.src.clone()),
                false => Archive::Host(host.expand(&self.src)?),
            });
        }
        let file =
            host.controller_file(&self.src, Some("files")).map_err(|failure| self.without_login(failure))?;
        if file.is_dir {
            return Err(Failure::new(format!("{} is a folder, not an archive", file.path)));
        }
        Ok(Archive::Controller(file.path))
    }

    /// Takes user and password of an address out of what a failure says.
    fn without_login(&self, failure: Failure) -> Failure {
        let login = self.src.split_once("://").and_then(|(_, rest)| rest.split('/').next()?.rsplit_once('@'));
        match login {
            Some((login, _)) => Failure { msg: failure.msg.replace(&format!("{login}@"), ""), ..failure },
            None => failure,
        }
    }
}
