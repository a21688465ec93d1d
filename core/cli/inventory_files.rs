use std::path::Path;

use switchover_inventory::{Inventory, Loaded, PlainFiles, VarsBeside};
use switchover_syntax::Diagnostic;

use crate::problems;

/// Where the inventory is looked for when no `-i` names one.
const DEFAULT: &str = "/etc/ansible/hosts";

/// Reads the inventory that the options name, and the `group_vars` and `host_vars` of a folder beside it.
pub fn read(sources: &[String], folder: Option<&Path>) -> Result<(Inventory, VarsBeside), Vec<Diagnostic>> {
    let Loaded { inventory, warnings } = Inventory::load(&names(sources), &PlainFiles)?;
    problems::print(&warnings);
    let folder = match folder {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return Ok((inventory, VarsBeside::default())),
    };
    let (vars, warnings) = VarsBeside::load(folder, &inventory, &PlainFiles)?;
    problems::print(&warnings);
    Ok((inventory, vars))
}

/// Returns the sources: what `-i` says, else `ANSIBLE_INVENTORY`, else Ansible's default when it is there.
pub fn names(sources: &[String]) -> Vec<String> {
    if !sources.is_empty() {
        return sources.to_vec();
    }
    match std::env::var("ANSIBLE_INVENTORY") {
        Ok(list) if !list.is_empty() => list.split(',').map(|source| source.trim().to_owned()).collect(),
        _ if Path::new(DEFAULT).exists() => vec![DEFAULT.to_owned()],
        _ => Vec::new(),
    }
}
