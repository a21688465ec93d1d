use std::collections::BTreeMap;

use switchover_sdk::prelude::*;
use switchover_sdk::{Algorithm, ControllerFile, HostCall, HostReply};

use crate::source::Source;

/// A folder to be copied, with all below it.
pub struct Tree {
    /// As the task named it; a slash at its end means its content only.
    pub root: String,
    /// By path relative to the root; folders come before what is in them.
    pub items: BTreeMap<String, Item>,
}

/// One path of a [`Tree`].
pub enum Item {
    Folder { mode: u32 },
    File { source: Source, mode: u32 },
    Link { target: String },
}

/// How a folder of the controller is read.
struct How {
    /// Takes what links lead to.
    follow: bool,
    /// Takes the plain content of files that are encrypted with a vault.
    decrypt: bool,
}

impl Tree {
    /// Reads a folder of the controller.
    pub fn of_controller(root: &str, follow: bool, decrypt: bool, host: &Host) -> Result<Self, Failure> {
        let mut tree = Self { root: root.to_owned(), items: BTreeMap::new() };
        tree.add_controller(root.trim_end_matches('/'), "", &How { follow, decrypt }, 0, host)?;
        Ok(tree)
    }

    fn add_controller(
        &mut self,
        folder: &str,
        below: &str,
        how: &How,
        depth: u32,
        host: &Host,
    ) -> Result<(), Failure> {
        if depth > 16 {
            return Err(Failure::new(format!("links below {} lead in a circle", self.root)));
        }
        for entry in host.controller_list(folder)? {
            let path = format!("{folder}/{}", entry.path);
            let relative = format!("{below}{}", entry.path);
            let mode = entry.stat.mode;
            let item = match entry.stat.kind {
                FileKind::Directory => Item::Folder { mode },
                FileKind::Link if !how.follow => {
                    Item::Link { target: entry.stat.link_target.clone().unwrap_or_default() }
                }
                FileKind::Link => {
                    let file = host.controller_file(&path, None)?;
                    if file.is_dir {
                        self.add_controller(&path, &format!("{relative}/"), how, depth + 1, host)?;
                        Item::Folder { mode: 0o755 }
                    } else {
                        Item::File {
                            mode: host.controller_mode(&file.path)?,
                            source: Source::plain(file, how.decrypt, host)?,
                        }
                    }
                }
                _ => {
                    let checksum = entry.stat.checksum.clone();
                    let file = ControllerFile { path, size: entry.stat.size, is_dir: false, checksum };
                    Item::File { source: Source::plain(file, how.decrypt, host)?, mode }
                }
            };
            self.items.insert(relative, item);
        }
        Ok(())
    }

    /// Reads a folder of the host.
    pub fn of_host(root: &str, host: &Host) -> Result<Self, Failure> {
        let folder = root.trim_end_matches('/');
        let entries = host.list(folder, true)?;
        let sums = checksums(&entries, host)?;
        let mut items = BTreeMap::new();
        for (entry, checksum) in entries.into_iter().zip(sums) {
            let relative =
                entry.path.strip_prefix(folder).unwrap_or(&entry.path).trim_start_matches('/').to_owned();
            let stat = FileStat { checksum, ..entry.stat };
            let item = match stat.kind {
                FileKind::Directory => Item::Folder { mode: stat.mode },
                FileKind::Link => Item::Link { target: stat.link_target.clone().unwrap_or_default() },
                _ => Item::File { mode: stat.mode, source: Source::host(&entry.path, &stat)? },
            };
            items.insert(relative, item);
        }
        Ok(Self { root: root.to_owned(), items })
    }
}

/// Asks for the SHA-1 of each file, in one round trip.
fn checksums(entries: &[switchover_sdk::Entry], host: &Host) -> Result<Vec<Option<String>>, Failure> {
    let is_file = |entry: &&switchover_sdk::Entry| entry.stat.kind == FileKind::File;
    let calls: Vec<HostCall> = entries
        .iter()
        .filter(is_file)
        .map(|entry| HostCall::Checksum { path: entry.path.clone(), algorithm: Algorithm::Sha1 })
        .collect();
    let mut sums = if calls.is_empty() { Vec::new() } else { host.many(calls)? }.into_iter();
    let mut next = || match sums.next() {
        Some(HostReply::Checksum(sum)) => sum,
        _ => None,
    };
    Ok(entries.iter().map(|entry| if is_file(&entry) { next() } else { None }).collect())
}
