//! What is below a folder, by path relative to it; folders come before what is in them.

use std::collections::BTreeMap;

use switchover_sdk::prelude::*;

/// The paths below a folder.
pub type Walked = BTreeMap<String, FileStat>;

/// Links that lead into each other would never end.
const DEEPEST: u32 = 16;

/// Walks through a folder of the controller; with `follow` as if what links lead to stood in their place.
pub fn controller(root: &str, follow: bool, host: &Host) -> Result<Walked, Failure> {
    let mut walked = Walked::new();
    add(&mut walked, root, "", follow, 0, host)?;
    Ok(walked)
}

fn add(
    walked: &mut Walked,
    root: &str,
    below: &str,
    follow: bool,
    depth: u32,
    host: &Host,
) -> Result<(), Failure> {
    if depth > DEEPEST {
        return Err(Failure::new(format!("links below {root} lead in a circle")));
    }
    let folder = format!("{root}/{below}");
    for entry in host.controller_list(folder.trim_end_matches('/'))? {
        let relative = format!("{below}{}", entry.path);
        let mut stat = entry.stat;
        if follow && stat.kind == FileKind::Link {
            let path = format!("{root}/{relative}");
            let file = host.controller_file(&path, None)?;
            stat.kind = if file.is_dir { FileKind::Directory } else { FileKind::File };
            (stat.size, stat.mode, stat.checksum) =
                (file.size, host.controller_mode(&path)?, file.checksum.clone());
            if file.is_dir {
                add(walked, root, &format!("{relative}/"), follow, depth + 1, host)?;
            }
        }
        walked.insert(relative, stat);
    }
    Ok(())
}

/// Walks through a folder of the host, in one round trip.
pub fn on_host(root: &str, host: &Host) -> Result<Walked, Failure> {
    let relative = |path: &str| path.strip_prefix(root).unwrap_or(path).trim_start_matches('/').to_owned();
    Ok(host.list(root, true)?.into_iter().map(|entry| (relative(&entry.path), entry.stat)).collect())
}

/// Puts a relative path below a folder.
pub fn join(folder: &str, relative: &str) -> String {
    if relative.is_empty() { folder.to_owned() } else { format!("{folder}/{relative}") }
}
