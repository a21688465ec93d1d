mod exclude;
mod plan;
mod side;

use switchover_sdk::prelude::*;

use exclude::Excludes;
use plan::Sync;
use side::Side;

#[derive(Params)]
pub struct SynchronizeParams {
    /// A file or folder of the controller; with a slash at its end, what is in it.
    pub src: String,
    /// Where it goes on the host.
    pub dest: HostPath,
    /// Which way things go.
    #[param(
        default = "push",
        refused = "only `push` is known: bring files back with `fetch`, a folder with `archive` and `fetch`"
    )]
    pub mode: String,
    /// Folders with all below, links, permissions, times, and for root owners and groups.
    #[param(default = true)]
    pub archive: bool,
    /// Removes what is in the folder of the host and not in the source.
    #[param(default = false)]
    pub delete: bool,
    /// Compares content; without it size and time.
    #[param(default = false)]
    pub checksum: bool,
    /// Makes nothing that is not there.
    #[param(default = false)]
    pub existing_only: bool,
    /// Takes what links lead to.
    #[param(default = false)]
    pub copy_links: bool,
    /// Folders with all below.
    pub recursive: Option<bool>,
    /// Links stay links.
    pub links: Option<bool>,
    /// Keeps permissions.
    pub perms: Option<bool>,
    /// Keeps times of change.
    pub times: Option<bool>,
    /// Keeps owners, where the host's user is root.
    pub owner: Option<bool>,
    /// Keeps groups, where the host's user is root.
    pub group: Option<bool>,
    /// `--exclude=PATTERN`, `--omit-dir-times`, `--no-perms`, `--no-owner`, `--no-group`, `--no-times`.
    #[param(default = [])]
    pub rsync_opts: Vec<String>,
    /// Folders without what is in them.
    #[param(default = false, refused = "make folders with `file`")]
    pub dirs: bool,
    /// A folder whose files are linked to.
    #[param(refused = "there are no hard links to other folders here")]
    pub link_dest: Option<Vec<String>>,
    #[param(flatten)]
    #[expect(dead_code, reason = "the connection of the play serves all")]
    pub transport: Transport,
}

/// How rsync travels. Files travel through the connection of the play here, so nothing of this is needed.
#[derive(Params)]
#[expect(dead_code, reason = "playbooks give them, and the connection of the play serves all")]
pub struct Transport {
    /// Packs what travels; the connection decides.
    #[param(default = true)]
    pub compress: bool,
    /// Every file goes into place whole in any case.
    #[param(default = true)]
    pub delay_updates: bool,
    /// Nothing unfinished is kept.
    #[param(default = false)]
    pub partial: bool,
    /// The port of the host.
    #[param(refused = "files travel through the connection of the play: set `ansible_port` of the host")]
    pub dest_port: Option<u16>,
    /// The key for the host.
    #[param(
        refused = "files travel through the connection of the play: set `ansible_ssh_private_key_file` of the host"
    )]
    pub private_key: Option<HostPath>,
    /// The program on the host.
    #[param(refused = "no rsync runs on the host; for another user there say `become`")]
    pub rsync_path: Option<String>,
    /// Seconds of silence.
    #[param(default = 0, refused = "the task's `timeout` ends what takes too long")]
    pub rsync_timeout: u64,
    /// The user; that of the connection.
    #[param(default = true)]
    pub set_remote_user: bool,
    /// One connection for all; it is so in any case.
    #[param(default = false)]
    pub ssh_connection_multiplexing: bool,
    /// Arguments of ssh; those of the connection.
    #[param(default = false)]
    pub use_ssh_args: bool,
    /// The host's key; the connection checks it.
    #[param(default = false)]
    pub verify_host: bool,
}

pub struct Synchronize;

impl Module for Synchronize {
    type Params = SynchronizeParams;
    const SPEC: Spec = Spec {
        name: "ansible.posix.synchronize",
        aliases: &["synchronize", "ansible.builtin.synchronize"],
        summary: "Makes a folder of the host like one of the controller.",
        description: "Needs no rsync: both sides are compared by size and time, and only what differs travels, through the \
                      connection of the play. Delegated to the host itself, both folders are on that host.",
        destroys_when: &[("delete", "true", "what is in `dest` and not in `src`")],
        examples: &[
            ("What is in a folder", "synchronize: { src: site/, dest: /srv/www }"),
            (
                "Nothing else there",
                "ansible.posix.synchronize: { src: site/, dest: /srv/www, delete: true, rsync_opts: ['--exclude=.git'] }",
            ),
        ],
        returns: &[
            ("msg", "a line for each path that differs, as `rsync --itemize-changes` writes it"),
            ("rc", "0"),
            ("stdout_lines", "the lines of `msg`"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &SynchronizeParams, host: &Host) -> Result<Delta, Failure> {
        let what = What::of(params)?;
        let from = Side::of_source(params, &what, host)?;
        let to = Side::of_host(&from.dest, host)?;
        Sync { params, what: &what, from: &from, to: &to }.delta(host)
    }

    fn apply(_: &SynchronizeParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        plan::apply(delta, host)
    }
}

/// What is kept of each path, after all options.
pub struct What {
    pub perms: bool,
    pub times: bool,
    pub folder_times: bool,
    pub owner: bool,
    pub group: bool,
    pub links: bool,
    pub excludes: Excludes,
}

impl What {
    fn of(params: &SynchronizeParams) -> Result<Self, Failure> {
        let given = |flag: Option<bool>| flag.unwrap_or(params.archive);
        if !given(params.recursive) {
            return Err(Failure::arguments("only whole folders are known: `recursive` must not be false"));
        }
        let mut what = Self {
            perms: given(params.perms),
            times: given(params.times),
            folder_times: given(params.times),
            owner: given(params.owner),
            group: given(params.group),
            links: given(params.links),
            excludes: Excludes::default(),
        };
        let mut options = params.rsync_opts.iter().map(String::as_str);
        while let Some(option) = options.next() {
            match option {
                "--no-perms" | "--no-p" => what.perms = false,
                "--no-owner" | "--no-o" => what.owner = false,
                "--no-group" | "--no-g" => what.group = false,
                "--no-times" | "--no-t" => (what.times, what.folder_times) = (false, false),
                "--omit-dir-times" | "-O" => what.folder_times = false,
                "--exclude" => what.excludes.add(options.next().unwrap_or_default()),
                "--delay-updates" | "--compress" | "-z" | "--partial" | "-q" | "--quiet" => {}
                other => match other.strip_prefix("--exclude=") {
                    Some(pattern) => what.excludes.add(pattern),
                    None => {
                        let msg = format!("option `{other}` of rsync is not known here");
                        return Err(Failure::arguments(msg)
                            .remedy("run `rsync` with `command` and `delegate_to: localhost`"));
                    }
                },
            }
        }
        Ok(what)
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Synchronize>(env!("CARGO_MANIFEST_DIR"));
        examples::<Synchronize>();
    }
}
