//! What the author wrote, typed: playbooks, plays, blocks, tasks, handlers and roles. Never changed after load.
//!
//! A [`Loader`] reads them from files, with everything that is imported, and reports all problems at once.

mod context;
mod files;
mod keywords;
mod loader;
mod module_defaults;
mod modules;
mod play;
mod read;
mod role;
mod task;
mod words;
mod yaml_file;

pub use context::{Context, Keywords};
pub use files::ReadFile;
pub use keywords::{KEYWORDS, Keyword, Place, REFUSED, Refused, Shape};
pub use loader::{Loader, RoleFrom, Settings};
pub use module_defaults::{ModuleDefaults, Receivers};
pub use modules::{ModuleNames, Modules, short};
pub use play::{Play, Playbook, Prompt};
pub use read::{LOOP_CONTROLS, META_ACTIONS, include_arguments, is_variable_name};
pub use role::{Role, roles_in};
pub use task::{Action, Block, Item, Loop, LoopControl, Task};
pub use words::{KeyValues, Pair, SplitError, split_key_values};
