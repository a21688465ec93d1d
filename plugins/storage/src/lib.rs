//! Disks of a machine: partitions (`parted`), volumes (`lvg`, `lvol`) and file systems (`filesystem`).
//!
//! Each module asks the tool of its name what is there in one round trip and changes that in one more. Whatever may lose
//! data is declared as destroying, and no tool is ever told to go over what it found without that.

mod filesystem;
mod lvg;
mod lvm;
mod lvol;
mod parted;
mod sizes;

use filesystem::Filesystem;
use lvg::Lvg;
use lvol::Lvol;
use parted::Parted;

switchover_sdk::export_modules!(Filesystem, Lvg, Lvol, Parted);
