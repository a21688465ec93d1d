use std::path::{Path, PathBuf};

use switchover_inventory::{Inventory, Loaded, VarsBeside};
use switchover_syntax::Diagnostic;

use crate::problems;
use crate::session::Session;

/// Reads the inventory that the options name, and the `group_vars` and `host_vars` of a folder beside it.
pub fn read(
    session: &Session,
    sources: &[String],
    folder: Option<&Path>,
) -> Result<(Inventory, VarsBeside), Vec<Diagnostic>> {
    let files = session.files();
    let Loaded { inventory, warnings } = Inventory::load(&names(session, sources), &files)?;
    problems::print(&warnings);
    let folder = match folder {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return Ok((inventory, VarsBeside::default())),
    };
    let (vars, warnings) = VarsBeside::load(folder, &inventory, &files)?;
    problems::print(&warnings);
    Ok((inventory, vars))
}

/// Returns the sources: what `-i` says, else the configuration, else Ansible's default when it is there.
pub fn names(session: &Session, sources: &[String]) -> Vec<String> {
    if !sources.is_empty() {
        return sources.to_vec();
    }
    match session.config.sources("DEFAULT_HOST_LIST") {
        Some(list) if !list.is_empty() => list,
        _ => {
            let default = session.config.path("DEFAULT_HOST_LIST").filter(|path| path.exists());
            default.map(|path: PathBuf| path.to_string_lossy().into_owned()).into_iter().collect()
        }
    }
}
