use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use super::site::{Site, complain, say};
use crate::sim::{Disk, Disks, Fault};

/// `df [-P] [-k] PATH...`: simulated disks for the product's folders, the real command for all else.
pub fn run(site: &Site, args: &[OsString]) -> u8 {
    let (flags, paths): (Vec<&OsString>, Vec<&OsString>) =
        args.iter().partition(|arg| arg.to_string_lossy().starts_with('-'));
    let disks: Vec<(&OsString, Option<(&str, Disk)>)> =
        paths.iter().map(|path| (*path, disk_of(site, Path::new(path)))).collect();
    if disks.is_empty() || disks.iter().any(|(_, disk)| disk.is_none()) {
        let real = if Path::new("/usr/bin/df").exists() { "/usr/bin/df" } else { "/bin/df" };
        return site.become_command("df", Command::new(real).args(args));
    }
    let known = ["-P", "-k", "-Pk", "-kP"];
    if let Some(flag) = flags.iter().find(|flag| !known.contains(&flag.to_string_lossy().as_ref())) {
        complain(&format!("df: the lab does not simulate option {}", flag.to_string_lossy()));
        return 1;
    }
    say("Filesystem     1024-blocks      Used Available Capacity Mounted on");
    for (_, (name, disk)) in disks.iter().filter_map(|(path, disk)| Some((path, disk.as_ref()?))) {
        let free = disk.size - disk.used;
        let percent = disk.used * 100 / disk.size;
        say(&format!("/dev/lab-{name} {} {} {free} {percent}% {}", disk.size, disk.used, mount(site, name)));
    }
    0
}

fn mount(site: &Site, name: &str) -> String {
    let place = match name {
        "software" => "opt/alation",
        name => name,
    };
    site.layout().root().join(place).display().to_string()
}

fn disk_of(site: &Site, path: &Path) -> Option<(&'static str, Disk)> {
    let state = site.state().ok()?;
    let path = path.canonicalize().ok()?;
    let root = site.layout().root().canonicalize().ok()?;
    let Disks { mut software, data, backup } = state.product.as_ref()?.disks.clone();
    if state.has(Fault::LowDisk) {
        software.used = software.size - 1024 * 1024;
    }
    let disks = [("opt/alation", "software", software), ("data", "data", data), ("backup", "backup", backup)];
    disks
        .into_iter()
        .find(|(place, ..)| path.starts_with(root.join(place)))
        .map(|(_, name, disk)| (name, disk))
}
