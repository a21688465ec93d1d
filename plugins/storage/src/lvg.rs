use switchover_sdk::prelude::*;
use switchover_sdk::script::look;

use crate::lvm::{self, words};
use crate::sizes;

#[derive(Params)]
pub struct LvgParams {
    /// The volume group.
    pub vg: String,
    /// Its devices. What is on them must be nothing, or a physical volume.
    pub pvs: Option<Vec<String>>,
    /// The size of an extent of a new group; mebibytes without a unit.
    #[param(default = "4")]
    pub pesize: String,
    /// More options for `pvcreate`, split at blanks.
    #[param(default = "")]
    pub pv_options: String,
    /// More options for `vgcreate`, split at blanks.
    #[param(default = "")]
    pub vg_options: String,
    /// Lets its devices grow with their disks.
    #[param(default = false)]
    pub pvresize: bool,
    /// Takes devices out that `pvs` does not name. LVM refuses while something is on them.
    #[param(default = true)]
    pub remove_extra_pvs: bool,
    /// Whether there is the group; `active` and `inactive` also say whether its volumes can be used.
    #[param(default = "present")]
    pub state: State,
    /// Removes a group that has volumes.
    #[param(default = false)]
    pub force: bool,
    /// Gives the group a new UUID.
    #[param(default = false, refused = "run `vgchange --uuid` with `command`")]
    pub reset_vg_uuid: bool,
    /// Gives its devices new UUIDs.
    #[param(default = false, refused = "run `pvchange --uuid` with `command`")]
    pub reset_pv_uuid: bool,
}

/// Whether there is a group.
#[derive(Choice, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Absent,
    Active,
    Inactive,
    Present,
}

pub struct Lvg;

/// `$1` the group, then devices. Sections: the number of its volumes (empty when there is no group), the size of its extents and
/// how many of its volumes are active; every physical volume with its group and sizes; the real path of each device.
const LOOK: &str = r#"PATH=$PATH:/usr/sbin:/sbin; export LC_ALL=C LVM_SUPPRESS_FD_WARNINGS=1; command -v vgs >/dev/null || exit 64
vgs --noheadings --nosuffix --units b --separator ';' -o vg_name,lv_count,vg_extent_size 2>/dev/null | tr -d ' ' | awk -F ';' -v vg="$1" '$1 == vg { printf "%s;%s", $2, $3 }'
printf '\036'; lvs --noheadings -o lv_active "$1" 2>/dev/null | grep -c '^ *active'
printf '\036'; pvs --noheadings --nosuffix --units b --separator ';' -o pv_name,vg_name,pv_size,dev_size,pe_start 2>/dev/null | tr -d ' '
printf '\036'; shift; for dev; do if [ -b "$dev" ]; then readlink -f -- "$dev"; else echo; fi; done; exit 0"#;

impl Module for Lvg {
    type Params = LvgParams;
    const SPEC: Spec = Spec {
        name: "community.general.lvg",
        aliases: &["lvg", "ansible.builtin.lvg"],
        summary: "Keeps a volume group of LVM.",
        description: "A device that holds anything but a physical volume is refused by `pvcreate`.",
        destroys_when: &[("state", "absent", "the volume group, with `force` also its volumes")],
        examples: &[
            ("A group", "lvg: { vg: data, pvs: [/dev/sdb1, /dev/sdc1], pesize: '32' }"),
            ("Gone", "community.general.lvg: { vg: old, state: absent }"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &LvgParams, host: &Host) -> Result<Delta, Failure> {
        let found = Found::read(params, host)?;
        let commands = match (params.state, &found.group) {
            (State::Absent, None) => Vec::new(),
            (State::Absent, Some(group)) => params.removal(group)?,
            (_, None) => params.creation(&found)?,
            (_, Some(group)) => params.moves(&found, group)?,
        };
        if commands.is_empty() {
            return Ok(Delta::none());
        }
        let line = |command: &Vec<String>| command.join(" ");
        let after: Vec<String> = commands.iter().map(line).collect();
        Ok(Delta::change(&params.vg, json!(found.devices_of(&params.vg)), json!(after))
            .with_state(json!(commands)))
    }

    fn apply(_: &LvgParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        lvm::run(delta, host)
    }
}

/// What LVM knows.
struct Found {
    group: Option<Group>,
    volumes: Vec<Physical>,
    /// The devices of the task by their real paths.
    devices: Vec<String>,
}

struct Group {
    volumes: u64,
    extent: u64,
    active: u64,
}

/// A physical volume.
struct Physical {
    device: String,
    group: String,
    /// What a larger device would give it, in bytes.
    spare: u64,
}

impl Found {
    fn read(params: &LvgParams, host: &Host) -> Result<Self, Failure> {
        let given = params.pvs.iter().flatten().map(String::as_str);
        let asked: Vec<&str> = std::iter::once(params.vg.as_str()).chain(given).collect();
        let [group, active, volumes, devices] = look(LOOK, &asked, "vgs", host)?;
        let number = |text: &str| text.trim().parse().unwrap_or(0);
        let group = group.split_once(';').map(|(volumes, extent)| Group {
            volumes: number(volumes),
            extent: number(extent),
            active: number(&active),
        });
        let volumes = volumes.lines().filter_map(|line| {
            let [device, group, size, disk, start] = line.split(';').collect::<Vec<_>>().try_into().ok()?;
            let spare = number(disk).saturating_sub(number(size) + number(start));
            Some(Physical { device: device.to_owned(), group: group.to_owned(), spare })
        });
        let volumes = volumes.collect();
        let devices: Vec<String> = devices.lines().map(str::to_owned).collect();
        if let Some(index) = devices.iter().position(String::is_empty) {
            return Err(Failure::new(format!("Device {} not found.", asked[index + 1])));
        }
        Ok(Self { group, volumes, devices })
    }

    fn physical(&self, device: &str) -> Option<&Physical> {
        self.volumes.iter().find(|volume| volume.device == device)
    }

    fn devices_of(&self, group: &str) -> Vec<&str> {
        self.volumes.iter().filter(|it| it.group == group).map(|it| it.device.as_str()).collect()
    }
}

impl LvgParams {
    fn removal(&self, group: &Group) -> Result<Vec<Vec<String>>, Failure> {
        if group.volumes > 0 && !self.force {
            let msg = format!("Refuse to remove non-empty volume group {} without force=true", self.vg);
            return Err(Failure::new(msg));
        }
        Ok(vec![words(["vgremove", "--force", &self.vg])])
    }

    fn creation(&self, found: &Found) -> Result<Vec<Vec<String>>, Failure> {
        if found.devices.is_empty() {
            return Err(Failure::new("No physical volumes given."));
        }
        let mut commands = self.physical(found)?;
        let size = format!("{}b", sizes::bytes(&self.pesize)?);
        let fixed = ["vgcreate", "-s", size.as_str()].into_iter();
        let named = fixed.chain(self.vg_options.split_whitespace()).chain([self.vg.as_str()]);
        commands.push(words(named.chain(found.devices.iter().map(String::as_str))));
        commands.extend(self.activation(None));
        Ok(commands)
    }

    fn moves(&self, found: &Found, group: &Group) -> Result<Vec<Vec<String>>, Failure> {
        let mut commands = self.physical(found)?;
        let has = found.devices_of(&self.vg);
        let new: Vec<&str> =
            found.devices.iter().map(String::as_str).filter(|device| !has.contains(device)).collect();
        if !new.is_empty() {
            commands.push(words(["vgextend", &self.vg].into_iter().chain(new)));
        }
        if self.pvresize {
            let grows = |it: &&&str| found.physical(it).is_some_and(|it| it.spare >= group.extent.max(1));
            commands.extend(has.iter().filter(grows).map(|device| words(["pvresize", device])));
        }
        let extra: Vec<&str> =
            has.into_iter().filter(|device| !found.devices.iter().any(|it| it == device)).collect();
        if self.remove_extra_pvs && !found.devices.is_empty() && !extra.is_empty() {
            commands.push(words(["vgreduce", &self.vg].into_iter().chain(extra)));
        }
        commands.extend(self.activation(Some(group)));
        Ok(commands)
    }

    /// Returns what makes devices into physical volumes that are none yet.
    fn physical(&self, found: &Found) -> Result<Vec<Vec<String>>, Failure> {
        let mut commands = Vec::new();
        for device in &found.devices {
            match found.physical(device) {
                Some(known) if known.group.is_empty() || known.group == self.vg => {}
                Some(known) => {
                    let msg = format!("Device {device} is already in {} volume group.", known.group);
                    return Err(Failure::new(msg));
                }
                None => {
                    let fixed = ["pvcreate"].into_iter().chain(self.pv_options.split_whitespace());
                    commands.push(words(fixed.chain([device.as_str()])));
                }
            }
        }
        Ok(commands)
    }

    fn activation(&self, group: Option<&Group>) -> Option<Vec<String>> {
        let (volumes, active) = group.map_or((0, 0), |group| (group.volumes, group.active));
        match self.state {
            State::Active if active < volumes => Some(words(["vgchange", "--activate", "y", &self.vg])),
            State::Inactive if active > 0 => Some(words(["vgchange", "--activate", "n", &self.vg])),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Lvg>(env!("CARGO_MANIFEST_DIR"));
        examples::<Lvg>();
    }
}
