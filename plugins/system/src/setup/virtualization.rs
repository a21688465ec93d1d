use switchover_sdk::prelude::*;

use super::gathered::{Facts, Gathered};

/// Where a word of the firmware stands, the word, and the technique it tells of.
const FIRMWARE: &[(&str, &str, &str)] = &[
    ("product_name", "KVM", "kvm"),
    ("product_name", "Bochs", "kvm"),
    ("product_name", "AHV", "kvm"),
    ("product_name", "Standard PC", "kvm"),
    ("product_name", "Google Compute Engine", "kvm"),
    ("product_name", "OpenStack", "openstack"),
    ("product_name", "VMware", "VMware"),
    ("product_name", "VirtualBox", "virtualbox"),
    ("product_name", "HVM domU", "xen"),
    ("product_name", "Parallels Virtual Platform", "parallels"),
    ("product_name", "BHYVE", "bhyve"),
    ("bios_vendor", "Xen", "xen"),
    ("bios_vendor", "innotek GmbH", "virtualbox"),
    ("sys_vendor", "QEMU", "kvm"),
    ("sys_vendor", "oVirt", "kvm"),
    ("sys_vendor", "Amazon EC2", "kvm"),
    ("sys_vendor", "DigitalOcean", "kvm"),
    ("sys_vendor", "Hetzner", "kvm"),
    ("sys_vendor", "Alibaba Cloud", "kvm"),
    ("sys_vendor", "Scaleway", "kvm"),
    ("sys_vendor", "Nutanix", "kvm"),
    ("sys_vendor", "VMware, Inc.", "VMware"),
    ("sys_vendor", "Parallels Software International Inc.", "parallels"),
];

/// Adds what the host runs in, and what it could run.
pub fn add(gathered: &Gathered, facts: &mut Facts) {
    let mut guest: Vec<&str> = Vec::new();
    let mut host: Vec<&str> = Vec::new();
    if let Some(container) = container(gathered) {
        guest.push(container);
        guest.push("container");
    }
    guest.extend(machine(gathered));
    if gathered.there("/proc/vz") {
        let list = if gathered.there("/proc/bc") { &mut host } else { &mut guest };
        list.push("openvz");
    }
    if gathered.there("/proc/xen") {
        let control = gathered.first("/proc/xen/capabilities").is_some_and(|line| line.contains("control_d"));
        let list = if control { &mut host } else { &mut guest };
        list.push("xen");
    }
    if gathered.there("/dev/kvm") {
        host.push("kvm");
    }
    let (kind, role) = match (guest.first(), host.first()) {
        (Some(kind), _) => (*kind, "guest"),
        (None, Some(kind)) => (*kind, "host"),
        (None, None) => ("NA", "NA"),
    };
    facts.add("virtual", "virtualization_type", kind);
    facts.add("virtual", "virtualization_role", role);
    guest.sort_unstable();
    guest.dedup();
    facts.add("virtual", "virtualization_tech_guest", json!(guest));
    facts.add("virtual", "virtualization_tech_host", json!(host));
}

fn container(gathered: &Gathered) -> Option<&'static str> {
    let groups = gathered.file("/proc/1/cgroup");
    let in_group = |word: &str| groups.iter().any(|line| line.contains(word));
    if gathered.there("/.dockerenv") || gathered.there("/.dockerinit") || in_group("/docker") {
        return Some("docker");
    }
    let told = gathered.line("container", 0).strip_prefix("container=").unwrap_or_default();
    match told {
        "podman" | "lxc" | "systemd-nspawn" | "docker" | "wsl" => {
            let known = ["podman", "lxc", "systemd-nspawn", "docker", "wsl"];
            known.into_iter().find(|name| *name == told)
        }
        _ if gathered.there("/run/.containerenv") => Some("podman"),
        _ if in_group("/lxc/") || gathered.there("/dev/lxd/sock") => Some("lxc"),
        _ if !told.is_empty() => Some("container"),
        _ => None,
    }
}

fn machine(gathered: &Gathered) -> Option<&'static str> {
    let microsoft = gathered.first("sys_vendor") == Some("Microsoft Corporation")
        && gathered.first("product_name").is_some_and(|name| name.contains("Virtual Machine"));
    if microsoft {
        return Some("VirtualPC");
    }
    let known = FIRMWARE
        .iter()
        .find(|(file, word, _)| gathered.first(file).is_some_and(|line| line.starts_with(word)));
    let qemu = || gathered.section("cpu").contains("QEMU Virtual CPU").then_some("kvm");
    known.map(|(.., kind)| *kind).or_else(qemu)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(said: &str) -> (Value, Value) {
        let mut facts = Facts::default();
        add(&Gathered::read(said), &mut facts);
        let facts = facts.chosen(|_, _| true);
        (facts["ansible_virtualization_type"].clone(), facts["ansible_virtualization_role"].clone())
    }

    #[test]
    fn tells_what_the_host_runs_in() {
        assert_eq!(kind(""), (json!("NA"), json!("NA")));
        assert_eq!(kind("\u{1}there\n/dev/kvm\n"), (json!("kvm"), json!("host")));
        assert_eq!(kind("\u{1}there\n/.dockerenv\n/dev/kvm\n"), (json!("docker"), json!("guest")));
        assert_eq!(kind("\u{1}files\nsys_vendor:QEMU\n"), (json!("kvm"), json!("guest")));
        assert_eq!(kind("\u{1}files\nsys_vendor:VMware, Inc.\n"), (json!("VMware"), json!("guest")));
        assert_eq!(kind("\u{1}container\ncontainer=podman\n"), (json!("podman"), json!("guest")));
    }
}
