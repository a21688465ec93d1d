mod work;

use switchover_sdk::prelude::*;

use crate::fstab::{Entry, with, without};
use crate::mounted::at;
use switchover_sdk::script::look;
use work::{Step, Work};

#[derive(Params)]
pub struct MountParams {
    /// Where it is mounted.
    #[param(alias = "name")]
    pub path: HostPath,
    /// What is mounted: a device, `LABEL=x`, `host:/path`, a folder for bind mounts.
    pub src: Option<String>,
    /// The type of the file system.
    pub fstype: Option<String>,
    /// Options; `defaults` without it.
    pub opts: Option<String>,
    /// Keeps the options out of what is shown. Options are on the command line of mount(8): give a `credentials=`
    /// file instead of a password.
    #[param(default = false)]
    pub opts_no_log: bool,
    /// Whether dump(8) saves it.
    #[param(default = "0")]
    pub dump: String,
    /// When fsck(8) looks at it.
    #[param(default = "0")]
    pub passno: String,
    /// What should be: the entry in fstab, the mount, or both.
    pub state: State,
    /// The file; `/etc/fstab` without it.
    pub fstab: Option<String>,
    /// Whether it is mounted with the host; `false` adds the option `noauto`.
    #[param(default = true)]
    pub boot: bool,
    /// Keeps the old file, with a time in its name.
    #[param(default = false)]
    pub backup: bool,
}

/// What should be at a mount point.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    AbsentFromFstab,
    AbsentMount,
    Mounted,
    Present,
    Unmounted,
    Remounted,
    Ephemeral,
}

pub struct Mount;

/// `$1` fstab, `$2` the path. Sections: fstab, all mounts, `1` when the path is there.
const LOOK: &str = r#"[ ! -e "$1" ] || cat -- "$1"; printf '\036'
cat /proc/self/mountinfo; printf '\036'
[ -e "$2" ] && printf 1; :"#;

impl Module for Mount {
    type Params = MountParams;
    const SPEC: Spec = Spec {
        name: "ansible.posix.mount",
        aliases: &["mount", "ansible.builtin.mount"],
        summary: "Keeps mounts and their entries in fstab.",
        examples: &[
            (
                "By its UUID",
                "mount: { path: /home, src: UUID=b3e48f45-f933-4c8e-a700-22a159ec9077, fstype: xfs, opts: noatime, state: present }",
            ),
            (
                "A folder in another place",
                "ansible.posix.mount: { path: /chroot/boot, src: /boot, fstype: none, opts: bind, state: mounted }",
            ),
            ("Gone", "mount: { path: /mnt/old, state: absent }"),
        ],
        returns: &[
            ("name", "the path; also `src`, `fstype`, `opts`, `dump`, `passno`, `fstab`, `boot`"),
            ("backup_file", "where the old file is kept"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &MountParams, host: &Host) -> Result<Delta, Failure> {
        params.refuse_nonsense()?;
        let [fstab, mounts, there] = look(LOOK, &[params.fstab(), &params.path], "cat", host)?;
        let mounted = at(&mounts, params.path.trim_end_matches('/'));
        let mut work = Work { folder_missing: there != "1", ..Work::default() };
        let entry = params.entry();
        let is_same =
            |src: &str| mounted.as_ref().is_some_and(|found| found.sources.iter().any(|is| is == src));
        match params.state {
            State::Present => work.fstab = Some(with(&fstab, &entry)),
            State::Mounted => {
                work.fstab = Some(with(&fstab, &entry));
                let differs = work.fstab.as_ref() != Some(&fstab);
                match mounted.is_some() {
                    true if differs => work.steps.push(Step::Remount),
                    true => {}
                    false => work.steps.push(Step::Mount),
                }
            }
            State::AbsentFromFstab => work.fstab = Some(without(&fstab, &params.path, params.src.as_deref())),
            State::Absent | State::AbsentMount => {
                let after = without(&fstab, &params.path, params.src.as_deref());
                if after != fstab {
                    work.steps.extend(mounted.is_some().then_some(Step::Unmount));
                    work.steps.extend(
                        (params.state == State::Absent && there == "1").then_some(Step::RemoveFolder),
                    );
                }
                work.fstab = Some(after);
            }
            State::Unmounted => work.steps.extend(mounted.is_some().then_some(Step::Unmount)),
            State::Remounted => work.steps.push(Step::Remount),
            State::Ephemeral if mounted.is_none() => work.steps.push(Step::Mount),
            State::Ephemeral if is_same(&entry.src) => work.steps.push(Step::Remount),
            State::Ephemeral => return Err(Failure::new(OTHER_SOURCE)),
        }
        work.fstab = work.fstab.filter(|after| *after != fstab);
        Ok(work.delta(params, &fstab))
    }

    fn apply(params: &MountParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        work::apply(params, delta, host)
    }
}

const OTHER_SOURCE: &str = "Ephemeral mount point is already mounted with a different source than the specified one. \
    Failing in order to prevent an unwanted unmount or override operation. Try replacing this command with a \
    \"state: unmounted\" followed by a \"state: ephemeral\", or use a different destination path.";

impl MountParams {
    fn fstab(&self) -> &str {
        self.fstab.as_deref().unwrap_or("/etc/fstab")
    }

    fn refuse_nonsense(&self) -> Result<(), Failure> {
        let needs = matches!(self.state, State::Mounted | State::Present | State::Ephemeral);
        let missing: Vec<&str> = [("src", &self.src), ("fstype", &self.fstype)]
            .into_iter()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| name)
            .collect();
        if needs && !missing.is_empty() {
            let (state, missing) = (self.state.word(), missing.join(", "));
            let msg = format!("state is {state} but all of the following are missing: {missing}");
            return Err(Failure::arguments(msg));
        }
        let opts = self.opts.as_deref().unwrap_or_default();
        let on_command_line = matches!(self.state, State::Ephemeral | State::Remounted);
        if on_command_line
            && opts.split(',').any(|opt| opt.starts_with("password=") || opt.starts_with("pass="))
        {
            return Err(Failure::arguments("a password among opts would be on the command line of mount")
                .remedy("put it into a file that only root can read, and give credentials=FILE"));
        }
        Ok(())
    }

    fn entry(&self) -> Entry {
        let mut opts = self.opts.clone().unwrap_or_else(|| "defaults".to_owned());
        if !self.boot && !opts.split(',').any(|opt| opt == "noauto") {
            opts.push_str(",noauto");
        }
        Entry {
            src: self.src.clone().unwrap_or_default(),
            path: self.path.0.clone(),
            fstype: self.fstype.clone().unwrap_or_default(),
            opts,
            dump: self.dump.clone(),
            passno: self.passno.clone(),
        }
    }

    fn result(&self) -> Map {
        let entry = self.entry();
        let opts = if self.opts_no_log { "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" } else { &entry.opts };
        let mut result = Map::from_iter([
            ("name".to_owned(), json!(entry.path)),
            ("opts".to_owned(), json!(opts)),
            ("dump".to_owned(), json!(entry.dump)),
            ("passno".to_owned(), json!(entry.passno)),
            ("fstab".to_owned(), json!(self.fstab())),
            ("boot".to_owned(), json!(if self.boot { "yes" } else { "no" })),
            ("backup_file".to_owned(), json!("")),
        ]);
        for (key, value) in [("src", &self.src), ("fstype", &self.fstype)] {
            result.extend(value.as_ref().map(|value| (key.to_owned(), json!(value))));
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Mount>(env!("CARGO_MANIFEST_DIR"));
        examples::<Mount>();
    }
}
