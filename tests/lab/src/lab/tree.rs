use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::layout::HostLayout;
use crate::sim::{Action, Build, Release};

/// Commands that every host has; `curl` only where the machine has none.
pub const HOST_COMMANDS: [&str; 8] = ["sudo", "su", "chroot", "rpm", "id", "whoami", "df", "hostname"];

/// Commands inside the product's shell.
const SHELL_COMMANDS: [&str; 6] =
    ["alation_action", "alation_conf", "alation_pre_upgrade_reindex", "id", "whoami", "hostname"];

/// Unpacks a version of the product: its folder beside the one in use, with log folder and commands.
pub fn install_version(
    host: &HostLayout,
    program: &Path,
    release: Release,
    build: Build,
) -> io::Result<PathBuf> {
    let tree = host.product().join(format!("alation-{build}"));
    for folder in ["bin", "opt/alation/ops/bin", "opt/alation/ops/actions/alationadmin", "var/log"] {
        fs::create_dir_all(tree.join(folder))?;
    }
    link(program, &tree.join("bin/su"))?;
    for command in SHELL_COMMANDS {
        link(program, &tree.join("opt/alation/ops/bin").join(command))?;
    }
    let offered = Action::all().filter(|action| *action != Action::Reindex && action.is_offered(release));
    for action in offered {
        link(program, &tree.join("opt/alation/ops/actions/alationadmin").join(action.name()))?;
    }
    let main = tree.join("opt/alation/django/main");
    fs::create_dir_all(&main)?;
    fs::write(main.join("alation_version.py"), version_file(release, build))?;
    link(&host.root().join("data"), &tree.join("data1"))?;
    link(&host.root().join("backup"), &tree.join("data2"))?;
    Ok(tree)
}

fn version_file(release: Release, build: Build) -> String {
    let [major, minor, patch, number] = build.0;
    format!(
        "ALATION_MAJOR_VERSION = {major}\nALATION_MINOR_VERSION = {minor}\nALATION_PATCH_VERSION = {patch}\n\
         ALATION_BUILD_VERSION = {number}\nALATION_RELEASE_NAME = '{release}'\n"
    )
}

/// Makes or replaces a symbolic link, at once.
pub fn link(target: &Path, path: &Path) -> io::Result<()> {
    let new = path.with_file_name(format!(".new-{}", std::process::id()));
    // A leftover of an earlier process with this number.
    let _ = fs::remove_file(&new);
    symlink(target, &new)?;
    fs::rename(&new, path)
}
