use std::path::{Path, PathBuf};

use switchover_engine::Sources;
use switchover_inventory::{Files, GroupNames, Inventory, Loaded, Rules, VarsBeside};
use switchover_syntax::Diagnostic;

use crate::problems;
use crate::session::{Decrypting, Session};
use crate::voice::Voice;

/// Where the options say that the inventory is, and the folder beside which `group_vars` and `host_vars` are.
pub struct FromOptions {
    rules: Rules,
    names: Vec<String>,
    files: Decrypting,
    folder: Option<PathBuf>,
    voice: Voice,
}

impl FromOptions {
    /// Returns the sources that the options name, else those of the configuration.
    pub fn new(session: &Session, sources: &[String], folder: Option<&Path>) -> Self {
        let folder = folder.map(|folder| match folder.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => folder.to_owned(),
        });
        let (names, files) = (names(session, sources), session.files());
        Self { rules: rules(session), names, files, folder, voice: session.voice }
    }
}

impl Sources for FromOptions {
    fn files(&self) -> &dyn Files {
        &self.files
    }

    fn read(&self) -> Result<(Inventory, VarsBeside), Vec<Diagnostic>> {
        let Loaded { inventory, warnings } = Inventory::load_by(&self.rules, &self.names, &self.files)?;
        told(self.voice, &warnings);
        let Some(folder) = &self.folder else { return Ok((inventory, VarsBeside::default())) };
        let (vars, warnings) = VarsBeside::load(folder, &inventory, &self.files)?;
        told(self.voice, &warnings);
        Ok((inventory, vars))
    }
}

/// Reads the inventory that the options name, and the `group_vars` and `host_vars` of a folder beside it.
pub fn read(
    session: &Session,
    sources: &[String],
    folder: Option<&Path>,
) -> Result<(Inventory, VarsBeside), Vec<Diagnostic>> {
    FromOptions::new(session, sources, folder).read()
}

/// In Ansible's voice a source that cannot be read is no error but where the configuration says so.
fn rules(session: &Session) -> Rules {
    let config = &session.config;
    let patterns = config.words("INVENTORY_IGNORE_PATTERNS");
    Rules {
        tolerant: session.voice == Voice::Ansible,
        any_unparsed_fails: config.flag("INVENTORY_ANY_UNPARSED_IS_FAILED"),
        unparsed_fails: config.flag("INVENTORY_UNPARSED_IS_FAILED"),
        warns: config.flag("INVENTORY_UNPARSED_WARNING"),
        enabled: config.words("INVENTORY_ENABLED"),
        group_names: match config.text("TRANSFORM_INVALID_GROUP_CHARS").as_deref() {
            Some("always") => GroupNames::Change,
            Some("silently") => GroupNames::ChangeSilently,
            Some("ignore") => GroupNames::Keep,
            _ => GroupNames::Warn,
        },
        ignored_ends: config.words("INVENTORY_IGNORE_EXTS"),
        ignored_names: patterns.iter().filter_map(|text| fancy_regex::Regex::new(text).ok()).collect(),
    }
}

fn told(voice: Voice, warnings: &[Diagnostic]) {
    match voice {
        Voice::Ours => problems::print(warnings),
        Voice::Ansible => warnings.iter().for_each(|warning| problems::warn(&plain(warning))),
    }
}

/// What Ansible would say of it, with the place.
fn plain(warning: &Diagnostic) -> String {
    match warning.labels.first() {
        Some(label) => format!("{} ({})", warning.message, label.span),
        None => warning.message.clone(),
    }
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
