//! What the author wrote, typed: playbooks, plays, blocks, tasks, handlers and roles. Never changed after load.

mod context;
mod play;
mod role;
mod task;

pub use context::{Context, Keywords};
pub use play::{Play, Playbook, Prompt};
pub use role::Role;
pub use task::{Action, Block, Item, Loop, LoopControl, Task};
