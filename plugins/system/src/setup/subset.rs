use std::collections::BTreeSet;

use switchover_sdk::prelude::*;

/// Subsets that are gathered unless `!min` is given.
const MIN: &[&str] = &[
    "apparmor",
    "caps",
    "chroot",
    "cmdline",
    "date_time",
    "distribution",
    "dns",
    "env",
    "fips",
    "local",
    "lsb",
    "pkg_mgr",
    "platform",
    "python",
    "selinux",
    "service_mgr",
    "ssh_pub_keys",
    "user",
];

/// The others.
const MORE: &[&str] = &[
    "devices",
    "dmi",
    "fibre_channel_wwn",
    "iscsi",
    "loadavg",
    "memory",
    "mounts",
    "network",
    "nvme",
    "processor",
    "uptime",
    "virtual",
];

/// Names that stand for several subsets, or for one under another name; `facter`, `ohai` and the like are known to
/// Ansible and gather nothing here.
const GROUPS: &[(&str, &[&str])] = &[
    ("hardware", &["devices", "dmi", "memory", "mounts", "processor", "uptime"]),
    ("interfaces", &["network"]),
    ("default_ipv4", &["network"]),
    ("default_ipv6", &["network"]),
    ("all_ipv4_addresses", &["network"]),
    ("all_ipv6_addresses", &["network"]),
    ("virtualization_type", &["virtual"]),
    ("virtualization_role", &["virtual"]),
    ("virtualization_tech_guest", &["virtual"]),
    ("virtualization_tech_host", &["virtual"]),
    ("system_capabilities", &["caps"]),
    ("system_capabilities_enforced", &["caps"]),
    ("is_chroot", &["chroot"]),
    ("facter", &[]),
    ("ohai", &[]),
];

/// Returns the subsets that a task chose, with the rules of Ansible: `min` always begins, `!x` takes away what was
/// not named.
pub fn chosen(asked: &[String]) -> Result<BTreeSet<&'static str>, Failure> {
    let (mut added, mut excluded, mut named) =
        (BTreeSet::from_iter(MIN.iter().copied()), BTreeSet::new(), BTreeSet::new());
    for word in asked {
        match word.strip_prefix('!') {
            Some("all") => excluded.extend(MORE),
            Some("min") => excluded.extend(MIN),
            Some(word) => excluded.extend(members(word)?),
            None if word == "all" => added.extend(all()),
            None if word == "min" => added.extend(MIN),
            None => named.extend(members(word)?),
        }
    }
    let only_excludes = asked.iter().all(|word| word.starts_with('!'));
    if only_excludes && !asked.iter().any(|word| word == "!all") {
        added.extend(all());
    }
    added.extend(&named);
    Ok(added.into_iter().filter(|subset| named.contains(subset) || !excluded.contains(subset)).collect())
}

fn all() -> impl Iterator<Item = &'static str> {
    MIN.iter().chain(MORE).copied()
}

fn members(word: &str) -> Result<Vec<&'static str>, Failure> {
    if let Some((_, group)) = GROUPS.iter().find(|(name, _)| *name == word) {
        return Ok(group.to_vec());
    }
    match all().find(|subset| *subset == word) {
        Some(subset) => Ok(vec![subset]),
        None => {
            let known: Vec<&str> = all().chain(GROUPS.iter().map(|(name, _)| *name)).collect();
            Err(Failure::arguments(format!(
                "Bad subset '{word}' given to Ansible. gather_subset options allowed: all, min, {}",
                known.join(", ")
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> BTreeSet<&'static str> {
        chosen(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn chooses_as_ansible_does() {
        assert!(of(&["all"]).contains("mounts"));
        assert_eq!(of(&["!all"]), BTreeSet::from_iter(MIN.iter().copied()));
        assert_eq!(of(&["!all", "!min", "network"]), BTreeSet::from(["network"]));
        assert_eq!(of(&["!all", "!min"]), BTreeSet::new());
        assert!(!of(&["!hardware"]).contains("memory"));
        assert!(of(&["!hardware"]).contains("network"));
        assert!(of(&["network"]).contains("distribution"));
        assert!(chosen(&["nosuch".to_owned()]).is_err());
    }
}
