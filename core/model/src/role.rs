use std::path::PathBuf;
use std::sync::Arc;

use switchover_syntax::{Mapping, Node};

use crate::Item;

/// A role as it was found on disk.
#[derive(Debug)]
pub struct Role {
    /// The name as it was written where the role was used.
    pub name: String,
    /// The absolute folder.
    pub path: PathBuf,
    pub defaults: Arc<Mapping>,
    pub vars: Arc<Mapping>,
    pub handlers: Vec<Item>,
    pub allow_duplicates: bool,
    /// `meta/argument_specs.yml`, the entry point's `options`.
    pub argument_spec: Option<Node>,
    /// Names of roles it depends on, and those of the role that pulled it in, outermost first.
    pub dependencies: Vec<String>,
    pub parents: Vec<String>,
}
