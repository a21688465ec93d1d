//! Settings of a machine: `sysctl`, `modprobe`, `mount`, `timezone`, `locale_gen`, `debconf`, `iptables`.
//!
//! Each module reads the file that keeps its setting and what the kernel has now in one round trip, and changes both in
//! one more.

mod alternatives;
mod debconf;
mod fstab;
mod iptables;
mod locale_gen;
mod modprobe;
mod mount;
mod mounted;
mod sysctl;
mod timezone;

use alternatives::Alternatives;
use debconf::Debconf;
use iptables::Iptables;
use locale_gen::LocaleGen;
use modprobe::Modprobe;
use mount::Mount;
use sysctl::Sysctl;
use timezone::Timezone;

switchover_sdk::export_modules!(
    Alternatives,
    Debconf,
    Iptables,
    LocaleGen,
    Modprobe,
    Mount,
    Sysctl,
    Timezone
);
