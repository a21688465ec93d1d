use std::collections::{BTreeMap, BTreeSet};

use switchover_sdk::prelude::*;

use super::devices;
use super::gathered::{Facts, Gathered};

/// Adds processors, memory, firmware, block devices, load and uptime.
pub fn add(gathered: &Gathered, facts: &mut Facts) {
    add_processors(gathered, facts);
    add_memory(gathered, facts);
    add_firmware(gathered, facts);
    facts.add("devices", "devices", devices::devices(gathered));
    facts.add("devices", "device_links", devices::device_links(gathered));
    let uptime = gathered.first("/proc/uptime").and_then(|line| line.split('.').next()?.parse::<u64>().ok());
    facts.add("uptime", "uptime_seconds", json!(uptime));
    let load = gathered.first("/proc/loadavg").unwrap_or_default();
    let load: Vec<f64> = load.split(' ').take(3).filter_map(|word| word.parse().ok()).collect();
    if let [one, five, fifteen] = load.as_slice() {
        facts.add("loadavg", "loadavg", json!({ "1m": one, "5m": five, "15m": fifteen }));
    }
}

fn add_processors(gathered: &Gathered, facts: &mut Facts) {
    let lines = gathered.section("cpu").lines().filter_map(|line| line.split_once(':'));
    let pairs: Vec<(&str, &str)> = lines.map(|(key, value)| (key.trim(), value.trim())).collect();
    let named = |pair: &&(&str, &str)| {
        matches!(pair.0, "processor" | "vendor_id" | "model name" | "Processor" | "cpu model" | "cpu")
    };
    let list: Vec<&str> = pairs.iter().filter(named).map(|(_, value)| *value).collect();
    let of = |key: &str| pairs.iter().filter(|pair| pair.0 == key).map(|pair| pair.1).collect::<Vec<_>>();
    let threads = of("processor").len().max(1);
    let sockets = of("physical id").into_iter().collect::<BTreeSet<_>>().len().max(1);
    let number = |key: &str| of(key).first().and_then(|value| value.parse::<usize>().ok());
    let cores = number("cpu cores").unwrap_or(if of("physical id").is_empty() { threads } else { 1 });
    let per_core = number("siblings").map_or(1, |siblings| (siblings / cores.max(1)).max(1));
    let flags: Vec<&str> = pairs
        .iter()
        .find(|pair| matches!(pair.0, "flags" | "Features"))
        .map_or(Vec::new(), |pair| pair.1.split(' ').collect());
    let nproc = gathered.line("nproc", 0).parse::<usize>().unwrap_or(threads);
    facts.extend(
        "processor",
        [
            ("processor", json!(list)),
            ("processor_count", json!(sockets)),
            ("processor_cores", json!(cores)),
            ("processor_threads_per_core", json!(per_core)),
            ("processor_vcpus", json!(threads)),
            ("processor_nproc", json!(nproc)),
            ("flags", json!(flags)),
        ],
    );
}

fn add_memory(gathered: &Gathered, facts: &mut Facts) {
    let lines = gathered.file("/proc/meminfo").iter();
    let known: BTreeMap<&str, u64> = lines
        .filter_map(|line| {
            let (name, rest) = line.split_once(':')?;
            Some((name, rest.trim().split(' ').next()?.parse::<u64>().ok()? / 1024))
        })
        .collect();
    let of = |name: &str| known.get(name).copied().unwrap_or_default();
    let (total, free) = (of("MemTotal"), of("MemFree"));
    let unused = free + of("Cached") + of("Buffers");
    let (swap, swap_free) = (of("SwapTotal"), of("SwapFree"));
    facts.extend(
        "memory",
        [
            ("memtotal_mb", json!(total)),
            ("memfree_mb", json!(free)),
            ("swaptotal_mb", json!(swap)),
            ("swapfree_mb", json!(swap_free)),
            (
                "memory_mb",
                json!({
                    "real": { "total": total, "used": total.saturating_sub(free), "free": free },
                    "nocache": { "free": unused, "used": total.saturating_sub(unused) },
                    "swap": {
                        "total": swap, "free": swap_free, "used": swap.saturating_sub(swap_free),
                        "cached": of("SwapCached"),
                    },
                }),
            ),
        ],
    );
}

/// Fact and its file in `/sys/class/dmi/id`.
const FIRMWARE: &[(&str, &str)] = &[
    ("bios_date", "bios_date"),
    ("bios_vendor", "bios_vendor"),
    ("bios_version", "bios_version"),
    ("board_asset_tag", "board_asset_tag"),
    ("board_name", "board_name"),
    ("board_serial", "board_serial"),
    ("board_vendor", "board_vendor"),
    ("board_version", "board_version"),
    ("chassis_asset_tag", "chassis_asset_tag"),
    ("chassis_serial", "chassis_serial"),
    ("chassis_vendor", "chassis_vendor"),
    ("chassis_version", "chassis_version"),
    ("product_name", "product_name"),
    ("product_serial", "product_serial"),
    ("product_uuid", "product_uuid"),
    ("product_version", "product_version"),
    ("system_vendor", "sys_vendor"),
];

/// Kinds of chassis, by the number that the firmware tells.
const CHASSIS: &[&str] = &[
    "Unknown",
    "Other",
    "Unknown",
    "Desktop",
    "Low Profile Desktop",
    "Pizza Box",
    "Mini Tower",
    "Tower",
    "Portable",
    "Laptop",
    "Notebook",
    "Hand Held",
    "Docking Station",
    "All In One",
    "Sub Notebook",
    "Space-saving",
    "Lunch Box",
    "Main Server Chassis",
    "Expansion Chassis",
    "Sub Chassis",
    "Bus Expansion Chassis",
    "Peripheral Chassis",
    "RAID Chassis",
    "Rack Mount Chassis",
    "Sealed-case PC",
    "Multi-system",
    "CompactPCI",
    "AdvancedTCA",
    "Blade",
    "Blade Enclosure",
    "Tablet",
    "Convertible",
    "Detachable",
];

fn add_firmware(gathered: &Gathered, facts: &mut Facts) {
    for (fact, file) in FIRMWARE {
        facts.add("dmi", fact, gathered.first(file).unwrap_or("NA"));
    }
    let chassis = gathered.first("chassis_type").and_then(|number| number.parse::<usize>().ok());
    let form = chassis.map(|number| CHASSIS.get(number).copied().unwrap_or("Unknown"));
    facts.add("dmi", "form_factor", form.unwrap_or("NA"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_sockets_cores_and_threads() {
        let cpu = |id: u32, socket: u32| {
            format!(
                "processor\t: {id}\nmodel name\t: X\nphysical id\t: {socket}\nsiblings\t: 4\ncpu cores\t: 2\n"
            )
        };
        let all: String = (0..8).map(|id| cpu(id, id / 4)).collect();
        let mut facts = Facts::default();
        add(&Gathered::read(&format!("\u{1}cpu\n{all}flags\t: fpu sse\n\u{1}nproc\n6\n")), &mut facts);
        let facts = facts.chosen(|_, _| true);
        let names = ["count", "cores", "threads_per_core", "vcpus", "nproc"];
        let found = names.map(|name| facts[&format!("ansible_processor_{name}")].as_u64().unwrap());
        assert_eq!(found, [2, 2, 2, 8, 6]);
        assert_eq!(facts["ansible_flags"], json!(["fpu", "sse"]));
    }
}
