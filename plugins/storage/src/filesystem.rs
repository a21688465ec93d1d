mod kind;

use switchover_sdk::prelude::*;
use switchover_sdk::script::{change, look, script};

use kind::Kind;

#[derive(Params)]
pub struct FilesystemParams {
    /// The block device, or a file that holds a file system.
    #[param(alias = "device")]
    pub dev: HostPath,
    /// Whether there is a file system.
    #[param(default = "present")]
    pub state: State,
    /// Which file system.
    #[param(alias = "type")]
    pub fstype: Option<Kind>,
    /// Makes it even where another one is, and makes the same one anew: all of its files are lost.
    #[param(default = false)]
    pub force: bool,
    /// Lets it grow into a device that became larger.
    #[param(default = false)]
    pub resizefs: bool,
    /// More options for the program that makes it, split at blanks.
    pub opts: Option<String>,
    /// Its UUID.
    #[param(
        refused = "set it when it is made with `opts`, or run `tune2fs -U` or `xfs_admin -U` with `command`"
    )]
    pub uuid: Option<String>,
}

/// Whether a device has a file system.
#[derive(Choice, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct Filesystem;

/// `$1` the device. Sections: `yes` when it is there, what blkid finds on it, the size of the device, the size of what is on it
/// (of ext and mounted xfs), and where it is mounted.
const LOOK: &str = r#"PATH=$PATH:/usr/sbin:/sbin; export LC_ALL=C; command -v blkid >/dev/null || exit 64
if [ -b "$1" ]; then printf yes; size=$(blockdev --getsize64 "$1"); elif [ -f "$1" ]; then printf yes; size=$(stat -c %s -- "$1"); fi
type=$(blkid -c /dev/null -o value -s TYPE -- "$1" 2>/dev/null | head -n 1)
at=$(findmnt -n -o TARGET --source "$1" 2>/dev/null | head -n 1)
case $type in
ext*) has=$(dumpe2fs -h -- "$1" 2>/dev/null | awk '/^Block count:/ { n = $3 } /^Block size:/ { s = $3 } END { printf "%.0f", n * s }') ;;
xfs) [ -n "$at" ] && has=$(xfs_info "$at" 2>/dev/null | sed -n 's/^data .*bsize=\([0-9]*\) *blocks=\([0-9]*\),.*/\1 \2/p' | awk '{ printf "%.0f", $1 * $2 }') ;;
esac
printf '\036%s\036%s\036%s\036%s' "$type" "$size" "$has" "$at""#;

/// A device as it is.
struct Found {
    there: bool,
    /// As blkid calls it; empty when there is none.
    fstype: String,
    device_size: u64,
    size: u64,
    mounted_at: String,
}

/// So much less than the device the file systems of the kernel may be, for alignment.
const ROUNDING: u64 = 1 << 20;

impl Module for Filesystem {
    type Params = FilesystemParams;
    const SPEC: Spec = Spec {
        name: "community.general.filesystem",
        aliases: &["filesystem", "ansible.builtin.filesystem"],
        summary: "Keeps a file system on a device.",
        description: "What blkid finds on a device is gone over only with `force`.",
        long: true,
        required_if: &[("state", "present", &["fstype"])],
        destroys_when: &[
            ("force", "true", "every file of the file system on the device"),
            ("state", "absent", "the file system on the device with all of its files"),
        ],
        examples: &[
            ("A file system", "filesystem: { dev: /dev/sdb1, fstype: ext4 }"),
            (
                "Grown with its volume",
                "community.general.filesystem: { dev: /dev/vg0/data, fstype: xfs, resizefs: true }",
            ),
        ],
        returns: &[("msg", "what the tool said, or why nothing was done")],
        ..Spec::DEFAULT
    };

    fn check(params: &FilesystemParams, host: &Host) -> Result<Delta, Failure> {
        let found = Found::read(&params.dev, host)?;
        let dev = &*params.dev;
        if !found.there {
            let msg = format!("Device {dev} not found.");
            return match params.state {
                State::Absent => Ok(Delta::none_with(json!({ "msg": msg }))),
                State::Present => Err(Failure::new(msg)),
            };
        }
        let Some(kind) = params.fstype.filter(|_| params.state == State::Present) else {
            return Ok(match found.fstype.as_str() {
                "" => Delta::none(),
                _ => found.becomes(dev, "").with_state(json!(["wipefs", "--all", dev])),
            });
        };
        let same = kind.blkid() == found.fstype;
        if same && params.resizefs {
            return grow(kind, &found, dev);
        }
        if same && !params.force {
            return Ok(Delta::none());
        }
        if !found.fstype.is_empty() && !params.force {
            let msg = format!("'{dev}' is already used as {}, use force=true to overwrite", found.fstype);
            return Err(Failure::new(msg));
        }
        let command = kind.make(dev, params.opts.as_deref().unwrap_or_default(), params.force)?;
        Ok(found.becomes(dev, kind.word()).with_state(json!(command)))
    }

    fn apply(_: &FilesystemParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let words: Vec<&str> =
            delta.state().as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        const RUN: &str = r#"PATH=$PATH:/usr/sbin:/sbin; exec "$@" </dev/null"#;
        let said = change(&script(RUN, &words), str::to_owned, host)?;
        let grew = matches!(words.first(), Some(&("resize2fs" | "xfs_growfs" | "pvresize")));
        Ok(Outcome::changed(if grew { json!({ "msg": said }) } else { json!({}) }))
    }
}

impl Found {
    fn read(dev: &str, host: &Host) -> Result<Self, Failure> {
        let [there, fstype, device_size, size, mounted_at] = look(LOOK, &[dev], "blkid", host)?;
        let number = |text: &str| text.trim().parse().unwrap_or(0);
        Ok(Self {
            there: there == "yes",
            fstype,
            device_size: number(&device_size),
            size: number(&size),
            mounted_at,
        })
    }

    fn becomes(&self, dev: &str, after: &str) -> Delta {
        Delta::change(dev, json!({ "fstype": self.fstype }), json!({ "fstype": after }))
    }
}

fn grow(kind: Kind, found: &Found, dev: &str) -> Result<Delta, Failure> {
    if found.size == 0 {
        let why = match kind {
            Kind::Xfs => "xfs grows only while it is mounted",
            _ => "the size of this one cannot be told here",
        };
        return Err(Failure::new(format!("the file system on {dev} cannot be made larger: {why}")));
    }
    if found.size + ROUNDING > found.device_size {
        let mut name = kind.word().to_owned();
        name[..1].make_ascii_uppercase();
        let msg = format!("{name} filesystem is using the whole device {dev}");
        return Ok(Delta::none_with(json!({ "msg": msg })));
    }
    let command = match kind {
        Kind::Xfs => json!(["xfs_growfs", found.mounted_at]),
        _ => json!(["resize2fs", dev]),
    };
    Ok(Delta::change(dev, json!({ "size": found.size }), json!({ "size": found.device_size }))
        .with_state(command))
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Filesystem>(env!("CARGO_MANIFEST_DIR"));
        examples::<Filesystem>();
    }
}
