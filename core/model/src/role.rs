use std::path::PathBuf;
use std::sync::Arc;

use switchover_syntax::{Mapping, Node};

use crate::Item;

/// A role as it was found on disk.
#[derive(Clone, Debug)]
pub struct Role {
    /// The name as it was written where the role was used, or the full one where a collection has it.
    pub name: String,
    /// The absolute folder.
    pub path: PathBuf,
    pub defaults: Arc<Mapping>,
    pub vars: Arc<Mapping>,
    /// Its own handlers. The role that their levels name is this one with an empty list here, so that
    /// nothing owns itself: compare roles by `path` and `name`, not by pointer.
    pub handlers: Vec<Item>,
    pub allow_duplicates: bool,
    /// `meta/argument_specs.yml`, the entry point: `options`, `short_description`.
    pub argument_spec: Option<Node>,
    /// Names of roles it depends on, and those of the role that pulled it in, outermost first.
    pub dependencies: Vec<String>,
    pub parents: Vec<String>,
}

impl Role {
    /// Returns the collection in which the role was found, such as `debian.servers`.
    pub fn collection(&self) -> Option<&str> {
        let end = self.name.match_indices('.').nth(1)?.0;
        let collection = &self.name[..end];
        let roles = format!("ansible_collections/{}/roles", collection.replacen('.', "/", 1));
        self.path.ancestors().any(|folder| folder.ends_with(&roles)).then_some(collection)
    }

    /// Returns the name without that of its collection.
    pub fn short_name(&self) -> &str {
        self.collection().map_or(&self.name, |collection| &self.name[collection.len() + 1..])
    }
}

/// Returns the roles whose tasks are among these, outside dynamic includes: dependencies first, each use once.
pub fn roles_in(items: &[Item]) -> Vec<Arc<Role>> {
    let mut roles = Vec::new();
    collect(items, &mut roles);
    roles
}

fn collect(items: &[Item], roles: &mut Vec<Arc<Role>>) {
    for item in items {
        let Item::Block(block) = item else { continue };
        let own = block.context.role.iter();
        let fresh: Vec<_> =
            own.filter(|role| !roles.iter().any(|known| Arc::ptr_eq(known, role))).cloned().collect();
        for part in [&block.body, &block.rescue, &block.always] {
            collect(part, roles);
        }
        roles.extend(fresh);
    }
}
