use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use super::site::{Site, complain};
use crate::sim::Phase;

/// Changes the root: into the product's tree of this host only. The root is not really changed; an absolute
/// path of the command is taken from the tree.
pub fn run(site: &Site, args: &[OsString]) -> u8 {
    let [root, program, rest @ ..] = args else {
        complain("chroot: missing operand");
        return 125;
    };
    let refuse = |reason: &str| {
        complain(&format!("chroot: cannot change root directory to '{}': {reason}", root.to_string_lossy()));
        125
    };
    if !site.is_root() {
        return refuse("Operation not permitted");
    }
    let Ok(tree) = Path::new(root).canonicalize() else {
        return refuse("No such file or directory");
    };
    if site.layout().current().canonicalize().ok().as_ref() != Some(&tree) {
        return refuse("the lab only knows the product's own tree");
    }
    site.record("chroot", Phase::Started, None, "");
    let inside = match Path::new(program).strip_prefix("/") {
        Ok(relative) if tree.join(relative).exists() => tree.join(relative),
        _ => program.into(),
    };
    let mut command = Command::new(inside);
    command.args(rest).env("LAB_SHELL", &tree);
    command.env("PATH", format!("{}:/usr/bin:/bin", tree.join("opt/alation/ops/bin").display()));
    site.become_command("chroot", &mut command)
}
