use std::fmt::Write as _;

use super::layout::Layout;
use super::settings::{BackupTool, Preset, Settings, ShellForm};
use crate::sim::Package;

/// Writes the inventory for the runner. Every text is quoted as JSON, which YAML reads as it is.
pub fn render(layout: &Layout, settings: &Settings) -> String {
    let mut out = String::from("all:\n  vars:\n");
    let mut line = |depth: usize, key: &str, value: &str| {
        let indent = "  ".repeat(depth);
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{indent}{key}: {value}");
    };
    let known_hosts = layout.known_hosts().display().to_string();
    let options = format!(
        "-o UserKnownHostsFile={known_hosts} -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes -F /dev/null"
    );
    line(2, "ansible_user", &text(&settings.user));
    line(2, "ansible_ssh_private_key_file", &text(&layout.client_key().display().to_string()));
    line(2, "ansible_ssh_common_args", &text(&options));
    if let Some(password) = &settings.sudo_password {
        line(2, "ansible_become_password", &text(password));
    }
    if settings.preset == Preset::HaPair {
        for (key, value) in pair_variables(layout, settings) {
            line(2, key, &value);
        }
    }
    line(1, "children", "");
    match settings.preset {
        Preset::Plain => {
            line(2, "lab", "");
            hosts(layout, settings, 3, &mut line, |_| true);
        }
        Preset::HaPair => {
            line(2, "alation", "");
            line(3, "children", "");
            line(4, "alation_primary", "");
            hosts(layout, settings, 5, &mut line, |index| index == 0);
            line(4, "alation_secondary", "");
            hosts(layout, settings, 5, &mut line, |index| index == 1);
        }
    }
    out.replace(": \n", ":\n")
}

fn pair_variables(layout: &Layout, settings: &Settings) -> Vec<(&'static str, String)> {
    let package = layout.packages().join(format!("{}.rpm", Package::label(settings.to, settings.to_build)));
    let tool = match settings.backup_tool {
        BackupTool::V1 => "v1",
        BackupTool::V2 => "v2",
    };
    let form = match settings.shell_form {
        ShellForm::Stdin => "stdin",
        ShellForm::Argument => "argument",
    };
    let mut builds = String::from("{");
    let mut known = vec![(settings.from, settings.from_build), (settings.to, settings.to_build)];
    known.dedup_by_key(|(release, _)| *release);
    for (release, build) in known {
        let separator = if builds.len() > 1 { ", " } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(builds, "{separator}{}: {}", text(&release.to_string()), text(&build.series()));
    }
    builds.push('}');
    vec![
        ("alation_package", text(&package.display().to_string())),
        ("alation_current_release", text(&settings.from.to_string())),
        ("alation_target_release", text(&settings.to.to_string())),
        ("alation_backup_tool", text(tool)),
        ("lab_init_shell_form", text(form)),
        ("alation_release_builds", builds),
        ("lab_scale", settings.scale.to_string()),
    ]
}

fn hosts(
    layout: &Layout,
    settings: &Settings,
    depth: usize,
    line: &mut impl FnMut(usize, &str, &str),
    wanted: impl Fn(usize) -> bool,
) {
    line(depth, "hosts", "");
    for (_, entry) in settings.hosts.iter().enumerate().filter(|(index, _)| wanted(*index)) {
        line(depth + 1, &entry.name, "");
        line(depth + 2, "ansible_host", &text(&entry.address));
        line(depth + 2, "ansible_port", &entry.ssh_port.to_string());
        let host = layout.host(&entry.name);
        line(depth + 2, "lab_root", &text(&host.root().display().to_string()));
        if settings.preset == Preset::Plain {
            continue;
        }
        let root = host.current().display().to_string();
        let shell = format!("sudo -n chroot {root} /bin/su - alationadmin -c");
        let page = format!("http://{}:{}/monitor/replication/", entry.address, entry.monitor_port);
        line(depth + 2, "alation_root", &text(&host.product().display().to_string()));
        line(depth + 2, "alation_init", &text(&host.init().display().to_string()));
        line(depth + 2, "alation_sudo", &text("sudo -n"));
        line(depth + 2, "alation_shell", &text(&shell));
        line(depth + 2, "alation_monitor_url", &text(&page));
        line(depth + 2, "alation_override_ip", &text(&entry.address));
        // Two hosts share the machine's /var/tmp, so each gets a folder of its own for the package.
        line(depth + 2, "alation_upload_dir", &text(&host.root().join("tmp").display().to_string()));
    }
}

fn text(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}
