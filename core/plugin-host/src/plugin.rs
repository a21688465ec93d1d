use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use switchover_protocol::{ModuleSpec, PluginSpec, RefusedModules};

use crate::child::{Child, Patience};
use crate::crash::Inside;
use crate::descriptions::sha256;
use crate::library::{Library, Side};
use crate::stamp::Stamp;
use crate::{AnswerError, PluginError, process_wide, spec};

/// A library that has described itself.
#[derive(Debug)]
pub struct Plugin {
    /// Absolute and free of links.
    pub file: PathBuf,
    pub name: String,
    pub version: String,
    pub modules: Vec<Arc<ModuleSpec>>,
    /// Modules that it knows only to say why they are not there.
    pub refused: Vec<RefusedModules>,
    place: Place,
}

/// Where a plugin's code runs.
#[derive(Debug)]
pub(crate) enum Place {
    /// In this process; loaded when it is first needed.
    Here { stamp: Stamp, library: OnceLock<Library> },
    /// In processes of its own: one for each request that is under way, kept for the next.
    Apart { program: PathBuf, idle: Mutex<Vec<Child>> },
}

impl Place {
    pub(crate) fn here(stamp: Stamp) -> Self {
        Self::Here { stamp, library: OnceLock::new() }
    }

    pub(crate) fn loaded(stamp: Stamp, library: Library) -> Self {
        Self::Here { stamp, library: OnceLock::from(library) }
    }

    pub(crate) fn apart(program: PathBuf, first: Option<Child>) -> Self {
        Self::Apart { program, idle: Mutex::new(first.into_iter().collect()) }
    }
}

impl Plugin {
    /// Takes a description at its word once it holds no fault.
    pub(crate) fn described(file: &Path, description: &[u8], place: Place) -> Result<Self, PluginError> {
        let (plugin, spec) = Self::read(file, description, place)?;
        match spec::faults(&spec).into_iter().next() {
            Some(source) => Err(PluginError::Spec { file: file.to_owned(), source }),
            None => Ok(plugin),
        }
    }

    /// Takes a description that may hold faults, and returns it as well.
    pub(crate) fn read(
        file: &Path,
        description: &[u8],
        place: Place,
    ) -> Result<(Self, PluginSpec), PluginError> {
        let spec: PluginSpec = serde_json::from_slice(description)
            .map_err(|source| PluginError::DescribeNotReadable { file: file.to_owned(), source })?;
        let PluginSpec { name, version, modules, refused } = spec.clone();
        let modules = modules.into_iter().map(Arc::new).collect();
        Ok((Self { file: file.to_owned(), name, version, modules, refused, place }, spec))
    }

    /// Computes the SHA-256 of the file, in hex.
    pub fn sha256(&self) -> Result<String, PluginError> {
        sha256(&self.file).map_err(|source| PluginError::Unreadable { path: self.file.clone(), source })
    }

    /// Returns the plugin with its code somewhere else.
    pub(crate) fn moved(self, place: Place) -> Self {
        Self { place, ..self }
    }

    /// Returns what the file's name says: `hello` for `libswitchover_hello.so`.
    pub fn stem(&self) -> &str {
        stem(&self.file)
    }

    /// Returns whether it runs in processes of its own.
    pub fn is_isolated(&self) -> bool {
        matches!(self.place, Place::Apart { .. })
    }

    /// Loads the library now, so that a mistake shows before a host is touched. Does nothing the second time, and
    /// nothing for a plugin that runs in processes of its own.
    pub fn prepare(&self) -> Result<(), PluginError> {
        match &self.place {
            Place::Here { stamp, library } => self.load(stamp, library).map(drop),
            Place::Apart { .. } => Ok(()),
        }
    }

    fn load<'a>(&self, stamp: &Stamp, library: &'a OnceLock<Library>) -> Result<&'a Library, PluginError> {
        if let Some(library) = library.get() {
            return Ok(library);
        }
        let unreadable = |source| PluginError::Unreadable { path: self.file.clone(), source };
        if Stamp::of(&self.file.metadata().map_err(unreadable)?) != *stamp {
            return Err(PluginError::Replaced { file: self.file.clone() });
        }
        process_wide::remember();
        let opened = self.inside(|| Library::open(&self.file));
        if let Some(what) = process_wide::put_back() {
            return Err(PluginError::Spoils { file: self.file.clone(), what });
        }
        let opened = opened?;
        Ok(library.get_or_init(|| opened))
    }

    /// Runs code of the library in this process; when that ends the process, this plugin is named.
    fn inside<R>(&self, act: impl FnOnce() -> R) -> R {
        Inside::with(&self.file, self.stem(), act)
    }

    /// Passes a request to the library, wherever it runs.
    pub(crate) fn invoke(&self, request: &[u8], side: &dyn Side) -> Result<Vec<u8>, AnswerError> {
        let not_there = |error: PluginError| AnswerError::NotThere { how: error.explain() };
        match &self.place {
            Place::Here { stamp, library } => {
                let library = self.load(stamp, library).map_err(not_there)?;
                let answer = self.inside(|| library.invoke(request, side));
                match process_wide::put_back() {
                    Some(what) => Err(AnswerError::Spoilt { what }),
                    None => answer,
                }
            }
            Place::Apart { program, idle } => {
                let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let mut child = match kept {
                    Some(child) => child,
                    None => Child::start(program, &self.file, Patience::default()).map_err(not_there)?.0,
                };
                let answer = child.invoke(request, side);
                // A process that gave no answer may be anywhere in its code.
                if answer.is_ok() {
                    idle.lock().unwrap_or_else(PoisonError::into_inner).push(child);
                }
                answer
            }
        }
    }
}

/// Returns the part of a plugin's file name that is its own.
pub(crate) fn stem(file: &Path) -> &str {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let name = name.strip_suffix(".so").unwrap_or(name);
    name.strip_prefix("libswitchover_").unwrap_or(name)
}
