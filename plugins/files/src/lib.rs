//! Files: `copy`, `template`, `file`, `stat`, `fetch`, `slurp`, `lineinfile` and their kin.
//!
//! Each module plans in `check` the host calls that `apply` makes ([`plan::Plan`]): an unchanged file costs one
//! round trip, a changed one two.

mod assemble;
mod attributes;
mod blockinfile;
mod copy;
mod diff;
mod edit;
mod encoding;
mod failures;
mod fetch;
mod file;
mod find;
mod ini_file;
mod lineinfile;
mod mode;
mod patch;
mod permissions;
mod plan;
mod put;
mod regex;
mod replace;
mod slurp;
mod source;
mod stat;
mod steps;
mod synchronize;
mod tempfile;
mod template;
mod text;
mod walk;

use assemble::Assemble;
use blockinfile::Blockinfile;
use copy::Copy;
use fetch::Fetch;
use file::File;
use find::Find;
use ini_file::IniFile;
use lineinfile::Lineinfile;
use patch::Patch;
use replace::Replace;
use slurp::Slurp;
use stat::Stat;
use synchronize::Synchronize;
use tempfile::Tempfile;
use template::Template;

switchover_sdk::export_modules!(
    Assemble,
    Blockinfile,
    Copy,
    Fetch,
    File,
    Find,
    IniFile,
    Lineinfile,
    Patch,
    Replace,
    Slurp,
    Stat,
    Synchronize,
    Tempfile,
    Template
);
