//! Settings of a machine: `sysctl`, `modprobe`, `mount`, `timezone`, `locale_gen`.
//!
//! Each module reads the file that keeps its setting and what the kernel has now in one round trip, and changes both in
//! one more.

mod fstab;
mod locale_gen;
mod look;
mod modprobe;
mod mount;
mod mounted;
mod sysctl;
mod timezone;

use locale_gen::LocaleGen;
use modprobe::Modprobe;
use mount::Mount;
use sysctl::Sysctl;
use timezone::Timezone;

switchover_sdk::export_modules!(LocaleGen, Modprobe, Mount, Sysctl, Timezone);
