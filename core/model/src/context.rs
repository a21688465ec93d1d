use std::path::Path;
use std::sync::Arc;

use switchover_syntax::{Mapping, Node};

use crate::{ModuleDefaults, Role};

/// One level of what a task inherits: play, role, block(s), include, the task itself.
///
/// A chain from the inside out. `when` of all levels must hold, tags and environments add up, variables of
/// inner levels shadow, and for every other keyword the innermost level that has it wins (Ansible's rules).
#[derive(Clone, Debug)]
pub struct Context {
    pub parent: Option<Arc<Context>>,
    pub keywords: Keywords,
    /// Conditions written at this level, each an expression (or a boolean).
    pub when: Vec<Node>,
    /// Tags written at this level; may hold templates.
    pub tags: Vec<Node>,
    /// `vars:` written at this level.
    pub vars: Option<Arc<Mapping>>,
    /// The role whose tasks begin at this level.
    pub role: Option<Arc<Role>>,
    /// `vars:` of the dynamic include whose tasks begin at this level; only extra variables outrank them.
    pub include_params: Option<Arc<Mapping>>,
    /// The parameters given where the role was used (`- role: x, port: 80`); they outrank `vars:`.
    pub role_params: Option<Arc<Mapping>>,
    /// At the level of the play: its folder, where roles and imported files are looked for.
    pub folder: Option<Arc<Path>>,
}

impl Context {
    /// Returns a level that adds nothing to what is around it.
    pub fn inside(parent: Option<&Arc<Self>>) -> Self {
        Self {
            parent: parent.cloned(),
            keywords: Keywords::default(),
            when: Vec::new(),
            tags: Vec::new(),
            vars: None,
            include_params: None,
            role: None,
            role_params: None,
            folder: None,
        }
    }

    /// Returns the folder of the play around here.
    pub fn folder(&self) -> Option<&Path> {
        self.levels().find_map(|level| level.folder.as_deref())
    }

    /// Walks from this level outwards.
    pub fn levels(&self) -> impl Iterator<Item = &Context> {
        std::iter::successors(Some(self), |context| context.parent.as_deref())
    }

    /// Returns the innermost role around here.
    pub fn role(&self) -> Option<&Arc<Role>> {
        self.levels().find_map(|level| level.role.as_ref())
    }

    /// Returns the innermost value of a keyword.
    pub fn keyword<'a>(&'a self, pick: impl Fn(&'a Keywords) -> Option<&'a Node>) -> Option<&'a Node> {
        self.levels().find_map(|level| pick(&level.keywords))
    }
}

/// The keywords that plays, roles, blocks and tasks share. Values may be templates, so they stay nodes.
#[derive(Clone, Debug, Default)]
pub struct Keywords {
    pub any_errors_fatal: Option<Node>,
    pub r#become: Option<Node>,
    pub become_exe: Option<Node>,
    pub become_flags: Option<Node>,
    pub become_method: Option<Node>,
    pub become_user: Option<Node>,
    pub check_mode: Option<Node>,
    pub collections: Option<Node>,
    pub connection: Option<Node>,
    pub delegate_facts: Option<Node>,
    pub delegate_to: Option<Node>,
    pub diff: Option<Node>,
    pub environment: Option<Node>,
    pub ignore_errors: Option<Node>,
    pub ignore_unreachable: Option<Node>,
    pub module_defaults: Vec<ModuleDefaults>,
    pub no_log: Option<Node>,
    pub notify: Option<Node>,
    pub port: Option<Node>,
    pub remote_user: Option<Node>,
    pub run_once: Option<Node>,
    pub throttle: Option<Node>,
    pub timeout: Option<Node>,
}
