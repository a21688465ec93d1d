//! Programs that a playbook names: `command`, `shell`, `raw` and `script`.
//!
//! Nothing here can know what such a program changes, so `check` answers "only doing it can tell", but for
//! `creates` and `removes`.

mod clock;
mod command;
mod condition;
mod raw;
mod refused;
mod report;
mod script;
mod shell;
mod split;

use command::CommandModule;
use raw::Raw;
use script::Script;
use shell::Shell;

switchover_sdk::export_modules!(CommandModule, Shell, Raw, Script; refused: refused::REFUSED);
