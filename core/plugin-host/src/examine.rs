use std::path::Path;
use std::sync::Arc;

use crate::child::{Child, Patience};
use crate::plugin::Place;
use crate::trust::Operator;
use crate::{Module, Plugin, PluginError, SpecFault, discovery, elf, spec};

/// A plugin that runs in processes of its own, with all that is wrong with its description.
#[derive(Debug)]
pub struct Examination {
    pub plugin: Arc<Plugin>,
    pub faults: Vec<SpecFault>,
}

/// Loads one file, wherever it lies and whatever it is called, for those who want to know what is wrong with it.
///
/// `program` is the one of [`Discovery::child`](crate::Discovery).
pub fn examine(program: &Path, file: &Path) -> Result<Examination, PluginError> {
    let unreadable = |source| PluginError::Unreadable { path: file.to_owned(), source };
    let file = file.canonicalize().map_err(unreadable)?;
    discovery::judge(&file, &Operator::of_this_process())?;
    elf::inspect(&file)?;
    let (child, description) = Child::start(program, &file, Patience::default())?;
    let place = Place::apart(program.to_owned(), Some(child));
    let (plugin, spec) = Plugin::read(&file, &description, place)?;
    Ok(Examination { plugin: Arc::new(plugin), faults: spec::faults(&spec) })
}

impl Examination {
    /// Returns the modules of the plugin.
    pub fn modules(&self) -> Vec<Module> {
        let module = |spec: &Arc<_>| Module { spec: Arc::clone(spec), plugin: Arc::clone(&self.plugin) };
        self.plugin.modules.iter().map(module).collect()
    }
}
