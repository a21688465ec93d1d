//! `alation.master_mode` and `alation.add_slaves`: what the Primary does to rebuild the pair.

mod add_slaves;
mod master_mode;

use add_slaves::AddSlaves;
use master_mode::MasterMode;
use switchover_sdk::export_modules;

export_modules!(MasterMode, AddSlaves);
