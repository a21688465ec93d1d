//! Files: `copy`, `template`, `file`, `stat`, `fetch`, `slurp`, `lineinfile` and their kin.
//!
//! Each module plans in `check` the host calls that `apply` makes ([`plan::Plan`]): an unchanged file costs one
//! round trip, a changed one two.

mod attributes;
mod copy;
mod diff;
mod file;
mod mode;
mod permissions;
mod plan;
mod put;
mod slurp;
mod source;
mod stat;
mod steps;
mod template;

use copy::Copy;
use file::File;
use slurp::Slurp;
use stat::Stat;
use template::Template;

switchover_sdk::export_modules!(Copy, File, Slurp, Stat, Template);
