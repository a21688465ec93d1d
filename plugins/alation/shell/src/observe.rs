//! What a host is: its installed build, its free space, its addresses.

use switchover_sdk::prelude::*;

use crate::{Build, Settings, quote};

/// What a host told of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// The build that is in use, which is not always the newest that is unpacked.
    pub build: Option<Build>,
    /// Where the build was read.
    pub build_from: String,
    /// Free space below the root folder, in MiB.
    pub free_mib: Option<u64>,
    /// Addresses of the host, the loopback ones left out where the host can tell.
    pub addresses: Vec<String>,
    /// What the host said when something could not be read.
    pub complaints: String,
}

const VERSION_FILE: &str = "alation/opt/alation/django/main/alation_version.py";

/// Asks the host, in one round trip.
pub fn observe(host: &Host, settings: &Settings) -> Result<Observed, Failure> {
    let output = host.exec(&Command::shell(script(settings)).reads().timeout(settings.read_timeout))?;
    let mut observed = read(&output.stdout.to_text());
    observed.complaints = output.stderr.to_text().trim().to_owned();
    Ok(observed)
}

/// Returns the build in use, or why it cannot be told.
pub fn build(host: &Host, settings: &Settings) -> Result<Build, Failure> {
    let observed = observe(host, settings)?;
    observed.build.ok_or_else(|| {
        let file = settings.path(VERSION_FILE);
        let why =
            if observed.complaints.is_empty() { String::new() } else { format!(": {}", observed.complaints) };
        Failure::new(format!("the installed version cannot be told from {file}{why}"))
            .remedy("check alation_root, and that the user may read it (alation_sudo)")
    })
}

fn script(settings: &Settings) -> String {
    let file = quote(&settings.path(VERSION_FILE));
    let link = quote(&settings.path("alation"));
    let root = quote(&settings.root);
    let cat = settings.as_root(&format!("cat {file}"));
    let readlink = settings.as_root(&format!("readlink {link}"));
    format!(
        "cat {file} 2>/dev/null || {cat}\n\
         printf '\\n@@link '; readlink {link} 2>/dev/null || {readlink}\n\
         printf '\\n@@disk '; df -Pk {root} | tail -n 1\n\
         printf '\\n@@addresses '; hostname -I 2>/dev/null || ip -4 -o addr show 2>/dev/null | \
         sed 's/.* inet \\([0-9.]*\\).*/\\1/' | tr '\\n' ' '\n\
         true\n"
    )
}

fn read(output: &str) -> Observed {
    let part = |mark: &str| {
        let rest = output.split_once(&format!("\n@@{mark} ")).map_or("", |(_, rest)| rest);
        rest.split("\n@@").next().unwrap_or_default().trim()
    };
    let file = Build::of_version_file(output.split("\n@@link ").next().unwrap_or_default());
    let (build, build_from) = match (file, Build::find(part("link"))) {
        (Some(build), _) => (Some(build), "alation_version.py"),
        (None, Some(build)) => (Some(build), "the link alation"),
        (None, None) => (None, ""),
    };
    let disk: Vec<&str> = part("disk").split_whitespace().collect();
    let free = disk.len().checked_sub(3).and_then(|at| disk[at].parse::<u64>().ok());
    let addresses = part("addresses").split_whitespace().filter(|address| !address.starts_with("127."));
    Observed {
        build,
        build_from: build_from.to_owned(),
        free_mib: free.map(|kib| kib / 1024),
        addresses: addresses.map(str::to_owned).collect(),
        complaints: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION: &str = "ALATION_MAJOR_VERSION = 10\nALATION_MINOR_VERSION = 0\nALATION_PATCH_VERSION = 0\nALATION_BUILD_VERSION = 147420\n";

    #[test]
    fn the_version_file_comes_first() {
        let text = format!(
            "{VERSION}\n@@link alation-9.0.0.1\n\n@@disk /dev/sda1 100 90 20480 90% /\n\n@@addresses 10.0.0.1 127.0.0.1 \n"
        );
        let observed = read(&text);
        assert_eq!(observed.build, Some(Build([10, 0, 0, 147_420])));
        assert_eq!(observed.free_mib, Some(20));
        assert_eq!(observed.addresses, ["10.0.0.1"]);
    }

    #[test]
    fn the_link_is_read_when_there_is_no_version_file() {
        let observed = read("\n@@link /opt/alation/alation-2023.3-17.0.0.49181\n\n@@disk \n\n@@addresses ");
        assert_eq!(observed.build, Some(Build([17, 0, 0, 49_181])));
        assert_eq!(observed.build_from, "the link alation");
        assert_eq!(observed.free_mib, None);
    }

    #[test]
    fn an_empty_host_tells_nothing() {
        assert_eq!(read("\n@@link \n@@disk \n@@addresses \n"), Observed::default());
    }
}
