//! Making, serving and ending a lab.

mod fleet;
mod inventory;
mod key;
mod layout;
mod make;
mod options;
mod processes;
mod settings;
mod tree;

pub use fleet::{Lab, LabError, set_fault};
pub use layout::{HostLayout, Layout};
pub use make::first_world;
pub use options::Options;
pub use processes::end_processes;
pub use settings::{BackupTool, HostEntry, Preset, Settings, ShellForm};
pub use tree::{install_version, link};
