use switchover_sdk::prelude::*;

use super::gathered::{Facts, Gathered};

/// Adds names, kernel, package manager, service manager, SELinux and the like.
pub fn add(gathered: &Gathered, facts: &mut Facts) {
    let kernel =
        |name: &str| gathered.first(&format!("/proc/sys/kernel/{name}")).unwrap_or_default().to_owned();
    let nodename = kernel("hostname");
    let fqdn = Some(gathered.line("fqdn", 0)).filter(|name| !name.is_empty()).unwrap_or(&nodename).to_owned();
    let machine = gathered.line("machine", 0);
    let bits = Some(gathered.line("machine", 1)).filter(|bits| !bits.is_empty());
    let bits = bits.unwrap_or(if machine.ends_with("64") { "64" } else { "32" });
    let architecture = match machine {
        "i386" | "i486" | "i586" | "i686" => "i386",
        other => other,
    };
    facts.extend(
        "platform",
        [
            ("system", json!(kernel("ostype"))),
            ("kernel", json!(kernel("osrelease"))),
            ("kernel_version", json!(kernel("version"))),
            ("machine", json!(machine)),
            ("architecture", json!(architecture)),
            ("userspace_bits", json!(bits)),
            ("userspace_architecture", json!(if bits == "64" { machine } else { "i386" })),
            ("hostname", json!(nodename.split('.').next())),
            ("domain", json!(fqdn.split_once('.').map_or("", |(_, domain)| domain))),
            ("fqdn", json!(fqdn)),
            ("nodename", json!(nodename)),
            ("machine_id", json!(machine_id(gathered))),
        ],
    );
    facts.add("fips", "fips", gathered.first("/proc/sys/crypto/fips_enabled") == Some("1"));
    let apparmor = if gathered.there("/sys/kernel/security/apparmor") { "enabled" } else { "disabled" };
    facts.add("apparmor", "apparmor", json!({ "status": apparmor }));
    facts.add("selinux", "selinux", selinux(gathered));
    facts.add("selinux", "selinux_python_present", true);
    facts.add("cmdline", "cmdline", command_line(gathered));
    facts.add("cmdline", "proc_cmdline", command_line(gathered));
    facts.add("service_mgr", "service_mgr", service_manager(gathered));
    facts.add("pkg_mgr", "pkg_mgr", package_manager(gathered));
    facts.add("dns", "dns", resolver(gathered));
    add_host_keys(gathered, facts);
}

fn machine_id(gathered: &Gathered) -> Option<&str> {
    gathered.first("/var/lib/dbus/machine-id").or_else(|| gathered.first("/etc/machine-id"))
}

fn command_line(gathered: &Gathered) -> Value {
    let words = gathered.first("/proc/cmdline").unwrap_or_default().split_whitespace();
    let pairs = words.map(|word| match word.split_once('=') {
        Some((name, value)) => (name.to_owned(), json!(value.trim_matches('"'))),
        None => (word.to_owned(), json!(true)),
    });
    Value::Object(pairs.collect())
}

fn selinux(gathered: &Gathered) -> Value {
    let Some(enforce) = gathered.first("/sys/fs/selinux/enforce") else {
        return json!({ "status": "disabled" });
    };
    let setting = |name: &str| {
        let lines = gathered.file("/etc/selinux/config").iter();
        lines.filter_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix('=')).next_back()
    };
    json!({
        "status": "enabled",
        "policyvers": gathered.first("/sys/fs/selinux/policyvers").and_then(|number| number.parse::<u32>().ok()),
        "config_mode": setting("SELINUX").map_or("unknown", str::trim),
        "mode": if enforce == "1" { "enforcing" } else { "permissive" },
        "type": setting("SELINUXTYPE").map_or("unknown", str::trim),
    })
}

fn service_manager(gathered: &Gathered) -> String {
    match gathered.first("/proc/1/comm").unwrap_or_default() {
        "runit-init" => "runit".into(),
        "svscan" => "svc".into(),
        "openrc-init" => "openrc".into(),
        // A shell or an init that tells nothing: look at what is installed.
        "init" | "bash" | "sh" | "" => installed_manager(gathered).into(),
        other => other.into(),
    }
}

fn installed_manager(gathered: &Gathered) -> &'static str {
    let there = |path| gathered.there(path);
    let systemctl = there("/usr/bin/systemctl") || there("/bin/systemctl");
    // A root that systemd will start, as an image that is being made.
    let offline = systemctl && gathered.line("init", 0).ends_with("/systemd");
    let known = [
        (there("/run/systemd/system"), "systemd"),
        (there("/sbin/upstart-udev-bridge"), "upstart"),
        (there("/sbin/openrc"), "openrc"),
        (offline, "systemd"),
        (there("/etc/init.d"), "sysvinit"),
    ];
    known.iter().find(|(is_there, _)| *is_there).map_or("service", |(_, name)| name)
}

/// The order matters: a RedHat host may also have `apt-get`, and an old `yum` may stand beside `dnf`.
fn package_manager(gathered: &Gathered) -> &'static str {
    let known = [
        ("/run/ostree-booted", "atomic_container"),
        ("/usr/bin/zypper", "zypper"),
        ("/usr/bin/dnf5", "dnf5"),
        ("/usr/bin/dnf-3", "dnf"),
        ("/usr/bin/dnf", "dnf"),
        ("/usr/bin/microdnf", "dnf"),
        ("/usr/bin/yum", "yum"),
        ("/usr/bin/apt-get", "apt"),
        ("/sbin/apk", "apk"),
        ("/usr/bin/apk", "apk"),
        ("/usr/bin/pacman", "pacman"),
        ("/usr/bin/emerge", "portage"),
        ("/usr/bin/xbps-install", "xbps"),
        ("/usr/bin/swupd", "swupd"),
        ("/bin/opkg", "opkg"),
        ("/usr/bin/opkg", "opkg"),
    ];
    let debian = gathered.first("/etc/debian_version").is_some() && gathered.there("/usr/bin/apt-get");
    if debian {
        return "apt";
    }
    known.iter().find(|(path, _)| gathered.there(path)).map_or("unknown", |(_, name)| name)
}

fn resolver(gathered: &Gathered) -> Value {
    let mut dns = Map::new();
    for line in gathered.file("/etc/resolv.conf") {
        let mut words = line.split_whitespace();
        let word = words.next().unwrap_or_default();
        let rest: Vec<&str> = words.collect();
        match word {
            "nameserver" | "sortlist" => {
                let key = if word == "nameserver" { "nameservers" } else { "sortlist" };
                let list = dns.entry(key).or_insert_with(|| json!([]));
                if let Value::Array(list) = list {
                    list.extend(rest.into_iter().map(|word| json!(word)));
                }
            }
            "domain" => drop(dns.insert("domain".into(), json!(rest.first()))),
            "search" => drop(dns.insert("search".into(), json!(rest))),
            "options" => {
                let options: Map = rest
                    .iter()
                    .map(|option| match option.split_once(':') {
                        Some((name, value)) => (name.to_owned(), json!(value)),
                        None => ((*option).to_owned(), json!(true)),
                    })
                    .collect();
                dns.insert("options".into(), Value::Object(options));
            }
            _ => {}
        }
    }
    Value::Object(dns)
}

fn add_host_keys(gathered: &Gathered, facts: &mut Facts) {
    for (name, line) in gathered.below("/etc/ssh/ssh_host_") {
        let Some(algorithm) = name.strip_suffix("_key.pub") else { continue };
        let mut words = line.split_whitespace();
        if let (Some(kind), Some(key)) = (words.next(), words.next()) {
            facts.add("ssh_pub_keys", &format!("ssh_host_key_{algorithm}_public"), key);
            facts.add("ssh_pub_keys", &format!("ssh_host_key_{algorithm}_public_keytype"), kind);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(said: &str, name: &str) -> Value {
        let mut facts = Facts::default();
        add(&Gathered::read(said), &mut facts);
        facts.chosen(|_, _| true)[&format!("ansible_{name}")].clone()
    }

    #[test]
    fn reads_the_resolver() {
        let said = "\u{1}files\n/etc/resolv.conf:nameserver 10.0.0.1\n/etc/resolv.conf:search a.b c.d\n\
                    /etc/resolv.conf:options ndots:2 rotate\n";
        let wanted = json!({
            "nameservers": ["10.0.0.1"], "search": ["a.b", "c.d"], "options": { "ndots": "2", "rotate": true },
        });
        assert_eq!(fact(said, "dns"), wanted);
    }

    #[test]
    fn names_the_managers() {
        let said = "\u{1}files\n/proc/1/comm:systemd\n\u{1}there\n/usr/bin/dnf\n/usr/bin/yum\n";
        assert_eq!((fact(said, "service_mgr"), fact(said, "pkg_mgr")), (json!("systemd"), json!("dnf")));
        let said = "\u{1}files\n/proc/1/comm:init\n/etc/debian_version:12.1\n\u{1}there\n/etc/init.d\n/usr/bin/apt-get\n/usr/bin/dnf\n";
        assert_eq!((fact(said, "service_mgr"), fact(said, "pkg_mgr")), (json!("sysvinit"), json!("apt")));
    }

    /// What ansible-core 2.19 said of a container with such a first process and such files.
    #[test]
    fn names_the_service_manager_by_the_first_process_and_else_by_what_is_installed() {
        let there = |first: &str, files: &str, init: &str| {
            fact(
                &format!("\u{1}files\n/proc/1/comm:{first}\n\u{1}there\n{files}\u{1}init\n{init}\n"),
                "service_mgr",
            )
        };
        let both = "/usr/bin/systemctl\n/etc/init.d\n";
        for (first, files, init, expected) in [
            ("bash", both, "/usr/lib/systemd/systemd", "systemd"),
            ("bash", both, "/usr/bin/busybox", "sysvinit"),
            ("sh", "/etc/init.d\n", "/usr/lib/systemd/systemd", "sysvinit"),
            ("init", "/run/systemd/system\n/etc/init.d\n", "", "systemd"),
            ("init", "/sbin/openrc\n/etc/init.d\n", "", "openrc"),
            ("bash", "", "", "service"),
            ("tini", both, "/usr/lib/systemd/systemd", "tini"),
            ("sleep", "/run/systemd/system\n", "", "sleep"),
            ("runit-init", both, "", "runit"),
            ("svscan", both, "", "svc"),
        ] {
            assert_eq!(there(first, files, init), expected, "{first} {files} {init}");
        }
    }

    #[test]
    fn tells_the_state_of_selinux() {
        let said = "\u{1}files\n/etc/selinux/config:SELINUX=enforcing\n/etc/selinux/config:SELINUXTYPE=targeted\n\
                    /sys/fs/selinux/enforce:0\n/sys/fs/selinux/policyvers:33\n";
        let wanted = json!({
            "status": "enabled", "policyvers": 33, "config_mode": "enforcing", "mode": "permissive", "type": "targeted",
        });
        assert_eq!(fact(said, "selinux"), wanted);
        assert_eq!(fact("", "selinux"), json!({ "status": "disabled" }));
    }
}
