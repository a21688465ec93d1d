//! Mode, owner and group as scripts take and tell them.

use switchover_sdk::prelude::*;

/// Returns mode, owner and group; empty where nothing is asked for.
pub fn words(attributes: &FileAttributes) -> [&str; 3] {
    let mode = attributes.mode.as_ref().map_or("", |mode| mode.0.as_str());
    [mode, attributes.owner.as_deref().unwrap_or_default(), attributes.group.as_deref().unwrap_or_default()]
}

/// Returns whether a line of `stat` (`644 root 0 root 0`) differs; `None` for a symbolic mode, which only chmod
/// can tell.
pub fn differs(attributes: &FileAttributes, line: &str) -> Option<bool> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [mode, owner, uid, group, gid] = fields[..] else { return Some(false) };
    let [wanted, wanted_owner, wanted_group] = words(attributes);
    let named =
        |wanted: &str, name: &str, number: &str| wanted.is_empty() || wanted == name || wanted == number;
    let same_bits = match wanted {
        "" => true,
        wanted => u32::from_str_radix(wanted, 8).ok()? == u32::from_str_radix(mode, 8).ok()?,
    };
    Some(!(same_bits && named(wanted_owner, owner, uid) && named(wanted_group, group, gid)))
}
