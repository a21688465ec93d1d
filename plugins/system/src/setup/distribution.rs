use switchover_sdk::prelude::*;

use super::gathered::{Facts, Gathered};

/// `ID` of os-release, what Ansible calls it, and its family.
const KNOWN: &[(&str, &str, &str)] = &[
    ("debian", "Debian", "Debian"),
    ("ubuntu", "Ubuntu", "Debian"),
    ("raspbian", "Debian", "Debian"),
    ("linuxmint", "Linux Mint", "Debian"),
    ("kali", "Kali", "Debian"),
    ("devuan", "Devuan", "Debian"),
    ("pop", "Pop!_OS", "Debian"),
    ("neon", "KDE neon", "Debian"),
    ("rhel", "RedHat", "RedHat"),
    ("centos", "CentOS", "RedHat"),
    ("rocky", "Rocky", "RedHat"),
    ("almalinux", "AlmaLinux", "RedHat"),
    ("fedora", "Fedora", "RedHat"),
    ("ol", "OracleLinux", "RedHat"),
    ("amzn", "Amazon", "RedHat"),
    ("scientific", "Scientific", "RedHat"),
    ("virtuozzo", "Virtuozzo", "RedHat"),
    ("openEuler", "openEuler", "RedHat"),
    ("kylin", "Kylin Linux Advanced Server", "RedHat"),
    ("sles", "SLES", "Suse"),
    ("sles_sap", "SLES_SAP", "Suse"),
    ("sled", "SLED", "Suse"),
    ("opensuse-leap", "openSUSE Leap", "Suse"),
    ("opensuse-tumbleweed", "openSUSE Tumbleweed", "Suse"),
    ("opensuse", "openSUSE", "Suse"),
    ("alpine", "Alpine", "Alpine"),
    ("arch", "Archlinux", "Archlinux"),
    ("manjaro", "Manjaro", "Archlinux"),
    ("gentoo", "Gentoo", "Gentoo"),
    ("flatcar", "Flatcar", "Flatcar"),
    ("slackware", "Slackware", "Slackware"),
    ("nixos", "NixOS", "NixOS"),
    ("void", "Void", "Void"),
];

/// Adds the distribution, its version and family, and what `/etc/lsb-release` would say.
pub fn add(gathered: &Gathered, facts: &mut Facts) {
    let release = Release { gathered };
    let id = release.value("ID").unwrap_or_default();
    let (name, family) = match KNOWN.iter().find(|(known, ..)| *known == id) {
        Some((_, name, family)) => ((*name).to_owned(), (*family).to_owned()),
        None => release.unknown(&id),
    };
    let version = release.version(&name, &family);
    let codename = release.codename();
    let mut parts = version.split('.');
    let major = parts.next().unwrap_or("NA").to_owned();
    let minor = parts.next().map(str::to_owned);
    let path = match family.as_str() {
        "RedHat" if gathered.first("/etc/redhat-release").is_some() => "/etc/redhat-release",
        _ => "/etc/os-release",
    };
    let variety = if family == "Suse" { "SUSE" } else { family.as_str() };
    facts.add("lsb", "lsb", release.lsb(&name, &version, &codename));
    facts.extend(
        "distribution",
        [
            ("distribution", json!(name)),
            ("distribution_version", json!(version)),
            ("distribution_major_version", json!(major)),
            ("distribution_release", json!(codename)),
            ("distribution_file_parsed", json!(true)),
            ("distribution_file_path", json!(path)),
            ("distribution_file_variety", json!(variety)),
            ("os_family", json!(family)),
        ],
    );
    if let Some(minor) = minor {
        facts.add("distribution", "distribution_minor_version", minor);
    }
}

struct Release<'a> {
    gathered: &'a Gathered,
}

impl Release<'_> {
    fn value(&self, name: &str) -> Option<String> {
        let find = |path: &str| {
            let lines = self.gathered.file(path).iter();
            let mut values = lines.filter_map(|line| line.split_once('=')).filter(|(key, _)| *key == name);
            values.next().map(|(_, value)| value.trim().trim_matches(['"', '\'']).to_owned())
        };
        find("/etc/os-release").or_else(|| find("/usr/lib/os-release")).filter(|value| !value.is_empty())
    }

    /// A distribution that is not in the table belongs to the family of what it says it is like.
    fn unknown(&self, id: &str) -> (String, String) {
        if id.is_empty() && self.gathered.first("/etc/redhat-release").is_some() {
            let line = self.gathered.first("/etc/redhat-release").unwrap_or_default();
            let name = if line.starts_with("CentOS") { "CentOS" } else { "RedHat" };
            return (name.to_owned(), "RedHat".to_owned());
        }
        let like = self.value("ID_LIKE").unwrap_or_default();
        let family = like.split_whitespace().find_map(|word| KNOWN.iter().find(|(known, ..)| *known == word));
        let name = self.value("NAME").unwrap_or_else(|| "NA".to_owned());
        let family = family.map_or_else(|| name.clone(), |(_, _, family)| (*family).to_owned());
        (name, family)
    }

    fn version(&self, name: &str, family: &str) -> String {
        let id = self.value("VERSION_ID");
        let whole = |path: &str| {
            let line = self.gathered.first(path)?;
            let number =
                line.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
            Some(number.split('.').take(2).collect::<Vec<_>>().join("."))
        };
        let more = match (name, family) {
            ("Debian", _) => whole("/etc/debian_version"),
            ("Alpine", _) => self.gathered.first("/etc/alpine-release").map(str::to_owned),
            (_, "RedHat") => whole("/etc/centos-release").or_else(|| whole("/etc/redhat-release")),
            _ => None,
        };
        let id_is_whole = id.as_ref().is_some_and(|id| id.contains('.'));
        match (id, more) {
            (Some(id), _) if id_is_whole && name != "Alpine" => id,
            (_, Some(more)) => more,
            (Some(id), None) => id,
            (None, None) => "NA".to_owned(),
        }
    }

    fn codename(&self) -> String {
        if let Some(name) = self.value("VERSION_CODENAME") {
            return name;
        }
        let inside = |text: &str| {
            let (_, rest) = text.split_once('(')?;
            Some(rest.split(')').next()?.split_whitespace().next()?.to_owned())
        };
        let from_file = || inside(self.gathered.first("/etc/redhat-release")?);
        let found = self.value("VERSION").and_then(|version| inside(&version)).or_else(from_file);
        match found {
            Some(name) => name,
            None if self
                .gathered
                .first("/etc/centos-release")
                .is_some_and(|line| line.contains("Stream")) =>
            {
                "Stream".to_owned()
            }
            None => "NA".to_owned(),
        }
    }

    /// What `lsb_release` tells, without running it.
    fn lsb(&self, name: &str, version: &str, codename: &str) -> Value {
        let lines = self.gathered.file("/etc/lsb-release").iter();
        let known: Map = lines
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_owned(), json!(value.trim_matches('"'))))
            .collect();
        let debian = matches!(name, "Debian" | "Ubuntu");
        if known.is_empty() && !debian {
            return json!({});
        }
        let major_only = version.split('.').next().unwrap_or_default();
        let of = |key: &str, default: &str| known.get(key).cloned().unwrap_or_else(|| json!(default));
        let release = of("DISTRIB_RELEASE", if name == "Debian" { major_only } else { version });
        json!({
            "id": of("DISTRIB_ID", name),
            "release": release,
            "description": of("DISTRIB_DESCRIPTION", &self.value("PRETTY_NAME").unwrap_or_default()),
            "codename": of("DISTRIB_CODENAME", codename),
            "major_release": release.as_str().and_then(|release| release.split('.').next()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(files: &[(&str, &str)]) -> [String; 5] {
        let mut said = "\u{1}files\n".to_owned();
        for (path, text) in files {
            for line in text.lines() {
                said.push_str(&format!("{path}:{line}\n"));
            }
        }
        let mut facts = Facts::default();
        add(&Gathered::read(&said), &mut facts);
        let facts = facts.chosen(|_, _| true);
        let names = [
            "distribution",
            "distribution_version",
            "distribution_major_version",
            "distribution_release",
            "os_family",
        ];
        names.map(|name| facts[&format!("ansible_{name}")].as_str().unwrap().to_owned())
    }

    #[test]
    fn names_distributions_as_ansible_does() {
        let os = "/etc/os-release";
        assert_eq!(
            facts(&[
                (os, "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm"),
                ("/etc/debian_version", "12.11")
            ]),
            ["Debian", "12.11", "12", "bookworm", "Debian"]
        );
        assert_eq!(
            facts(&[(os, "ID=\"rhel\"\nVERSION_ID=\"8.6\"\nVERSION=\"8.6 (Ootpa)\"")]),
            ["RedHat", "8.6", "8", "Ootpa", "RedHat"]
        );
        assert_eq!(
            facts(&[
                (os, "ID=\"centos\"\nVERSION_ID=\"7\"\nVERSION=\"7 (Core)\""),
                ("/etc/centos-release", "CentOS Linux release 7.9.2009 (Core)")
            ]),
            ["CentOS", "7.9", "7", "Core", "RedHat"]
        );
        assert_eq!(
            facts(&[(os, "ID=amzn\nVERSION_ID=\"2\"\nVERSION=\"2\"")]),
            ["Amazon", "2", "2", "NA", "RedHat"]
        );
        assert_eq!(
            facts(&[(os, "ID=alpine\nVERSION_ID=3.19.1"), ("/etc/alpine-release", "3.19.1")]),
            ["Alpine", "3.19.1", "3", "NA", "Alpine"]
        );
        assert_eq!(
            facts(&[(
                os,
                "ID=zorin\nNAME=\"Zorin OS\"\nID_LIKE=\"ubuntu debian\"\nVERSION_ID=17\nVERSION_CODENAME=jammy"
            )]),
            ["Zorin OS", "17", "17", "jammy", "Debian"]
        );
    }
}
