use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchover_protocol::{ModuleSpec, PluginSpec};

use crate::library::Library;
use crate::trust::Operator;
use crate::{PluginError, elf, spec};

/// A library that was loaded and has described itself.
#[derive(Debug)]
pub struct Plugin {
    /// Absolute and free of links.
    pub file: PathBuf,
    pub name: String,
    pub version: String,
    pub modules: Vec<Arc<ModuleSpec>>,
    pub(crate) library: Library,
}

impl Plugin {
    /// Loads one file after judging it; `file` is absolute and free of links, and its folder was judged.
    pub(crate) fn load(file: &Path, you: &Operator) -> Result<Self, PluginError> {
        if !file.is_file() {
            // A pipe or device would block or act when opened.
            return Err(PluginError::NotALibrary { file: file.to_owned(), why: "it is not a regular file" });
        }
        you.judge_file(file)?;
        elf::inspect(file)?;
        let library = Library::open(file)?;
        let bytes =
            library.describe().map_err(|source| PluginError::Describe { file: file.to_owned(), source })?;
        let spec: PluginSpec = serde_json::from_slice(&bytes)
            .map_err(|source| PluginError::DescribeNotReadable { file: file.to_owned(), source })?;
        spec::verify(&spec).map_err(|source| PluginError::Spec { file: file.to_owned(), source })?;
        let PluginSpec { name, version, modules } = spec;
        let modules = modules.into_iter().map(Arc::new).collect();
        Ok(Self { file: file.to_owned(), name, version, modules, library })
    }
}
