use std::path::PathBuf;
use std::sync::Arc;

use crate::Context;

/// Where tasks stand: what they inherit and where relative paths begin.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub parent: Arc<Context>,
    /// The folder of the file that is being read.
    pub folder: PathBuf,
    pub handlers: bool,
    /// Inside a block: handlers may not hold blocks in blocks.
    pub nested: bool,
    /// Inside a block whose `rescue` takes care of failures.
    pub rescued: bool,
}

impl Site {
    /// Returns the place of tasks that begin in this folder.
    pub fn new(parent: &Arc<Context>, folder: PathBuf) -> Self {
        Self { parent: Arc::clone(parent), folder, handlers: false, nested: false, rescued: false }
    }

    /// Returns the same place for handlers.
    pub fn of_handlers(self, handlers: bool) -> Self {
        Self { handlers, ..self }
    }

    /// Returns the place inside a block.
    pub fn in_block(&self, parent: &Arc<Context>) -> Self {
        Self { parent: Arc::clone(parent), nested: true, ..self.clone() }
    }

    /// Returns the folder of the play; without a play, that of the file.
    pub fn play_folder(&self) -> PathBuf {
        self.parent.folder().map_or_else(|| self.folder.clone(), std::path::Path::to_owned)
    }
}
