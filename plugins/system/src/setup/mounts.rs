use switchover_sdk::prelude::*;

use super::gathered::{Facts, Gathered};

/// Adds the file systems that have a device, with their sizes.
pub fn add(gathered: &Gathered, facts: &mut Facts) {
    let sizes: Vec<&str> = gathered.section("sizes").lines().collect();
    let mounts = gathered.section("mounts").lines();
    // A file system that cannot be asked leaves a line out, and then no line can be told from another.
    let whole = sizes.len() == gathered.section("mounts").lines().count();
    let known = mounts.enumerate().filter_map(|(index, line)| {
        let words: Vec<&str> = line.split(' ').collect();
        let [device, mount, kind, options] = words.as_slice() else { return None };
        let mut entry = json!({
            "device": plain(device), "mount": plain(mount), "fstype": kind, "options": options, "dump": 0, "passno": 0,
            "uuid": "N/A",
        });
        if let (true, Some(sizes), Some(entry)) = (whole, sizes.get(index).and_then(|line| size(line)), entry.as_object_mut()) {
            entry.extend(sizes);
        }
        Some(entry)
    });
    facts.add("mounts", "mounts", Value::Array(known.collect()));
}

/// Reads `block size, blocks, free blocks, inodes, free inodes`.
pub fn size(line: &str) -> Option<Map> {
    let numbers: Vec<u64> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
    let [block, total, available, inodes, free] = *numbers.as_slice() else { return None };
    let keys = [
        ("block_size", block),
        ("block_total", total),
        ("block_available", available),
        ("block_used", total.saturating_sub(available)),
        ("size_total", block * total),
        ("size_available", block * available),
        ("inode_total", inodes),
        ("inode_available", free),
        ("inode_used", inodes.saturating_sub(free)),
    ];
    Some(keys.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect())
}

/// Blanks stand as `\040` in the kernel's list.
pub fn plain(text: &str) -> String {
    text.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_sizes_of_file_systems() {
        let said = "\u{1}mounts\n/dev/vda / ext4 rw,relatime\n/dev/b /a\\040b xfs ro\n\
                    \u{1}sizes\n4096 100 40 10 7\n512 8 8 1 1\n";
        let mut facts = Facts::default();
        add(&Gathered::read(said), &mut facts);
        let mounts = facts.chosen(|_, _| true)["ansible_mounts"].clone();
        assert_eq!(mounts[0]["size_available"], 4096 * 40);
        assert_eq!(mounts[0]["block_used"], 60);
        assert_eq!(mounts[0]["inode_used"], 3);
        assert_eq!(mounts[1]["mount"], "/a b");
    }
}
