//! The modules of this plugin, one file each.

mod line;

switchover_sdk::export_modules!(line::Line);
