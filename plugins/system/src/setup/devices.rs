use std::collections::BTreeMap;

use switchover_sdk::prelude::*;

use super::gathered::{Gathered, text_or_null};

/// Returns block devices by name, with their partitions, as `/sys/block` and `/dev/disk` tell.
pub fn devices(gathered: &Gathered) -> Value {
    let mut devices: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for (rest, value) in gathered.below("/sys/block/") {
        if let Some((device, key)) = rest.split_once('/') {
            devices.entry(device).or_default().insert(key, value);
        }
    }
    let described = devices.into_iter().map(|(name, keys)| {
        let value = device(gathered, name, &keys);
        (name.to_owned(), value)
    });
    Value::Object(described.collect())
}

fn device(gathered: &Gathered, name: &str, keys: &BTreeMap<&str, &str>) -> Value {
    let of = |key: &str| keys.get(key).copied();
    let sectors = number(of("size"));
    let scheduler = of("queue/scheduler").unwrap_or_default();
    let chosen = scheduler.split_once('[').and_then(|(_, rest)| Some(rest.split_once(']')?.0));
    let partitions = keys.keys().filter_map(|key| key.strip_suffix("/partition"));
    let described = partitions.map(|part| {
        let key = |key: &str| of(&format!("{part}/{key}"));
        (
            part.to_owned(),
            partition(
                gathered,
                name,
                part,
                key("start"),
                number(key("size")),
                of("queue/logical_block_size"),
            ),
        )
    });
    json!({
        "virtual": 1,
        "links": links(gathered, name),
        "model": text_or_null(of("device/model")),
        "vendor": text_or_null(of("device/vendor")),
        "host": "",
        "sas_address": null,
        "sas_device_handle": null,
        "removable": text_or_null(of("removable")),
        "rotational": text_or_null(of("queue/rotational")),
        "scheduler_mode": chosen.unwrap_or_default(),
        "support_discard": text_or_null(of("queue/discard_granularity")),
        "sectors": sectors,
        "sectorsize": text_or_null(of("queue/logical_block_size")),
        "size": readable(sectors * 512),
        "holders": holders(gathered, &format!("/sys/block/{name}/holders/")),
        "partitions": Value::Object(described.collect()),
    })
}

fn partition(
    gathered: &Gathered,
    device: &str,
    name: &str,
    start: Option<&str>,
    sectors: u64,
    sector_size: Option<&str>,
) -> Value {
    let links = links(gathered, name);
    json!({
        "start": text_or_null(start),
        "sectors": sectors,
        "sectorsize": sector_size.and_then(|size| size.parse::<u64>().ok()),
        "size": readable(sectors * 512),
        "uuid": links["uuids"][0],
        "holders": holders(gathered, &format!("/sys/block/{device}/{name}/holders/")),
        "links": links,
    })
}

fn number(text: Option<&str>) -> u64 {
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn holders(gathered: &Gathered, folder: &str) -> Vec<String> {
    gathered
        .section("there")
        .lines()
        .filter_map(|path| path.strip_prefix(folder))
        .map(str::to_owned)
        .collect()
}

/// Folders of `/dev/disk`, with what a device calls the names in them.
const LINKS: [(&str, &str); 3] =
    [("ids", "/dev/disk/by-id/"), ("uuids", "/dev/disk/by-uuid/"), ("labels", "/dev/disk/by-label/")];

/// Returns the names below `/dev/disk` that lead to a device.
fn links(gathered: &Gathered, device: &str) -> Value {
    let mut found = json!({ "masters": [] });
    for (kind, folder) in LINKS {
        let links = gathered.links(folder).filter(|(_, target)| target.rsplit('/').next() == Some(device));
        found[kind] = links.map(|(name, _)| name).collect();
    }
    found
}

/// Returns all names below `/dev/disk`, by device.
pub fn device_links(gathered: &Gathered) -> Value {
    let mut all = json!({ "masters": {} });
    for (kind, folder) in LINKS {
        let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, target) in gathered.links(folder) {
            found.entry(target.rsplit('/').next().unwrap_or(target)).or_default().push(name);
        }
        all[kind] = json!(found);
    }
    all
}

/// Writes bytes in Ansible's words.
fn readable(bytes: u64) -> String {
    let units = [("TB", 1u64 << 40), ("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)];
    match units.iter().find(|(_, size)| bytes >= *size) {
        Some((unit, size)) => format!("{:.2} {unit}", bytes as f64 / *size as f64),
        None => format!("{bytes}.00 Bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_partitions_with_their_names_and_holders() {
        let said = "\u{1}files\n/sys/block/sda/size:2048\n/sys/block/sda/queue/scheduler:none [mq-deadline]\n\
            /sys/block/sda/queue/logical_block_size:512\n/sys/block/sda/sda1/partition:1\n/sys/block/sda/sda1/start:64\n\
            /sys/block/sda/sda1/size:1024\n\u{1}there\n/sys/block/sda/sda1/holders/dm-0\n\u{1}links\n\
            lrwxrwxrwx 1 root root 10 Jan  1 00:00 /dev/disk/by-uuid/ab-c -> ../../sda1\n";
        let found = devices(&Gathered::read(said));
        assert_eq!(found["sda"]["scheduler_mode"], "mq-deadline");
        let wanted = json!({
            "start": "64", "sectors": 1024, "sectorsize": 512, "size": "512.00 KB", "uuid": "ab-c", "holders": ["dm-0"],
            "links": { "ids": [], "uuids": ["ab-c"], "labels": [], "masters": [] },
        });
        assert_eq!(found["sda"]["partitions"]["sda1"], wanted);
        assert_eq!(device_links(&Gathered::read(said))["uuids"], json!({ "sda1": ["ab-c"] }));
    }

    #[test]
    fn writes_sizes_in_words() {
        assert_eq!(readable(536870912 * 512), "256.00 GB");
        assert_eq!(readable(0), "0.00 Bytes");
    }
}
