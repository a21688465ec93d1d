use switchover_sdk::prelude::*;

use super::{SynchronizeParams, What};
use crate::steps;
use crate::walk::{self, Walked, join};

/// What is on one side, and where it lies.
pub struct Side {
    /// The path whose content the tree is, or the one file.
    pub root: String,
    /// Where it belongs on the host.
    pub dest: String,
    /// The source is on the host too.
    pub on_host: bool,
    /// By path relative to the root, folders before what is in them; empty for the root itself.
    pub items: Walked,
}

impl Side {
    /// Reads the source: of the controller, or of the host when the task is delegated to that.
    pub fn of_source(params: &SynchronizeParams, what: &What, host: &Host) -> Result<Self, Failure> {
        let facts = &host.about.facts;
        let delegate = facts.get("delegate_to").and_then(Value::as_str);
        let own = facts.get("inventory_hostname").and_then(Value::as_str);
        let mut side = match delegate {
            None => Self::of_controller(params, host)?,
            Some(name) if Some(name) == own => Self { on_host: true, ..Self::of_host(&params.src, host)? },
            Some(name) => {
                return Err(Failure::arguments(format!("the source would be on {name} and the destination on another host"))
                    .remedy("leave `delegate_to` out: files travel from the controller; or bring them to the controller first"));
            }
        };
        if side.items.is_empty() {
            return Err(Failure::new(format!("{} is not there", params.src)).with("rc", 23));
        }
        let is_folder = side.items.get("").is_some_and(|stat| stat.kind == FileKind::Directory);
        let dest = params.dest.trim_end_matches('/');
        let name = steps::split(params.src.trim_end_matches('/')).1;
        side.dest = if is_folder && params.src.ends_with('/') {
            dest.to_owned()
        } else if is_folder || params.dest.ends_with('/') || is_a_folder(dest, host)? {
            format!("{dest}/{name}")
        } else {
            dest.to_owned()
        };
        side.items.retain(|path, stat| {
            let wanted = what.links || stat.kind != FileKind::Link;
            let known = matches!(stat.kind, FileKind::File | FileKind::Directory | FileKind::Link);
            path.is_empty()
                || (wanted && known && !what.excludes.leaves(path, stat.kind == FileKind::Directory))
        });
        Ok(side)
    }

    fn of_controller(params: &SynchronizeParams, host: &Host) -> Result<Self, Failure> {
        let file = host.controller_file(&params.src, Some("files"))?;
        let root = file.path.trim_end_matches('/').to_owned();
        let mut side = Self { root: root.clone(), dest: String::new(), on_host: false, items: Walked::new() };
        let (folder, name) = steps::split(&root);
        let stat = host
            .controller_list(folder)?
            .into_iter()
            .find(|entry| entry.path == name)
            .map(|entry| entry.stat);
        let kind = if file.is_dir { FileKind::Directory } else { FileKind::File };
        side.items.insert(String::new(), FileStat { kind, ..stat.unwrap_or_default() });
        if file.is_dir {
            side.items.extend(walk::controller(&root, params.copy_links, host)?);
        }
        Ok(side)
    }

    /// Reads a path of the host and all below it.
    pub fn of_host(path: &str, host: &Host) -> Result<Self, Failure> {
        let root = path.trim_end_matches('/').to_owned();
        let mut items = Walked::new();
        if let Some(stat) = host.stat(&root)? {
            if stat.kind == FileKind::Directory {
                items = walk::on_host(&root, host)?;
            }
            items.insert(String::new(), stat);
        }
        Ok(Self { dest: root.clone(), root, on_host: true, items })
    }

    /// Returns the path of an item on this side.
    pub fn path(&self, relative: &str) -> String {
        join(&self.root, relative)
    }
}

fn is_a_folder(path: &str, host: &Host) -> Result<bool, Failure> {
    Ok(host.stat_with(path, true, None)?.is_some_and(|stat| stat.kind == FileKind::Directory))
}
