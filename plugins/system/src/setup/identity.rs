use switchover_sdk::prelude::*;

use super::gathered::{Facts, Gathered};

/// Adds what names the host to storage networks, its capabilities, and whether it is a chroot.
pub fn add(gathered: &Gathered, facts: &mut Facts) {
    facts.add("nvme", "hostnqn", gathered.first("/etc/nvme/hostnqn").unwrap_or_default());
    let initiator = gathered.file("/etc/iscsi/initiatorname.iscsi").iter();
    let iqn = initiator.filter_map(|line| line.trim().strip_prefix("InitiatorName=")).next();
    facts.add("iscsi", "iscsi_iqn", iqn.unwrap_or_default());
    let ports = gathered.below("/sys/class/fc_host/").map(|(_, name)| name.trim_start_matches("0x"));
    facts.add("fibre_channel_wwn", "fibre_channel_wwn", json!(ports.collect::<Vec<_>>()));
    facts.add("chroot", "is_chroot", gathered.there("chroot"));
    add_capabilities(gathered, facts);
}

/// Reads the line `Current:` of `capsh`; full capabilities count as not enforced.
fn add_capabilities(gathered: &Gathered, facts: &mut Facts) {
    let current = gathered.section("caps").lines().find_map(|line| line.strip_prefix("Current:"));
    let (enforced, list) = match current.map(str::trim) {
        None => ("N/A", Vec::new()),
        Some("=ep") => ("False", Vec::new()),
        Some(current) => {
            let (_, names) = current.split_once('=').unwrap_or(("", current));
            ("True", names.split(',').map(str::trim).collect())
        }
    };
    facts.add("caps", "system_capabilities_enforced", enforced);
    facts.add("caps", "system_capabilities", if enforced == "N/A" { json!("N/A") } else { json!(list) });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_capabilities() {
        let read = |said: &str| {
            let mut facts = Facts::default();
            add(&Gathered::read(&format!("\u{1}caps\n{said}\u{1}there\nchroot\n")), &mut facts);
            let facts = facts.chosen(|_, _| true);
            assert_eq!(facts["ansible_is_chroot"], true);
            (
                facts["ansible_system_capabilities_enforced"].clone(),
                facts["ansible_system_capabilities"].clone(),
            )
        };
        assert_eq!(read("Current: =ep\nBounding set =a\n"), (json!("False"), json!([])));
        let few = "Current: =ep cap_sys_resource-ep\n";
        assert_eq!(read(few), (json!("True"), json!(["ep cap_sys_resource-ep"])));
    }
}
