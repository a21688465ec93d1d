mod wanted;

use switchover_sdk::prelude::*;
use switchover_sdk::script::look;

use crate::lvm::{self, words};
use wanted::{Room, Size};

#[derive(Params)]
pub struct LvolParams {
    /// The volume group.
    pub vg: String,
    /// The volume; with `snapshot`, the one it is taken of.
    pub lv: Option<String>,
    /// Its size: `10g`, `512` (mebibytes), `80%VG`, `100%FREE`; with `+` or `-` so much more or less.
    pub size: Option<String>,
    /// Whether the volume is there.
    #[param(default = "present")]
    pub state: State,
    /// Whether it can be used.
    #[param(default = true)]
    pub active: bool,
    /// Permits to remove a volume or to make it smaller.
    #[param(default = false)]
    pub force: bool,
    /// Makes a volume smaller that is larger than `size`.
    #[param(default = true)]
    pub shrink: bool,
    /// Lets the file system follow the size.
    #[param(default = false)]
    pub resizefs: bool,
    /// More options for `lvcreate`, split at blanks.
    pub opts: Option<String>,
    /// The devices that it lies on.
    pub pvs: Option<Vec<String>>,
    /// The name of a snapshot.
    pub snapshot: Option<String>,
    /// A pool of volumes that take their room when they need it: `lv` lies in it, or without `lv` the pool itself is made.
    pub thinpool: Option<String>,
}

/// Whether a volume is there.
#[derive(Choice, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct Lvol;

/// `$1` the group. Sections: its size, free bytes and extent; then each volume with its size and attributes.
const LOOK: &str = r#"PATH=$PATH:/usr/sbin:/sbin; export LC_ALL=C LVM_SUPPRESS_FD_WARNINGS=1; command -v vgs >/dev/null || exit 64
vgs --noheadings --nosuffix --units b --separator ';' -o vg_size,vg_free,vg_extent_size "$1" 2>/dev/null | tr -d ' \n'
printf '\036'; lvs -a --noheadings --nosuffix --units b --separator ';' -o lv_name,lv_size,lv_attr "$1" 2>/dev/null | tr -d ' []'; exit 0"#;

/// A volume as it is.
struct Volume {
    size: u64,
    active: bool,
}

impl Module for Lvol {
    type Params = LvolParams;
    const SPEC: Spec = Spec {
        name: "community.general.lvol",
        aliases: &["lvol", "ansible.builtin.lvol"],
        summary: "Keeps a logical volume of LVM.",
        required_one_of: &[&["lv", "thinpool"]],
        destroys_when: &[(
            "force",
            "true",
            "what is on the volume that goes, or on the part that is cut off",
        )],
        examples: &[
            ("A volume", "lvol: { vg: data, lv: db, size: 20g }"),
            (
                "As large as can be",
                "community.general.lvol: { vg: data, lv: db, size: 100%FREE, resizefs: true }",
            ),
            ("Gone", "lvol: { vg: data, lv: old, state: absent, force: true }"),
        ],
        returns: &[("msg", "what was done, when it needs a word")],
        ..Spec::DEFAULT
    };

    fn check(params: &LvolParams, host: &Host) -> Result<Delta, Failure> {
        let [group, volumes] = look(LOOK, &[&params.vg], "vgs", host)?;
        let Some(room) = Room::read(&group) else {
            return match params.state {
                State::Absent => Ok(Delta::none_with(json!({ "msg": params.no_group() }))),
                State::Present => Err(Failure::new(params.no_group())),
            };
        };
        let volume = volume(&volumes, params.name());
        let commands = match (params.state, &volume) {
            (State::Absent, None) => Vec::new(),
            (State::Absent, Some(_)) => params.removal()?,
            (State::Present, None) => vec![params.creation()?],
            (State::Present, Some(volume)) => params.moves(volume, &room)?,
        };
        if commands.is_empty() {
            return Ok(Delta::none());
        }
        let before =
            volume.map_or(json!("absent"), |volume| json!({ "size": volume.size, "active": volume.active }));
        let after: Vec<String> = commands.iter().map(|command| command.join(" ")).collect();
        Ok(Delta::change(params.path(), before, json!(after)).with_state(json!(commands)))
    }

    fn apply(_: &LvolParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        lvm::run(delta, host)
    }
}

fn volume(lines: &str, name: &str) -> Option<Volume> {
    lines.lines().find_map(|line| {
        let [known, size, attributes] = line.split(';').collect::<Vec<_>>().try_into().ok()?;
        let active = attributes.chars().nth(4) == Some('a');
        (known == name).then(|| Volume { size: size.parse().unwrap_or(0), active })
    })
}

impl LvolParams {
    /// Returns the volume that the task is about.
    fn name(&self) -> &str {
        let names = [&self.snapshot, &self.lv, &self.thinpool];
        names.into_iter().flatten().next().map_or("", String::as_str)
    }

    fn path(&self) -> String {
        format!("{}/{}", self.vg, self.name())
    }

    fn no_group(&self) -> String {
        format!("Volume group {} does not exist.", self.vg)
    }

    fn removal(&self) -> Result<Vec<Vec<String>>, Failure> {
        if !self.force {
            let msg = format!("Sorry, no removal of logical volume {} without force=true.", self.name());
            return Err(Failure::new(msg));
        }
        Ok(vec![words(["lvremove", "--force", &self.path()])])
    }

    fn creation(&self) -> Result<Vec<String>, Failure> {
        let size = match &self.size {
            Some(text) => Size::read(text)?,
            None if self.snapshot.is_some() && self.thinpool.is_some() => return Err(no_size(self.name())),
            None if self.snapshot.is_none() => return Err(no_size(self.name())),
            None => Size::none(),
        };
        if size.is_relative() {
            return Err(Failure::new(format!(
                "Bad size specification of '{}': there is no {} yet",
                size.text(),
                self.name()
            )));
        }
        let flag = size.options();
        let (vg, name) = (self.vg.as_str(), self.name());
        let pool = self.thinpool.as_ref().map(|pool| format!("{vg}/{pool}"));
        let origin = self.lv.as_ref().map(|lv| format!("{vg}/{lv}"));
        let kind: Vec<&str> = match (&self.snapshot, &pool, &self.lv) {
            (Some(_), ..) => vec!["-n", name, "-s", origin.as_deref().unwrap_or_default()],
            (None, Some(pool), Some(_)) => vec!["-n", name, "-T", pool],
            (None, Some(pool), None) => vec!["-T", pool],
            (None, None, _) => vec!["-n", name, vg],
        };
        // A volume in a pool only promises its size.
        let promised = self.snapshot.is_none() && self.thinpool.is_some() && self.lv.is_some();
        let flag: Vec<&str> =
            flag.iter().map(|word| if promised && word == "-L" { "-V" } else { word.as_str() }).collect();
        let active = if self.active { vec![] } else { vec!["-an", "-Zn"] };
        let opts = self.opts.as_deref().unwrap_or_default().split_whitespace();
        let pvs = self.pvs.iter().flatten().map(String::as_str);
        Ok(words(["lvcreate"].into_iter().chain(active).chain(flag).chain(opts).chain(kind).chain(pvs)))
    }

    fn moves(&self, volume: &Volume, room: &Room) -> Result<Vec<Vec<String>>, Failure> {
        let path = self.path();
        let mut commands = Vec::new();
        if let (Some(text), None) = (&self.size, &self.snapshot) {
            let size = Size::read(text)?;
            let wanted = room.extents(size.bytes(room, volume.size));
            let flag = format!("{wanted}b");
            let resize: Vec<&str> = if self.resizefs { vec!["--resizefs"] } else { vec![] };
            if wanted > volume.size {
                commands.push(words(["lvextend"].into_iter().chain(resize).chain(["-L", &flag, &path])));
            } else if wanted < volume.size && self.shrink && !size.only_grows() {
                if !self.force {
                    return Err(Failure::new(format!(
                        "Sorry, no shrinking of {} without force=true.",
                        self.name()
                    )));
                }
                commands.push(words(
                    ["lvreduce", "--force"].into_iter().chain(resize).chain(["-L", &flag, &path]),
                ));
            }
        }
        if volume.active != self.active {
            commands.push(words(["lvchange", if self.active { "-ay" } else { "-an" }, &path]));
        }
        Ok(commands)
    }
}

fn no_size(name: &str) -> Failure {
    Failure::new(format!("No size given for {name}, which is not there"))
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Lvol>(env!("CARGO_MANIFEST_DIR"));
        examples::<Lvol>();
    }
}
