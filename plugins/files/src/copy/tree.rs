use std::collections::BTreeMap;

use switchover_sdk::prelude::*;
use switchover_sdk::{Algorithm, ControllerFile, HostCall, HostReply};

use crate::source::Source;
use crate::walk::{self, join};

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

impl Tree {
    /// Reads a folder of the controller; `follow` takes what links lead to, `decrypt` the plain content of files that are
    /// encrypted with a vault.
    pub fn of_controller(root: &str, follow: bool, decrypt: bool, host: &Host) -> Result<Self, Failure> {
        let folder = root.trim_end_matches('/');
        let mut items = BTreeMap::new();
        for (relative, stat) in walk::controller(folder, follow, host)? {
            let mode = stat.mode;
            let item = match stat.kind {
                FileKind::Directory => Item::Folder { mode },
                FileKind::Link => Item::Link { target: stat.link_target.unwrap_or_default() },
                _ => {
                    let path = join(folder, &relative);
                    let file =
                        ControllerFile { path, size: stat.size, is_dir: false, checksum: stat.checksum };
                    Item::File { source: Source::plain(file, decrypt, host)?, mode }
                }
            };
            items.insert(relative, item);
        }
        Ok(Self { root: root.to_owned(), items })
    }

    /// Reads a folder of the host.
    pub fn of_host(root: &str, host: &Host) -> Result<Self, Failure> {
        let folder = root.trim_end_matches('/');
        let walked = walk::on_host(folder, host)?;
        let files = walked.iter().filter(|(_, stat)| stat.kind == FileKind::File);
        let paths: Vec<String> = files.map(|(relative, _)| join(folder, relative)).collect();
        let mut sums = checksums(&paths, host)?.into_iter();
        let mut items = BTreeMap::new();
        for (relative, stat) in walked {
            let item = match stat.kind {
                FileKind::Directory => Item::Folder { mode: stat.mode },
                FileKind::Link => Item::Link { target: stat.link_target.clone().unwrap_or_default() },
                kind => {
                    let checksum = if kind == FileKind::File { sums.next().flatten() } else { None };
                    let stat = FileStat { checksum, ..stat };
                    Item::File { mode: stat.mode, source: Source::host(&join(folder, &relative), &stat)? }
                }
            };
            items.insert(relative, item);
        }
        Ok(Self { root: root.to_owned(), items })
    }
}

/// Asks for the SHA-1 of each file, in one round trip.
fn checksums(paths: &[String], host: &Host) -> Result<Vec<Option<String>>, Failure> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let call = |path: &String| HostCall::Checksum { path: path.clone(), algorithm: Algorithm::Sha1 };
    let sums = host.many(paths.iter().map(call).collect())?.into_iter();
    Ok(sums.map(|reply| if let HostReply::Checksum(sum) = reply { sum } else { None }).collect())
}
